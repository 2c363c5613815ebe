import { rowOfMessageId } from '../pec/batch';
import { receiptsAmong, REFERENCE } from './evidence';
import { messageFolders } from './messageFolders';
import type { ImapSession } from '../mail/types';
import type { Records } from './records';

/** What every Message-ID of ours begins with. */
const SCHEME = 'pec1.';

/** The newest receipts tell how a provider does it now. */
const NEWEST = 20;

/**
 * Whether receipts of this account are known to name our messages by their Message-ID: once seen, it is kept in the mailbox.
 * @throws MailError
 */
export async function correlationIsSeen(
	session: { imap(): Promise<ImapSession>; records(): Promise<Records> },
	account: string,
): Promise<boolean> {
	const records = await session.records();
	if ((await records.readCorrelation()) !== undefined) return true;
	const isSeen = await hasNamedReceipt(await session.imap(), account);
	if (isSeen) await records.writeCorrelation('messageId');
	return isSeen;
}

async function hasNamedReceipt(imap: ImapSession, account: string): Promise<boolean> {
	const domain = account.slice(account.lastIndexOf('@') + 1);
	const isOurs = (messageId: string) => rowOfMessageId(messageId)?.domain === domain;
	for (const path of await messageFolders(imap)) {
		const folder = await imap.open(path, { readOnly: true });
		if (folder.messages === 0) continue;
		const uids = await folder.search({ header: { [REFERENCE]: SCHEME } });
		const receipts = await receiptsAmong(folder, uids.slice(-NEWEST), isOurs);
		if (receipts.some(({ consistent }) => consistent)) return true;
	}
	return false;
}
