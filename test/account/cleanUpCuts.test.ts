import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { archiveMailbox } from '../../nodes/account/archiveMailbox.ts';
import type { CopyStore } from '../../nodes/account/copyStore.ts';
import { openImap } from '../../nodes/mail/imap.ts';
import type { ImapSession } from '../../nodes/mail/types.ts';
import { start, type Sandbox } from '../../sandbox/index.ts';
import { RECORDS } from '../servers/recordsRead.ts';
import { sha256 } from '../sha256.ts';
import { chainFaults, type Entry } from './chainCheck.ts';
import {
	deletedBy,
	entriesOf,
	MemoryStore,
	recordsIn,
	runAt,
	settingsOf,
	STUDIO,
} from './cleanUpDesk.ts';

const ARCHIVE = 'cliente01@pec.beta.test';
const KEPT_IN = 'Archivio';

/** The whole of it over the sandbox, some hundred times. */
const LONGEST_MS = 240_000;

let sandbox: Sandbox;
let letters: Buffer[];

beforeAll(async () => {
	sandbox = await start();
	for (const name of ['uno', 'due', 'tre']) {
		await sandbox.sendAs('cliente02@pec.beta.test', { to: [STUDIO], subject: name, text: name });
	}
	await sandbox.settled();
	letters = inbox().map(({ raw }) => Buffer.from(raw));
});
afterAll(async () => await sandbox?.stop());

const inbox = () => sandbox.store.account(STUDIO)?.folder('INBOX')?.messages ?? [];

function setUp(): void {
	sandbox.faults.clear();
	for (const [address, path] of [
		[STUDIO, 'INBOX'],
		[ARCHIVE, KEPT_IN],
	] as const) {
		const folder = sandbox.store.account(address)?.folder(path);
		folder?.expunge(folder.messages.map(({ uid }) => uid));
	}
	const account = sandbox.store.account(STUDIO);
	if (account?.folder(RECORDS)) account.deleteFolder(RECORDS);
	for (const raw of letters) sandbox.deliverRaw(raw, STUDIO);
}

/** A storage of one run, and what is in it. */
interface Storage {
	open(): Promise<{ store: CopyStore; close(): Promise<void> }>;
	hashes(): Set<string>;
}

function memory(): Storage {
	const store = new MemoryStore();
	return {
		open: async () => ({ store, close: async () => undefined }),
		hashes: () => new Set([...store.kept.values()].map(sha256)),
	};
}

function mailbox(): Storage {
	return {
		open: async () => {
			let imap: ImapSession | undefined;
			const connected = async () => {
				if (imap) return imap;
				const opened = await openImap(settingsOf(sandbox, ARCHIVE));
				void opened.closed.then(() => (imap = undefined));
				return (imap = opened);
			};
			const store = archiveMailbox(connected, { address: ARCHIVE, folderOf: () => KEPT_IN });
			return { store, close: async () => await imap?.close() };
		},
		hashes: () => {
			const folder = sandbox.store.account(ARCHIVE)?.folder(KEPT_IN);
			return new Set((folder?.messages ?? []).map(({ raw }) => sha256(Buffer.from(raw))));
		},
	};
}

async function run(storage: Storage) {
	const { store, close } = await storage.open();
	try {
		return await runAt(sandbox, { store });
	} finally {
		await close();
	}
}

/** What is wrong at this moment. */
function faultsNow(storage: Storage): string[] {
	const kept = storage.hashes();
	const held = new Set(inbox().map(({ raw }) => sha256(Buffer.from(raw))));
	const records = recordsIn(sandbox);
	return [
		...letters
			.map(sha256)
			.filter((hash) => !held.has(hash) && !kept.has(hash))
			.map(() => 'gone without its copy'),
		...entriesOf(records, 'copies')
			.filter((copy) => !kept.has(copy.sha256 ?? ''))
			.map(() => 'a copy recorded that is not there'),
		...letters
			.map(sha256)
			.filter((hash) => !held.has(hash))
			.filter(
				(hash) =>
					![...entriesOf(records, 'planned'), ...entriesOf(records, 'deletions')].some(
						(entry) => entry.sha256 === hash,
					),
			)
			.map(() => 'gone without a record'),
	];
}

async function commandsOfOneRun(storage: Storage): Promise<number> {
	setUp();
	let commands = 0;
	sandbox.faults.add({
		at: 'imap.command',
		times: 'always',
		action: { do: 'call', run: () => (commands += 1) },
	});
	const ran = await run(storage);
	expect(ran.result).toMatchObject({ deleted: { messages: 3 } });
	return commands;
}

describe('a run that is cut off at any of its IMAP commands loses nothing, and the next one finishes:', () => {
	it.each<[string, () => Storage, 'imap.command' | 'imap.done']>([
		['before the command, with a storage', memory, 'imap.command'],
		['after the command, with a storage', memory, 'imap.done'],
		['after the command, in either mailbox', mailbox, 'imap.done'],
	])(
		'%s',
		async (_, makeStorage, at) => {
			const commands = await commandsOfOneRun(makeStorage());
			expect(commands).toBeGreaterThan(30);
			const wrong: string[] = [];
			let interrupted = 0;
			for (let skip = 0; skip < commands; skip += 1) {
				const storage = makeStorage();
				setUp();
				sandbox.faults.add({ at, skip, action: { do: 'drop' } });
				const cut = await run(storage);
				if (cut.error !== undefined || cut.result?.stopped) interrupted += 1;
				const note = (fault: string) => wrong.push(`command ${skip}: ${fault}`);
				faultsNow(storage).forEach(note);
				sandbox.faults.clear();
				const next = await run(storage);
				faultsNow(storage).forEach(note);
				if (inbox().length > 0)
					note(`not finished: ${String(next.error ?? JSON.stringify(next.result))}`);
				const entries = entriesOf(recordsIn(sandbox), 'deletions') as unknown as Entry[];
				chainFaults(entries).forEach(note);
				const told = new Set([...deletedBy(cut), ...deletedBy(next)].map((one) => one.sha256));
				const recorded = new Set(
					entriesOf(recordsIn(sandbox), 'deletions').map((one) => one.sha256),
				);
				if (recorded.size !== 3) note(`only ${recorded.size} deletions are on record`);
				if (told.size < 2 && cut.result !== undefined) note(`only ${told.size} deletions came out`);
			}
			expect(wrong).toEqual([]);
			expect(interrupted).toBeGreaterThan(commands / 3);
		},
		LONGEST_MS,
	);
});
