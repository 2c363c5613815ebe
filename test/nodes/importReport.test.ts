import { describe, expect, it } from 'vitest';
import { parerReport } from '../pec/parerReports.ts';
import { MailboxDesk, ONE, STUDIO } from './mailboxDesk.ts';

interface Imported {
	readonly outcome: string;
	readonly raised: Array<{ sha256: string; level: string; location: string }>;
	readonly already: object[];
	readonly notFound: string[];
	readonly refused: string[];
}

const item = (bytes: Buffer) => ({
	json: {},
	binary: { data: { data: bytes.toString('base64'), mimeType: 'application/octet-stream' } },
});

async function withCheckedCopy() {
	const desk = await MailboxDesk.open();
	await desk.sandbox.sendAs(ONE, { to: [STUDIO], subject: 'Uno', text: '' });
	await desk.sandbox.settled();
	const [raw = Buffer.alloc(0)] = desk.raws();
	const check = async () =>
		await desk.run(
			'preservation:checkCopy',
			{ binaryField: 'data', location: 'sftp://archivio/uno.eml' },
			{ items: [item(raw)] },
		);
	const { outputs } = await check();
	const { sha256 } = outputs[0]?.json.copy as { sha256: string };
	const report = async (bytes: Buffer) => {
		const parameters = { binaryField: 'data', reportFormat: 'parer' };
		const run = await desk.run('preservation:importReport', parameters, { items: [item(bytes)] });
		return run.outputs[0]?.json.report as unknown as Imported;
	};
	const level = async () => {
		const plan = await desk.run('cleanUp:plan', {
			folders: '',
			olderThanDays: 0,
			keepUnread: false,
		});
		return (plan.outputs[0]?.json.plan as { copy: string }).copy;
	};
	return { desk, sha256, check, report, level };
}

describe('Import Report', () => {
	it('raises a checked copy that the report names, keeps where it is, and makes no record of another', async () => {
		const { sha256, check, report, level } = await withCheckedCopy();
		expect(await level()).toBe('checked');
		const unknown = 'f'.repeat(64);
		const done = await report(parerReport([{ hash: sha256 }, { hash: unknown }]));
		expect(done).toMatchObject({
			id: 'urn:rdv:1',
			at: '2026-04-01T10:00:00Z',
			outcome: 'accepted',
			raised: [{ sha256, level: 'handedOver', location: 'sftp://archivio/uno.eml' }],
			notFound: [unknown],
			refused: [],
		});
		expect(await level()).toBe('handedOver');
		const again = await report(parerReport([{ hash: sha256 }]));
		expect(again).toMatchObject({ raised: [], already: [{ sha256 }] });
		// A copy that is checked once more was handed over all the same.
		await check();
		expect(await level()).toBe('handedOver');
	});

	it('raises nothing by a report that says refused', async () => {
		const { sha256, report, level } = await withCheckedCopy();
		const done = await report(parerReport([{ hash: sha256 }], { outcome: 'NEGATIVO' }));
		expect(done).toMatchObject({ outcome: 'refused', raised: [], refused: [sha256] });
		expect(await level()).toBe('checked');
	});

	it('refuses a file that is no report', async () => {
		const { report } = await withCheckedCopy();
		await expect(report(Buffer.from('<html/>'))).rejects.toThrow(
			/cannot be read as a submission report/,
		);
	});
});
