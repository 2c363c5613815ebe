import type { OperationTools } from '../../n8n/operations';
import type { ReceiptEvidence } from '../../pec/types';
import { receiptsOfMailing } from '../../account/evidence';

/** What is in the mailbox of earlier runs of a mailing. @throws MailError */
export async function receiptsNow(
	mailing: string,
	{ account: session }: Pick<OperationTools, 'account'>,
): Promise<ReceiptEvidence[]> {
	const account = session.settings.address;
	const records = await session.records();
	return await receiptsOfMailing(await session.imap(), { account, mailing, records });
}
