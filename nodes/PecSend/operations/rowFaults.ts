import type { Operation, Output, OperationTools } from '../../n8n/operations';
import type { RowFault } from './mailingRows';
import { UserError, whatToDo } from '../../n8n/errors';
import { toldPlace } from './rowPlace';

/** The items of a run and what it works with. */
export type MailingRun = globalThis.Parameters<Operation>[0];

/**
 * Bad rows as items of their own, or the end of the run with the first of them, when the node does not continue on failure:
 * then the others are counted, so that a person does not find them one after the other.
 */
export function failedRows(
	faults: readonly RowFault[],
	tools: Pick<OperationTools, 'fail'>,
): Output[] {
	const others = faults.length - 1;
	return faults.map(({ itemIndex, place, error, recipient, rowKey }, index) => {
		const failed = tools.fail(withPlace(error, place, index === 0 ? others : 0), itemIndex);
		const output = { ...failed, order: place.number };
		// An item that is a row is what the output is paired with: it says itself whose it is.
		if (place.kind === 'item' || (!recipient && !rowKey)) return output;
		const details = { ...(recipient ? { recipient } : {}), ...(rowKey ? { rowKey } : {}) };
		return { ...output, json: { ...output.json, details } };
	});
}

const CORRECT_IT = 'Correct this row. Preview shows every row with its problem.';

/** Of an item n8n says itself where it is. */
function withPlace(error: unknown, place: RowFault['place'], others: number): unknown {
	if (place.kind === 'item' && others === 0 && whatToDo(error) !== undefined) return error;
	const message = error instanceof Error ? error.message : 'Something went wrong';
	const what = place.kind === 'item' ? message : `${message} (${toldPlace(place)})`;
	const more =
		others > 0
			? `${others} more ${others === 1 ? 'row has' : 'rows have'} a problem: Preview lists them all.`
			: '';
	return new UserError(what, [whatToDo(error) ?? CORRECT_IT, more].filter(Boolean).join(' '));
}
