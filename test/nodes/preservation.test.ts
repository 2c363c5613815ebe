import { describe, expect, it } from 'vitest';
import { pecKeyOf } from '../../nodes/pec/pecKey.ts';
import { faultsOfBag, unzip } from '../pec/bagChecker.ts';
import { keptInItem } from './executeFunctions.ts';
import { MailboxDesk, ONE, STUDIO, TWO } from './mailboxDesk.ts';
import { sha256 } from '../sha256.ts';

const keyOf = (raw: Buffer) => pecKeyOf(raw, raw.length);
const locator = (value: string) => value;

async function withMail(): Promise<MailboxDesk> {
	const desk = await MailboxDesk.open();
	await desk.sandbox.sendAs(STUDIO, { to: [ONE], subject: 'Avviso', text: 'Buongiorno' });
	await desk.sandbox.settled();
	await desk.sandbox.advance(60_000);
	await desk.sandbox.sendAs(ONE, { to: [STUDIO], subject: 'Risposta', text: 'Grazie' });
	await desk.sandbox.settled();
	return desk;
}

/** A store that has no room for delivery receipts. */
const fullForDeliveries: typeof keptInItem = async (content, fileName, mimeType) => {
	if (fileName?.includes('consegna')) throw new Error('ENOSPC: no space left on device, write');
	return await keptInItem(content, fileName, mimeType);
};

const packed = { threadsFrom: 'period', ownerName: 'Studio', outputField: 'data' };

interface Packed {
	readonly part: number;
	readonly parts: number;
	readonly file: { fileName: string; size: number; sha256: string };
	readonly threads: Array<{ direction: string; subject: string; complete: boolean }>;
	readonly files: Array<{ path: string; role: string; sha256: string; size: number }>;
	readonly leftOut?: Array<{ because: string; missing: object[]; subject: string }>;
}

