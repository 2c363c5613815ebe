import { cleanUp, type CleanUpOptions, type CleanUpResult } from '../../nodes/account/cleanUp.ts';
import type { CleanUpEvent } from '../../nodes/account/cleanUpTypes.ts';
import type { CopyStore, MessageToCopy } from '../../nodes/account/copyStore.ts';
import { openRecords } from '../../nodes/account/records.ts';
import { openImap } from '../../nodes/mail/imap.ts';
import type { AccountSettings, ImapSession } from '../../nodes/mail/types.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import { RECORDS } from '../servers/recordsRead.ts';

export const STUDIO = 'studio@pec.alfa.test';

/** A storage in memory, which may do what storages do. */
export class MemoryStore implements CopyStore {
	readonly kept = new Map<string, Buffer>();
	puts = 0;
	/** What it gives back instead. */
	spoil: (bytes: Buffer | undefined) => Buffer | undefined = (bytes) => bytes;

	async put({ pecKey, raw }: MessageToCopy): Promise<string> {
		this.puts += 1;
		if (!this.kept.has(pecKey)) this.kept.set(pecKey, Buffer.from(raw));
		return await Promise.resolve(`memory:${pecKey}`);
	}

	async read({ pecKey }: { readonly pecKey: string }): Promise<Buffer | undefined> {
		return await Promise.resolve(this.spoil(this.kept.get(pecKey)));
	}
}

export function settingsOf(sandbox: Sandbox, address: string): AccountSettings {
	const account = sandbox.accounts.find((one) => one.address === address);
	if (!account) throw new Error('the sandbox has no such account');
	const { user, password } = account;
	const { imap, smtp, tlsCa } = sandbox;
	return { address, user, password, imap, smtp, tlsCa };
}

export interface Ran {
	readonly events: CleanUpEvent[];
	/** Absent when it ended by throwing `error`. */
	readonly result: CleanUpResult | undefined;
	readonly error: unknown;
}

export type RunChanges = Partial<Omit<CleanUpOptions, 'criteria'>> & {
	readonly criteria?: Partial<CleanUpOptions['criteria']>;
};

/** One run over a session that is given. */
export async function runOver(
	imap: ImapSession,
	options: { account: string; issuers: readonly string[]; now: () => Date },
	{ criteria, ...changes }: RunChanges = {},
): Promise<Ran> {
	const { account, issuers, now } = options;
	const events: CleanUpEvent[] = [];
	try {
		const run = cleanUp({
			imap,
			account,
			records: await openRecords(imap, { account, now }),
			criteria: { olderThan: new Date(8.64e15), keepUnread: false, ...criteria },
			budget: {},
			comparesBytes: false,
			trust: { issuers },
			now,
			...changes,
		});
		for (;;) {
			const { done, value } = await run.next();
			if (done) return { events, result: value, error: undefined };
			events.push(value);
		}
	} catch (error) {
		return { events, result: undefined, error };
	}
}

/** One run over a connection of its own, to the sandbox. */
export async function runAt(
	sandbox: Sandbox,
	changes: RunChanges = {},
	now: () => Date = () => new Date(),
): Promise<Ran> {
	let imap: ImapSession | undefined;
	try {
		imap = await openImap(settingsOf(sandbox, STUDIO));
		const options = { account: STUDIO, issuers: [sandbox.pecCa], now };
		return await runOver(imap, options, changes);
	} catch (error) {
		return { events: [], result: undefined, error };
	} finally {
		await imap?.close();
	}
}

export function deletedBy({ events }: Ran) {
	return events.flatMap((event) => (event.kind === 'deleted' ? [event.deletion] : []));
}

/** What the records folder says, read without anything of `nodes/`. */
export function recordsIn(sandbox: Sandbox): Array<Record<string, unknown>> {
	const folder = sandbox.store.account(STUDIO)?.folder(RECORDS);
	return (folder?.messages ?? []).flatMap(({ raw }) => {
		const text = raw.toString('latin1');
		const body = Buffer.from(text.slice(text.indexOf('\r\n\r\n') + 4), 'base64');
		return [JSON.parse(body.toString('utf8')) as Record<string, unknown>];
	});
}

export function entriesOf(
	records: ReadonlyArray<Record<string, unknown>>,
	name: 'copies' | 'deletions' | 'planned',
): Array<Record<string, string>> {
	return records.flatMap((record) => (record[name] as Array<Record<string, string>>) ?? []);
}
