import type { ImapSession, SearchCriteria } from '../mail/types';
import { pecKeyOf } from '../pec/pecKey';
import { headerWindows } from './headerWindows';
import { placeOf, type MailboxPlace } from './mailbox';
import { oneAhead } from './oneAhead';

/** What a message is known by, and where it lies: enough to read it whole. */
export interface PlacedMessage {
	readonly pecKey: string;
	readonly place: MailboxPlace;
}

/**
 * The messages of a folder, by their headers alone: neither certification data is read nor what they say.
 * @returns as they came, by INTERNALDATE
 * @throws MailError
 */
export async function placedMessages(
	imap: ImapSession,
	options: {
		readonly account: string;
		readonly folder: string;
		readonly criteria: SearchCriteria;
		readonly signal?: AbortSignal;
	},
): Promise<PlacedMessage[]> {
	const { account, criteria, signal } = options;
	const folder = await imap.open(options.folder, { readOnly: true });
	if (folder.messages === 0) return [];
	const windows = headerWindows(async () => folder, await folder.search(criteria));
	const placed: Array<PlacedMessage & { readonly at: number }> = [];
	for await (const { result } of oneAhead(windows, async (uids) => await folder.scan(uids))) {
		signal?.throwIfAborted();
		for (const message of result) {
			const { headers, receivedAt, size } = message;
			const place = placeOf(message, folder, account);
			placed.push({ pecKey: pecKeyOf(headers, size), place, at: receivedAt.getTime() });
		}
	}
	return placed.sort((one, other) => one.at - other.at);
}