describe('Export', () => {
	it('puts out all messages of a folder and period, oldest first, under names that tell them apart', async () => {
		const desk = await withMail();
		const { outputs } = await desk.run('preservation:export', {
			messagesFrom: 'period',
			folder: locator('INBOX'),
			outputField: 'data',
		});
		const raws = desk.raws();
		expect(raws).toHaveLength(3);
		expect(outputs.map(({ json }) => json.sha256)).toEqual(raws.map(sha256));
		expect(outputs.map(({ files }) => sha256(files.get('data')?.bytes ?? Buffer.alloc(0)))).toEqual(
			raws.map(sha256),
		);
		expect(
			outputs.map(({ json }) => String(json.fileName).replace(/^[\d_-]+|_[0-9a-f]{12}/g, '')),
		).toEqual([`accettazione_${ONE}.eml`, `consegna_${ONE}.eml`, `ricevuto_${ONE}.eml`]);
		const none = await desk.run('preservation:export', {
			messagesFrom: 'period',
			folder: locator('INBOX'),
			before: '2020-01-01',
			outputField: 'data',
		});
		expect(none.outputs).toEqual([]);
	});

	it('puts out the message of each item, and says of one that it is gone', async () => {
		const desk = await withMail();
		const keys = [...desk.raws().map(keyOf).reverse(), `${'0'.repeat(64)}-123`];
		const { outputs } = await desk.run(
			'preservation:export',
			{ messagesFrom: 'items', pecKey: keys, outputField: 'data' },
			{ items: keys.map(() => ({ json: {} })), continueOnFail: true },
		);
		expect(outputs.map(({ json }) => json.sha256)).toEqual([
			...desk.raws().map(sha256).reverse(),
			undefined,
		]);
		expect(outputs.at(-1)?.json.error).toMatch(/not in the mailbox any more/);
	});

	it.each(['preservation:export', 'message:getMany'])(
		'is not ended by a message that the server lists and does not give, and names it: %s',
		async (operation) => {
			const desk = await withMail();
			// All three are asked for, then the first two, then the first.
			const action = { do: 'answer', status: 'NO' } as const;
			desk.sandbox.faults.add({ at: 'imap.command', command: 'UID FETCH', times: 3, action });
			const asked = { messagesFrom: 'period', folders: 'one', folder: locator('INBOX') };
			const { outputs } = await desk.run(
				operation,
				{ ...asked, returnAll: true, filters: {}, outputField: 'data' },
				{ continueOnFail: true },
			);
			const [lost, ...given] = desk.raws().map(keyOf);
			const keys = outputs.map(({ json }) => json.pecKey);
			expect(keys.filter((key) => key !== undefined).sort()).toEqual(given.sort());
			expect(lost).toBeDefined();
			const [named] = outputs.filter(({ json }) => json.pecKey === undefined);
			expect(named?.json).toMatchObject(
				operation === 'message:getMany'
					? { kind: 'unreadable', mailbox: { folder: 'INBOX', uid: 1 } }
					: { error: expect.stringMatching(/lists message 1 in "INBOX", and does not give it/) },
			);
		},
	);

	describe('of large messages', () => {
		/** Each has a window of its own. */
		async function withLarge(bytes: number, count: number): Promise<MailboxDesk> {
			const desk = await MailboxDesk.open();
			const inbox = desk.sandbox.store.account(STUDIO)?.folder('INBOX');
			for (let number = 1; number <= count; number += 1) {
				const line = `${String(number).padStart(74, '.')}\r\n`;
				const body = line.repeat(Math.ceil(bytes / line.length));
				const header = `From: ${ONE}\r\nTo: ${STUDIO}\r\nSubject: grande ${number}\r\n\r\n`;
				inbox?.append(Buffer.from(header + body), { internalDate: new Date(number * 1000) });
			}
			return desk;
		}
		const asked = { messagesFrom: 'period', folder: locator('INBOX'), outputField: 'data' };

		it('ended as if it were whole when the connection was cut in the middle and the flow went on', async () => {
			const desk = await withLarge(3_000_000, 4);
			const hashes = desk.raws().map(sha256);
			let parts = 0;
			for (let command = 0; ; command += 1) {
				desk.sandbox.faults.clear();
				const action = { do: 'drop' } as const;
				const name = 'UID FETCH';
				desk.sandbox.faults.add({ at: 'imap.command', command: name, skip: command, action });
				const run = await desk.run('preservation:export', asked, { continueOnFail: true });
				const got = run.outputs.flatMap(({ json }) => json.sha256 ?? []);
				const failed = run.outputs.filter(({ json }) => json.error !== undefined);
				expect(got).toEqual(hashes.slice(0, got.length));
				if (got.length === hashes.length && failed.length === 0) break;
				expect(failed).toHaveLength(1);
				if (got.length > 0) parts += 1;
			}
			expect(parts).toBeGreaterThan(0);
		});

		it('says that one left, and not that the server keeps it back, when it is removed while it is read', async () => {
			const desk = await withLarge(7_000_000, 1);
			const raws = desk.raws();
			const told = new Set<string>();
			for (let command = 0; command < 8; command += 1) {
				desk.sandbox.faults.clear();
				const inbox = desk.sandbox.store.account(STUDIO)?.folder('INBOX');
				inbox?.expunge(inbox.messages.map(({ uid }) => uid));
				for (const raw of raws) inbox?.append(raw, { internalDate: new Date(1000) });
				const action = { do: 'deleteMessages', folder: 'INBOX' } as const;
				const name = 'UID FETCH';
				desk.sandbox.faults.add({ at: 'imap.command', command: name, skip: command, action });
				const run = await desk.run('preservation:export', asked, { continueOnFail: true });
				for (const { json } of run.outputs) if (json.error) told.add(String(json.error));
			}
			expect([...told].join()).toMatch(/Message \d+ left "INBOX" while it was read/);
			expect([...told].join()).not.toMatch(/does not give it/);
		});
	});

	it('says of the one message whose file n8n cannot keep that it has none, and puts out the others', async () => {
		const desk = await withMail();
		const keys = desk.raws().map(keyOf);
		const given = { items: keys.map(() => ({ json: {} })), prepareBinaryData: fullForDeliveries };
		const asked = { messagesFrom: 'items', pecKey: keys, outputField: 'data' };
		const run = desk.run('preservation:export', asked, { ...given, continueOnFail: true });
		const { outputs } = await run;
		expect(outputs.map(({ json }) => json.sha256)).toEqual(
			desk.raws().map((raw, index) => (index === 1 ? undefined : sha256(raw))),
		);
		expect(outputs[1]?.json.error).toMatch(/could not keep the file/);
		await expect(desk.run('preservation:export', asked, given)).rejects.toThrow(
			/could not keep the file/,
		);
	});

	it('puts out a message as often as it is asked for', async () => {
		const desk = await withMail();
		const [first = Buffer.alloc(0)] = desk.raws();
		const keys = [first, first].map(keyOf);
		const { outputs } = await desk.run(
			'preservation:export',
			{ messagesFrom: 'items', pecKey: keys, outputField: 'data' },
			{ items: keys.map(() => ({ json: {} })) },
		);
		expect(outputs.map(({ json }) => json.sha256)).toEqual([sha256(first), sha256(first)]);
	});

	it('refuses a period that ends before it begins', async () => {
		const desk = await MailboxDesk.open();
		const run = desk.run('preservation:export', {
			messagesFrom: 'period',
			folder: locator('INBOX'),
			since: '2026-02-01',
			before: '2026-01-01',
			outputField: 'data',
		});
		await expect(run).rejects.toThrow(/not later/);
	});
});

