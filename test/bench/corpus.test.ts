import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readPecMessage } from '../../nodes/pec/message.ts';
import { createWorkFolder, removeFolder } from '../../scripts/folders.ts';
import { readCorpus, SENT_AT, writeCorpora } from './read/corpus.ts';

const PLANS = [
	{ name: 'receipts', count: 6, attachment: 0 },
	{ name: 'own-signers', count: 4, attachment: 0, ownSigners: true },
	{ name: 'envelopes', count: 2, attachment: 70_000 },
];

let folder: string;
beforeAll(async () => {
	folder = createWorkFolder();
	await writeCorpora(folder, PLANS, 'seed');
});
afterAll(() => removeFolder(folder));

const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

it.each([
	['receipts', 6, 6_000, 8_500],
	['own-signers', 4, 6_000, 8_500],
	['envelopes', 2, 95_000, 115_000],
])('%s are %d different verified messages of about that size', async (name, count, low, high) => {
	const { ca, items } = readCorpus(folder, name);
	expect(new Set(items.map(({ raw }) => digest(raw))).size).toBe(count);
	for (const { raw, expected } of items) {
		expect(raw.length).toBeGreaterThan(low);
		expect(raw.length).toBeLessThan(high);
		const message = await readPecMessage(raw, { trust: { issuers: [ca] }, now: SENT_AT });
		expect(message).toMatchObject({ kind: expected.kind, verified: true });
		expect(message.certification?.originalMessageId).toBe(expected.originalMessageId);
		const hashes = message.original?.attachments.map(({ sha256 }) => sha256) ?? [];
		expect(hashes).toEqual(expected.attachments);
	}
});

it('gives every message a signer of its own where it says so', async () => {
	const signers = async (name: string) => {
		const { items } = readCorpus(folder, name);
		const found = items.map(({ raw }) => raw.toString('latin1').split('smime.p7s"\r\n\r\n')[1]);
		return new Set(found.map((text) => text?.slice(200, 400))).size;
	};
	expect(await signers('own-signers')).toBe(4);
	expect(await signers('receipts')).toBe(2);
});
