import type { OperationTools } from '../../n8n/operations';
import type { RecipientOutcome } from '../../pec/types';
import { allItems, type Operation } from '../../n8n/operations';
import { UserError } from '../../n8n/errors';
import { outcomeOf } from '../../pec/outcome';
import { receiptsOfMailing } from '../../account/evidence';

const MINUTE_MS = 60_000;

/** Receipts may be sorted into a folder that gives no news, so everything is looked at again this often. */
const LOOK_AGAIN_MS = 30_000;

/** The state of each recipient of the mailings that the items name; each mailing once. */
export const mailingTrack: Operation = allItems(
	(first) => ({ waitMs: first.number('waitMinutes', 'Wait Up To') * MINUTE_MS }),
	(item) => item.text('mailingName', 'Mailing Name'),
	async function* ({ waitMs }, items, tools) {
		const deadline = tools.now().getTime() + waitMs;
		const names = new Set<string>();
		for (const { itemIndex, values: mailing } of items) {
			if (names.has(mailing)) continue;
			names.add(mailing);
			for (const json of await followed(mailing, deadline, tools)) yield { itemIndex, json };
		}
	},
);

async function followed(
	mailing: string,
	deadline: number,
	tools: OperationTools,
): Promise<RecipientOutcome[]> {
	for (;;) {
		const outcomes = await outcomesOf(mailing, tools);
		const open = outcomes.filter(({ final }) => !final).length;
		const left = deadline - tools.now().getTime();
		if (open === 0 || left <= 0) return outcomes;
		tools.progress(`${open} of ${outcomes.length} recipients have no final state yet`);
		const inbox = await (await tools.account.imap()).open('INBOX', { readOnly: true });
		await inbox.waitForNews({
			maxMs: Math.min(left, LOOK_AGAIN_MS),
			pollMs: LOOK_AGAIN_MS,
			signal: tools.signal,
		});
	}
}

async function outcomesOf(mailing: string, tools: OperationTools): Promise<RecipientOutcome[]> {
	const account = tools.account.settings.address;
	const imap = await tools.account.imap();
	const records = await tools.account.records();
	const rows = await records.readMailing(mailing);
	if (rows.length === 0) {
		throw new UserError(
			'Nothing was ever sent under this mailing name from this address',
			'Check the Mailing Name: it must be written exactly as when it was sent.',
		);
	}
	const receipts = await receiptsOfMailing(imap, { account, mailing, records });
	const now = tools.now();
	return rows.map((record) =>
		outcomeOf({ row: record.row, mailing, messageId: record.messageId, record, receipts, now }),
	);
}