describe('Build Package', () => {
	it('packs whole threads, and names what is not complete', async () => {
		const desk = await withMail();
		desk.sandbox.holdDeliveries();
		await desk.sandbox.sendAs(STUDIO, { to: [TWO], subject: 'In viaggio', text: '...' });
		await desk.sandbox.settled();
		const { outputs, hints } = await desk.run('preservation:buildPackage', packed);
		expect(outputs).toHaveLength(1);
		const [output] = outputs;
		const about = output?.json.package as unknown as Packed;
		const zip = output?.files.get('data')?.bytes ?? Buffer.alloc(0);
		expect(about.file).toMatchObject({ size: zip.length, sha256: sha256(zip) });
		const files = await unzip(zip);
		expect(faultsOfBag(files)).toEqual([]);
		expect(about.threads).toMatchObject([
			{ direction: 'sent', subject: 'Avviso', complete: true },
			{ direction: 'received', subject: 'Risposta', complete: true },
		]);
		expect(about.files.map(({ role }) => role)).toEqual(['acceptance', 'delivery', 'received']);
		expect(about.files.map((file) => file.sha256).sort()).toEqual(
			desk.raws().slice(0, 3).map(sha256).sort(),
		);
		expect(about.leftOut).toMatchObject([
			{
				because: 'incomplete',
				subject: 'In viaggio',
				missing: [{ part: 'outcome', recipient: TWO }],
			},
		]);
		expect(hints.join()).toMatch(/left out/);
		expect(JSON.stringify([...files.keys(), about])).not.toMatch(/a norma/i);
	});

	it('makes further ZIPs, each a bag of its own, when one would be too large', async () => {
		const desk = await MailboxDesk.open();
		const content = Buffer.alloc(500_000, 'abcdefgh');
		for (const subject of ['Uno', 'Due', 'Tre']) {
			const attachments = [{ filename: 'grande.bin', content }];
			await desk.sandbox.sendAs(ONE, { to: [STUDIO], subject, text: '', attachments });
		}
		await desk.sandbox.settled();
		const { outputs } = await desk.run('preservation:buildPackage', {
			...packed,
			options: { splitAt: 1, packageName: 'marzo' },
		});
		const names = outputs.map(({ files }) => files.get('data')?.fileName);
		expect(names).toEqual(['marzo_1-di-3.zip', 'marzo_2-di-3.zip', 'marzo_3-di-3.zip']);
		for (const { files } of outputs) {
			const bag = await unzip(files.get('data')?.bytes ?? Buffer.alloc(0));
			expect(faultsOfBag(bag)).toEqual([]);
		}
		const packages = outputs.map(({ json }) => json.package as unknown as Packed);
		expect(packages.map(({ part, parts }) => [part, parts])).toEqual([
			[1, 3],
			[2, 3],
			[3, 3],
		]);
	});

	it('packs the threads of items whole, whichever of their messages is named', async () => {
		const desk = await withMail();
		const [acceptance] = desk.raws();
		const { outputs } = await desk.run('preservation:buildPackage', {
			...packed,
			threadsFrom: 'items',
			pecKey: keyOf(acceptance ?? Buffer.alloc(0)),
		});
		const about = outputs[0]?.json.package as unknown as Packed;
		expect(about.files.map(({ role }) => role)).toEqual(['acceptance', 'delivery']);
	});

	it('says that there is nothing to pack', async () => {
		const desk = await withMail();
		const { outputs } = await desk.run('preservation:buildPackage', {
			...packed,
			since: '2100-01-01',
		});
		expect(outputs).toMatchObject([{ json: { package: { parts: 0, threads: [], leftOut: [] } } }]);
		expect(outputs[0]?.files.size).toBe(0);
	});

	it('refuses a tax ID that the index cannot carry', async () => {
		const desk = await MailboxDesk.open();
		const run = desk.run('preservation:buildPackage', { ...packed, options: { taxId: '0123456' } });
		await expect(run).rejects.toThrow(/Tax ID/);
	});
});
