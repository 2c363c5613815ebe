import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { RESERVE_BYTES } from '../../nodes/account/reserve.ts';
import { start, type Sandbox } from '../../sandbox/index.ts';
import { asOwner } from '../servers/sandboxAccount.ts';
import { RECORDS } from '../servers/recordsRead.ts';
import { sha256 } from '../sha256.ts';
import { chainFaults, type Entry } from './chainCheck.ts';
import { deletedBy, entriesOf, MemoryStore, recordsIn, runAt, STUDIO } from './cleanUpDesk.ts';

let sandbox: Sandbox;
let store: MemoryStore;
/** As a provider delivered them. */
let letters: Buffer[];

const account = () => {
	const found = sandbox.store.account(STUDIO);
	if (!found) throw new Error('there is no such account');
	return found;
};
const inbox = () => account().folder('INBOX')?.messages ?? [];

beforeAll(async () => {
	sandbox = await start();
	for (const name of ['uno', 'due', 'tre', 'quattro']) {
		await sandbox.sendAs('cliente02@pec.beta.test', { to: [STUDIO], subject: name, text: name });
	}
	await sandbox.settled();
	letters = inbox().map(({ raw }) => Buffer.from(raw));
});
afterAll(async () => await sandbox?.stop());

beforeEach(() => {
	sandbox.faults.clear();
	sandbox.withoutCapabilities([]);
	store = new MemoryStore();
	account().quotaLimit = 1024 ** 3;
	const folder = account().folder('INBOX');
	folder?.expunge(folder.messages.map(({ uid }) => uid));
	if (account().folder(RECORDS)) account().deleteFolder(RECORDS);
	for (const raw of letters) sandbox.deliverRaw(raw, STUDIO);
});

describe('copy and delete', () => {
	it('copies what only lacks a copy, and deletes it when that is on record', async () => {
		const ran = await runAt(sandbox, { store });
		expect(ran.error).toBeUndefined();
		expect(ran.result).toMatchObject({
			deleted: { messages: 4 },
			copied: { messages: 4 },
			left: { messages: 0 },
			kept: 0,
		});
		expect(inbox()).toHaveLength(0);
		expect([...store.kept.values()].map(sha256).sort()).toEqual(letters.map(sha256).sort());
		const deleted = deletedBy(ran);
		expect(deleted.map((one) => one.sha256).sort()).toEqual(letters.map(sha256).sort());
		expect(chainFaults(deleted)).toEqual([]);
		const records = recordsIn(sandbox);
		expect(entriesOf(records, 'deletions')).toEqual(deleted);
		expect(entriesOf(records, 'planned')).toEqual([]);
		expect(
			entriesOf(records, 'copies')
				.map((one) => one.sha256)
				.sort(),
		).toEqual(letters.map(sha256).sort());
	});

	it('tells how full the mailbox was, and is', async () => {
		account().quotaLimit = account().usedBytes * 2;
		const { result } = await runAt(sandbox, { store });
		expect(result?.percentBefore).toBeGreaterThan(45);
		expect(result?.percentAfter).toBeLessThan(40);
		expect(result?.deleted.bytes).toBe(letters.reduce((sum, { length }) => sum + length, 0));
	});

	it('keeps a seal that does not hold, although it is copied', async () => {
		const text = letters[0]?.toString('latin1') ?? '';
		const forged = Buffer.from(text.replace('Il giorno', 'Il Giorno'), 'latin1');
		forged.write('X', forged.indexOf('Message-ID: <') + 14, 'latin1');
		expect(forged.equals(letters[0] ?? Buffer.alloc(0))).toBe(false);
		sandbox.deliverRaw(forged, STUDIO);
		const ran = await runAt(sandbox, { store });
		expect(ran.result).toMatchObject({ deleted: { messages: 4 }, copied: { messages: 5 } });
		expect(inbox().map(({ raw }) => sha256(raw))).toEqual([sha256(forged)]);
		const again = await runAt(sandbox, { store });
		expect(again.result).toMatchObject({ copied: { messages: 0 }, kept: 1 });
	});

	it.each<[string, (bytes: Buffer | undefined) => Buffer | undefined, string]>([
		[
			'other bytes',
			(bytes) => Buffer.from(bytes?.toString('latin1').replace('e', 'E') ?? '', 'latin1'),
			'copyDiffers',
		],
		['truncated bytes', (bytes) => bytes?.subarray(0, -1), 'copyDiffers'],
		['an error page', () => Buffer.from('<html>502 Bad Gateway</html>'), 'copyDiffers'],
		['nothing', () => undefined, 'copyMissing'],
	])(
		'of a store that gives back %s deletes nothing, and records no copy',
		async (_, spoil, because) => {
			store.spoil = spoil;
			const ran = await runAt(sandbox, { store });
			expect(ran.events).toMatchObject(letters.map(() => ({ kind: 'kept', because })));
			expect(inbox()).toHaveLength(4);
			expect(entriesOf(recordsIn(sandbox), 'copies')).toEqual([]);
		},
	);

	it('stops after five copies in a row that are none', async () => {
		for (const raw of letters) sandbox.deliverRaw(raw, STUDIO);
		store.spoil = () => undefined;
		const ran = await runAt(sandbox, { store });
		expect(store.puts).toBe(5);
		expect(ran.result).toMatchObject({ stopped: { because: 'copiesFail' } });
	});

	it('goes oldest first within its budget, and says what is left', async () => {
		const ran = await runAt(sandbox, { store, budget: { maxMessages: 3 } });
		expect(ran.result).toMatchObject({
			deleted: { messages: 3 },
			left: { messages: 1 },
			stopped: { because: 'budget' },
		});
		const next = await runAt(sandbox, { store, budget: { maxMessages: 3 } });
		expect(next.result).toMatchObject({ deleted: { messages: 1 }, left: { messages: 0 } });
		expect(next.result).not.toHaveProperty('stopped');
		expect(chainFaults([...deletedBy(ran), ...deletedBy(next)])).toEqual([]);
	});

	it('begins nothing when its time is over, or it is cancelled', async () => {
		const late = await runAt(sandbox, { store, budget: { maxMs: 0 } });
		expect(late.result).toMatchObject({ left: { messages: 4 }, stopped: { because: 'time' } });
		const cancelled = await runAt(sandbox, { store, signal: AbortSignal.abort() });
		expect(cancelled.error).toMatchObject({ code: 'cancelled' });
		expect(inbox()).toHaveLength(4);
	});

	it('one message that cannot be read keeps no other from being copied', async () => {
		sandbox.faults.add({
			at: 'imap.command',
			command: 'UID FETCH',
			skip: 2,
			action: { do: 'answer', status: 'NO' },
		});
		const ran = await runAt(sandbox, { store });
		const next = await runAt(sandbox, { store });
		expect(deletedBy(ran).length + deletedBy(next).length).toBe(4);
	});
});

