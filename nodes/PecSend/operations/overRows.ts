import type { Operation, OperationTools, Output } from '../../n8n/operations';
import type { Parameters } from '../../n8n/parameters';
import type { RecipientOutcome } from '../../pec/types';
import { everyRow } from './everyRow';
import { readMailing, type MailingRow, type MailingRows } from './mailingRows';
import { receiptsNow } from './receiptsNow';
import { failedRows } from './rowFaults';
import type { LettersToSend } from './sendLetters';
import { readSendingRules } from './sendingRules';

/**
 * An operation on the rows of one mailing, read from the same fields as to send it: all of them before anything is done.
 * @param readMore what else is read from the first item
 * @param goOn which of the rows are worked on, after putting out the others; all unless given
 */
export function overRows<M>(
	readMore: (first: Parameters) => M,
	work: (
		letters: LettersToSend,
		tools: OperationTools,
		more: M,
	) => AsyncIterable<Output & { readonly json: RecipientOutcome }>,
	goOn?: (
		read: MailingRows,
		tools: OperationTools,
	) => AsyncGenerator<Output, readonly MailingRow[]>,
): Operation {
	return async function* (run) {
		const [first] = run.items;
		if (first === undefined) return;
		const { tools } = run;
		const more = readMore(first);
		const rules = readSendingRules(first);
		const read = await readMailing(run);
		read.warnings.forEach((warning) => tools.hint(warning));
		yield* failedRows(read.faults, tools);
		const { mailing, from } = read;
		const rows = goOn ? yield* goOn(read, tools) : read.rows;
		const receipts = async () => await receiptsNow(mailing, tools);
		const letters = { mailing, rows, receipts, rules, waitsForFirst: true };
		const counts = new Map<string, number>();
		for await (const output of everyRow({ from, rows }, work(letters, tools, more), tools)) {
			const action = 'action' in output.json ? String(output.json.action) : 'failed';
			counts.set(action, (counts.get(action) ?? 0) + 1);
			yield output;
		}
		if (counts.size > 0) tools.hint(toldActions(counts));
	};
}

const TOLD: Readonly<Record<string, string>> = {
	sent: 'sent now',
	alreadySent: 'sent already',
	deferred: 'not sent yet (deferred): run it again later',
	skipped: 'not sent (skipped): see state and error',
	planned: 'waiting for your decision: see advice',
	failed: 'not sent: see error',
};

function toldActions(counts: ReadonlyMap<string, number>): string {
	return (
		[...counts].map(([action, count]) => `${count} ${TOLD[action] ?? action}`).join(', ') + '.'
	);
}
