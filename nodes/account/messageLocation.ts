import type { ImapSession } from '../mail/types';
import { unless } from '../mail/errors';
import { addTo } from '../pec/groups';
import { pecKeyOf } from '../pec/pecKey';
import { listedOf, scanByPecKey, type ListedMessage } from './mailbox';
import { messageFolders } from './messageFolders';
import type { WantedMessage } from './wholeMessages';

/**
 * These messages by headers and certification data, where they lie now: those first that lie where they were last seen.
 * What is in no folder is left out.
 * @throws MailError
 */
export async function locateMessages(
	{ imap, account }: { readonly imap: ImapSession; readonly account: string },
	wanted: readonly WantedMessage[],
): Promise<ListedMessage[]> {
	const found: ListedMessage[] = [];
	const missing = new Set(wanted.map(({ pecKey }) => pecKey));
	const take = (messages: readonly ListedMessage[]): void => {
		for (const message of messages) if (missing.delete(message.pecKey)) found.push(message);
	};
	const hints = new Map<string, Array<NonNullable<WantedMessage['hint']>>>();
	for (const { hint } of wanted) if (hint?.uid !== undefined) addTo(hints, hint.folder, hint);
	for (const [path, group] of hints) {
		const folder = await unless('folderMissing', imap.open(path, { readOnly: true }));
		if (!folder) continue;
		const uids = group.flatMap(({ uid, uidValidity }) =>
			uid === undefined || (uidValidity ?? folder.uidValidity) !== folder.uidValidity ? [] : [uid],
		);
		const scanned = (await folder.scan(uids)).filter(({ headers, size }) =>
			missing.has(pecKeyOf(headers, size)),
		);
		take(await listedOf(folder, scanned, account));
	}
	for (const path of missing.size > 0 ? await messageFolders(imap) : []) {
		const folder = await imap.open(path, { readOnly: true });
		for (const pecKey of [...missing]) {
			const scanned = await scanByPecKey(folder, pecKey);
			take(await listedOf(folder, scanned.slice(0, 1), account));
		}
	}
	return found;
}
