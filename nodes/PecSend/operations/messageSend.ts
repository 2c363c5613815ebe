import { eachItem, type Operation } from '../../n8n/operations';
import { UserError } from '../../n8n/errors';
import { readLetter } from './letter';
import { sendLetters } from './sendLetters';
import { singleMessageName, singleMessageRow } from '../../pec/singleMessage';

/** In line behind others who send, and for the pace. */
const LONGEST_WAIT_MS = 10 * 60_000;

/**
 * One certified message per item. Recorded like a mailing of one row under the name of this run and item, so that n8n's
 * Retry On Fail finds what the first try sent.
 */
export const messageSend: Operation = eachItem(
	(item) => {
		const to = item.list('to');
		if (to.length === 0) {
			throw new UserError('There is no recipient', 'Fill in To with at least one PEC address.');
		}
		return readLetter(item, to, 'attachments');
	},
	async (letter, tools, itemIndex) => {
		const row = { ...singleMessageRow(letter.to), attempt: 1 };
		const sending = sendLetters(
			{
				mailing: singleMessageName(`${tools.runKey}:${itemIndex}`),
				rows: [{ itemIndex, row, letter }],
				// A run has no receipts of its own from before it began.
				receipts: async () => await Promise.resolve([]),
				rules: { maxDurationMs: LONGEST_WAIT_MS },
				waitsForFirst: false,
			},
			tools,
		);
		const outputs = [];
		for await (const { outcome } of sending) {
			const { mailing: _, rowKey: __, ...json } = outcome;
			outputs.push({ itemIndex, json: { ...json, recipients: [...letter.to, ...letter.cc] } });
		}
		return outputs;
	},
);