describe('a server that', () => {
	it('cannot delete single messages is refused before anything is done', async () => {
		sandbox.withoutCapabilities(['UIDPLUS']);
		const { error } = await runAt(sandbox, { store });
		expect(error).toMatchObject({ code: 'notSupported' });
		expect((error as Error).message).toMatch(/UIDPLUS/);
		expect(store.puts).toBe(0);
	});

	it.each(['UID EXPUNGE', 'UID STORE'])(
		'says OK to %s and does nothing is found out',
		async (command) => {
			sandbox.faults.add({
				at: 'imap.command',
				command,
				times: 'always',
				action: { do: 'ignore' },
			});
			const ran = await runAt(sandbox, { store });
			expect(deletedBy(ran)).toEqual([]);
			expect(ran.result).toMatchObject({ stopped: { because: 'notRemoved', folder: 'INBOX' } });
			expect(inbox()).toHaveLength(4);
			expect(entriesOf(recordsIn(sandbox), 'deletions')).toEqual([]);
		},
	);

	it('removes more than it was asked to is stopped', async () => {
		sandbox.faults.add({
			at: 'imap.command',
			command: 'UID EXPUNGE',
			action: { do: 'deleteMessages', folder: 'INBOX' },
		});
		const ran = await runAt(sandbox, {
			store,
			criteria: { olderThan: new Date(8.64e15) },
			budget: { maxMessages: 1 },
		});
		expect(ran.result?.stopped).toMatchObject({ because: 'othersGone', uids: { length: 3 } });
	});

	it('numbers a folder anew between plan and deletion keeps everything', async () => {
		sandbox.faults.add({
			at: 'imap.done',
			command: 'APPEND',
			action: { do: 'resetUidValidity', folder: 'INBOX' },
		});
		await runAt(sandbox, { store });
		expect(inbox()).toHaveLength(4);
		const next = await runAt(sandbox, { store });
		expect(deletedBy(next)).toHaveLength(4);
	});

	it('is cut off after the deletion, before its record: the next run shows what went, and where its copy is', async () => {
		sandbox.faults.add({ at: 'imap.done', command: 'UID EXPUNGE', action: { do: 'drop' } });
		const cut = await runAt(sandbox, { store });
		expect(inbox()).toHaveLength(0);
		expect(deletedBy(cut)).toEqual([]);
		expect(entriesOf(recordsIn(sandbox), 'planned')).toHaveLength(4);
		const next = await runAt(sandbox, { store });
		expect(
			deletedBy(next)
				.map((one) => [one.sha256, one.foundGone])
				.sort(),
		).toEqual(letters.map((raw) => [sha256(raw), true]).sort());
		expect(deletedBy(next).every(({ location }) => location?.startsWith('memory:'))).toBe(true);
		expect(entriesOf(recordsIn(sandbox), 'planned')).toEqual([]);
		expect(chainFaults(deletedBy(next))).toEqual([]);
	});
});

