import type { Flagging } from './types';
import type { ImapClient } from './imapClient';
import type { Selection } from './openFolder';
import { readOnlyFolder, refused } from './imapError';
import { uidWindows } from './uidWindows';
import type { ServerName } from './connectionError';

const FLAG_WINDOW = 200;

export interface FlagChange {
	readonly uids: readonly number[];
	readonly flags: readonly string[];
	readonly to: 'set' | 'cleared';
}

/** Adds flags in a selected folder, or takes them away; `inFolder` holds it while work is done. @throws MailError */
export async function changeFlags(
	client: ImapClient,
	{ path, readOnly }: Selection,
	{ server, inFolder }: { server: ServerName; inFolder<T>(work: () => Promise<T>): Promise<T> },
	{ uids, flags, to }: FlagChange,
): Promise<Flagging> {
	const flagged: number[] = [];
	const missing: number[] = [];
	const wanted = flags.map((flag) => flag.toLowerCase());
	for (const window of uidWindows(uids, FLAG_WINDOW)) {
		await inFolder(async () => {
			// A server may open for reading only what SELECT asked to write, and imapflow's STORE then says false.
			if (readOnly || (client.mailbox && client.mailbox.readOnly)) throw readOnlyFolder(path);
			// Its answer tells little (servers also say NO when one of many is gone): what counts is looked at below.
			const options = { uid: true, silent: true };
			if (to === 'set') await client.messageFlagsAdd(window.set, [...flags], options);
			else await client.messageFlagsRemove(window.set, [...flags], options);
			const rows = await client.fetchAll(window.set, { uid: true, flags: true }, { uid: true });
			const found = new Map<number, ReadonlySet<string>>();
			for (const { uid, flags: has = found.get(uid) } of rows) found.set(uid, has ?? new Set());
			for (const uid of window.uids) {
				const has = found.get(uid);
				if (has === undefined) missing.push(uid);
				else if (isDone(has, wanted, to)) flagged.push(uid);
				else throw refused(server);
			}
		});
	}
	return { flagged, missing };
}

/** Flags are case-insensitive (RFC 3501 9). */
function isDone(
	flags: ReadonlySet<string>,
	wanted: readonly string[],
	to: FlagChange['to'],
): boolean {
	const lower = new Set([...flags].map((flag) => flag.toLowerCase()));
	return wanted.every((flag) => lower.has(flag) === (to === 'set'));
}
