import { OUR_MARK, rowOfMessageId } from '../pec/batch';
import type { ReceiptEvidence } from '../pec/types';
import { RECEIPT_TYPES, wireOf } from '../pec/vocabulary';
import { matchingOfAll, readUnnamed, receiptsAmong, REFERENCE } from './evidence';
import { messageFolders } from './messageFolders';
import type { ImapSession } from '../mail/types';
import type { Correlation, Records } from './records';

/**
 * Also of a non-acceptance. Both are written by the account's own provider: what a recipient's provider writes tells nothing of
 * how the account's does it.
 */
const ACCEPTANCE = { 'X-Ricevuta': wireOf(RECEIPT_TYPES, 'acceptance') };

/** The newest receipts tell how a provider does it now. */
const NEWEST = 20;

/**
 * How receipts of this account are known to tell our messages; once seen, it is kept in the mailbox.
 * @returns `undefined` while no receipt showed it
 * @throws MailError
 */
export async function correlationSeen(
	session: { imap(): Promise<ImapSession>; records(): Promise<Records> },
	account: string,
): Promise<Correlation | undefined> {
	const records = await session.records();
	const known = await records.readCorrelation();
	if (known) return known;
	const imap = await session.imap();
	const seen: Correlation | undefined = (await hasNamedReceipt(imap, account))
		? 'messageId'
		: (await hasHiddenReceipt(imap, records, account))
			? 'certification'
			: undefined;
	if (seen) await records.writeCorrelation(seen);
	return seen;
}

async function hasNamedReceipt(imap: ImapSession, account: string): Promise<boolean> {
	const domain = account.slice(account.lastIndexOf('@') + 1);
	const isOurs = (messageId: string) => rowOfMessageId(messageId)?.domain === domain;
	for (const path of await messageFolders(imap)) {
		const folder = await imap.open(path, { readOnly: true });
		if (folder.messages === 0) continue;
		const uids = await folder.search({ header: { ...ACCEPTANCE, [REFERENCE]: OUR_MARK } });
		const receipts = await receiptsAmong(folder, uids.slice(-NEWEST), isOurs);
		if (receipts.some(isProof)) return true;
	}
	return false;
}

/** Whether the account's own provider wrote a receipt of a sending that only its certification data tells. */
async function hasHiddenReceipt(
	imap: ImapSession,
	records: Records,
	account: string,
): Promise<boolean> {
	const matching = await matchingOfAll(records, account);
	const named: ReceiptEvidence[] = [];
	for (const path of await messageFolders(imap)) {
		const folder = await imap.open(path, { readOnly: true });
		if (folder.messages > 0) named.push(...(await readUnnamed(folder, matching)));
	}
	return [...named, ...matching.matches().receipts].some(
		(receipt) => isProof(receipt) && OF_OWN_PROVIDER.has(receipt.type),
	);
}

const OF_OWN_PROVIDER: ReadonlySet<string> = new Set<ReceiptEvidence['type']>([
	'acceptance',
	'nonAcceptance',
]);

function isProof({ consistent }: ReceiptEvidence): boolean {
	return consistent;
}