describe('a person who meanwhile', () => {
	const beforeDeletion = (work: Parameters<typeof asOwner<unknown>>[2]) =>
		sandbox.faults.add({
			at: 'imap.done',
			command: 'APPEND',
			action: {
				do: 'call',
				run: async () =>
					await asOwner(sandbox, STUDIO, async (client) => {
						await client.mailboxOpen('INBOX');
						await work(client);
					}),
			},
		});

	it('flags a message keeps it', async () => {
		const [first] = inbox();
		beforeDeletion(
			async (client) =>
				await client.messageFlagsAdd(String(first?.uid), ['\\Flagged'], { uid: true }),
		);
		const ran = await runAt(sandbox, { store });
		expect(ran.events).toContainEqual(
			expect.objectContaining({ kind: 'kept', because: 'flagged' }),
		);
		expect(inbox().map(({ uid }) => uid)).toEqual([first?.uid]);
	});

	it('moves or deletes one stops nothing', async () => {
		const [first, second] = inbox();
		beforeDeletion(async (client) => {
			await client.messageMove(String(first?.uid), 'Archivio', { uid: true });
			await client.messageDelete(String(second?.uid), { uid: true });
		});
		const ran = await runAt(sandbox, { store });
		expect(ran.result).toMatchObject({ deleted: { messages: 2 } });
		expect(ran.result).not.toHaveProperty('stopped');
		const archived = account().folder('Archivio');
		expect(archived?.messages).toHaveLength(1);
		archived?.expunge(archived.messages.map(({ uid }) => uid));
	});
});

describe('two clean-ups at once', () => {
	it('delete everything once, stop at nothing, and leave one chain', async () => {
		for (let times = 0; times < 3; times += 1)
			for (const raw of letters) sandbox.deliverRaw(raw, STUDIO);
		const both = await Promise.all([runAt(sandbox, { store }), runAt(sandbox, { store })]);
		expect(both.map(({ error }) => error)).toEqual([undefined, undefined]);
		expect(both.map(({ result }) => result?.stopped)).toEqual([undefined, undefined]);
		expect(inbox()).toHaveLength(0);
		await runAt(sandbox, { store });
		const entries = entriesOf(recordsIn(sandbox), 'deletions') as unknown as Entry[];
		expect(new Set(entries.map(({ hash }) => hash)).size).toBeGreaterThanOrEqual(16);
		const begins = entries.filter(({ previous }) => previous === undefined);
		expect(begins.length).toBeLessThanOrEqual(2);
		expect(entriesOf(recordsIn(sandbox), 'planned')).toEqual([]);
	});
});

describe('a full mailbox', () => {
	const ballast = () =>
		account()
			.folder(RECORDS)
			?.messages.filter(({ raw }) =>
				/^Subject: .* ballast\r$/m.test(raw.toString('latin1', 0, 2_000)),
			) ?? [];

	it('is emptied in the room of the reserve, which is put back', async () => {
		await runAt(sandbox, { store });
		expect(ballast()).toHaveLength(1);
		for (const raw of letters)
			sandbox.deliverRaw(Buffer.concat([raw, Buffer.from(`${'x'.repeat(200_000)}\r\n`)]), STUDIO);
		account().quotaLimit = account().usedBytes;
		const ran = await runAt(sandbox, { store, criteria: { keepUnverified: false } });
		expect(ran.error).toBeUndefined();
		expect(ran.result).toMatchObject({ deleted: { messages: 4 } });
		expect(ballast()).toHaveLength(1);
		expect(ballast()[0]?.raw.length).toBeGreaterThan(RESERVE_BYTES);
	});

	it('without a reserve says what to do, and nothing is deleted', async () => {
		account().quotaLimit = account().usedBytes;
		account().createFolder(RECORDS);
		const { error } = await runAt(sandbox, { store });
		expect(error).toMatchObject({ code: 'overQuota', retry: 'later' });
		expect(inbox()).toHaveLength(4);
	});
});
