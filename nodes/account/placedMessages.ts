import type { ImapSession, SearchCriteria } from '../mail/types';
import type { WithheldMessage } from '../mail/notGiven';
import { pecKeyOf } from '../pec/pecKey';
import { headerWindows } from './headerWindows';
import { placeOf, type MailboxPlace } from './mailbox';
import { oneAhead } from './oneAhead';
import { readGiven } from './readAround';

/** What a message is known by, and where it lies: enough to read it whole. */
export interface PlacedMessage {
	readonly pecKey: string;
	readonly place: MailboxPlace;
}

export interface PlacedMessages {
	/** As they came, by INTERNALDATE. */
	readonly placed: readonly PlacedMessage[];
	readonly withheld: readonly WithheldMessage[];
}

/**
 * The messages of a folder, by their headers alone: neither certification data is read nor what they say.
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
): Promise<PlacedMessages> {
	const { account, criteria, signal } = options;
	const folder = await imap.open(options.folder, { readOnly: true });
	if (folder.messages === 0) return { placed: [], withheld: [] };
	const windows = headerWindows(async () => folder, await folder.search(criteria));
	const placed: Array<PlacedMessage & { readonly at: number }> = [];
	const withheld: WithheldMessage[] = [];
	const read = async (uids: number[]) => await readGiven(folder, uids, folder.scan);
	for await (const { result } of oneAhead(windows, read)) {
		signal?.throwIfAborted();
		withheld.push(...result.withheld);
		for (const message of result.given) {
			const { headers, receivedAt, size } = message;
			const place = placeOf(message, folder, account);
			placed.push({ pecKey: pecKeyOf(headers, size), place, at: receivedAt.getTime() });
		}
	}
	return { placed: placed.sort((one, other) => one.at - other.at), withheld };
}
