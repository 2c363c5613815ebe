import { eachItem, type Operation, type OperationTools, type Output } from '../../n8n/operations';
import { UserError } from '../../n8n/errors';
import { forgetMailing } from '../../account/forget';
import { mailingTag } from '../../pec/batch';
import { openRecords } from '../../account/records';
import { receiptsOfMailing } from '../../account/evidence';
import { rowOutcomes } from '../../pec/mailingOutcomes';
import { withSendingLease } from './sendingLease';

interface Asked {
	readonly mailing: string;
	readonly again: string;
	readonly evenIfNotFinal: boolean;
}

/** Removes the records of a mailing that came to its end, or that a person gives up. */
export const mailingForget: Operation = eachItem<Asked>(
	(item) => ({
		mailing: item.text('mailingName', 'Mailing Name'),
		again: item.text('mailingNameAgain', 'Type the Name Again'),
		evenIfNotFinal: item.flag('evenIfNotFinal', 'Even If Not Final'),
	}),
	async (asked, tools, itemIndex) => {
		if (asked.again !== asked.mailing) {
			throw new UserError(
				'The two names differ; nothing was removed',
				'Type the name of the mailing that is to be forgotten once more, exactly as it stands in Mailing Name.',
			);
		}
		return [await withSendingLease(tools, async () => await forget(asked, tools, itemIndex))];
	},
);

/** Looks within the lease: what another run sent until now is known, and nothing comes to it. */
async function forget(
	{ mailing, evenIfNotFinal }: Asked,
	tools: OperationTools,
	itemIndex: number,
): Promise<Output> {
	const account = tools.account.settings.address;
	const imap = await tools.account.imap();
	const records = await openRecords(imap, { account, now: tools.now });
	const known = await records.readMailing(mailing);
	if (known.length === 0) {
		throw new UserError(
			'There are no records under this mailing name from this address; nothing was removed',
			'Check the Mailing Name: it must be written exactly as when it was sent.',
		);
	}
	const receipts = await receiptsOfMailing(imap, { account, mailing, records });
	const rows = rowOutcomes({ mailing, records: known, receipts }, tools.now());
	const open = rows.filter(({ outcomes }) => outcomes.some(({ final }) => !final)).length;
	if (open > 0 && !evenIfNotFinal) {
		throw new UserError(
			`${open} of ${rows.length} recipients of this mailing have no final state yet; nothing was removed`,
			'Wait until Track shows all of them as final, or switch on Even If Not Final: nobody can tell then whether they got the message.',
		);
	}
	const forgotten = await forgetMailing(imap, mailingTag({ account, mailing }));
	tools.hint(
		`The mailing is forgotten: ${rows.length} recipients, ${open} of them without a final state. Sent again under the same name, it goes to everybody of whom no receipt is left in the mailbox.`,
	);
	return {
		itemIndex,
		json: { mailing, forgotten: { rows: rows.length, open, records: forgotten.records } },
	};
}
