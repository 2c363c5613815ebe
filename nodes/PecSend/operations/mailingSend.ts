import type { FileHandle, Parameters } from '../../n8n/parameters';
import {
	allItems,
	type ItemValues,
	type Operation,
	type OperationTools,
	type Output,
} from '../../n8n/operations';
import { UserError } from '../../n8n/errors';
import { readLetter, type Letter } from './letter';
import { receiptsOfMailing } from '../../account/evidence';
import { sendLetters, type LettersToSend } from './sendLetters';

interface Shared<M> {
	readonly mailing: string;
	readonly attachments: readonly FileHandle[];
	readonly more: M;
}

interface RowLetter {
	readonly mailing: string;
	readonly recipient: string;
	readonly rowKey: string;
	readonly letter: Letter;
}

/** One certified message per item; what the mailbox's records and receipts show is not sent again. */
export const mailingSend: Operation = overRows(
	() => undefined,
	async function* (letters, tools) {
		for await (const { outcome, ...output } of sendLetters(letters, tools)) {
			yield { ...output, json: outcome };
		}
	},
);

/**
 * An operation on the rows of one mailing, read from the same fields as to send it, with the receipts that are there.
 * @param readMore what else is read from the first item
 */
export function overRows<M>(
	readMore: (first: Parameters) => M,
	work: (letters: LettersToSend, tools: OperationTools, more: M) => AsyncIterable<Output>,
): Operation {
	return allItems<Shared<M>, RowLetter>(
		(first) => ({
			mailing: first.text('mailingName', 'Mailing Name'),
			attachments: first.fileHandles('sharedAttachments'),
			more: readMore(first),
		}),
		readRow,
		async function* ({ mailing, attachments, more }, items, tools) {
			requireOneName(mailing, items);
			const account = tools.account.settings.address;
			const receipts = async () =>
				await receiptsOfMailing(await tools.account.imap(), {
					account,
					mailing,
					records: await tools.account.records(),
				});
			const rows = items.map(({ itemIndex, values: { recipient, rowKey, letter } }) => ({
				itemIndex,
				row: { recipient, rowKey, attempt: 1 },
				letter: { ...letter, attachments: [...attachments, ...letter.attachments] },
			}));
			const rules = { maxDurationMs: 30 * 60_000 };
			yield* work({ mailing, rows, receipts, rules, waitsForFirst: true }, tools, more);
		},
	);
}

function readRow(item: Parameters): RowLetter {
	const letter = readLetter(item, [item.text('recipient', 'Recipient PEC')], 'personalAttachments');
	return {
		mailing: item.text('mailingName', 'Mailing Name'),
		recipient: letter.to[0] ?? '',
		rowKey: item.text('rowKey'),
		letter,
	};
}

function requireOneName(mailing: string, items: ReadonlyArray<ItemValues<RowLetter>>): void {
	const other = items.find(({ values }) => values.mailing !== mailing);
	if (other) {
		throw new UserError(
			`Item ${other.itemIndex} names another mailing than the first item; nothing was sent`,
			'All items of one run belong to one mailing: use the same Mailing Name, or send each mailing in a run of its own.',
		);
	}
}
