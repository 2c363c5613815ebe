import type { ImapSession } from '../mail/types';
import { pecKeyOf } from '../pec/pecKey';
import { listedOf, scanByPecKey, type ListedMessage } from './mailbox';
import { hintedFolders, type WantedMessage } from './hintedFolders';
import { messageFolders } from './messageFolders';
import { readAround } from './readAround';

/**
 * These messages by headers and certification data, where they lie now: those first that lie where they were last seen.
 * What is in no folder is left out, and so is what the server does not give.
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
	const open = async (path: string) => await imap.open(path, { readOnly: true });
	for await (const { folder, pecKeys } of hintedFolders(open, wanted)) {
		const scanned = (await readAround([...pecKeys.keys()], folder.scan)).filter(
			({ uid, headers, size }) => pecKeys.get(uid) === pecKeyOf(headers, size),
		);
		take(await listedOf(folder, scanned, account));
	}
	for (const path of missing.size > 0 ? await messageFolders(imap) : []) {
		const folder = await open(path);
		for (const pecKey of [...missing]) {
			const { given } = await scanByPecKey(folder, pecKey);
			take(await listedOf(folder, given.slice(0, 1), account));
		}
	}
	return found;
}
