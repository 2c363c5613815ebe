import type { OperationTools, Output } from '../../n8n/operations';
import type { RecipientOutcome } from '../../pec/types';
import { failedRows } from './rowFaults';
import type { MailingRow, MailingRows } from './mailingRows';

/**
 * Passes on what comes out of rows, and tells of each that is left when the run breaks off. Items that are not out yet are
 * told by n8n's side; rows that share one item would be forgotten there.
 */
export async function* everyRow(
	{ from, rows }: { from: MailingRows['from']; rows: readonly MailingRow[] },
	outputs: AsyncIterable<Output & { readonly json: RecipientOutcome }>,
	tools: Pick<OperationTools, 'fail' | 'signal'>,
): AsyncGenerator<Output> {
	const left = new Map(rows.map((row) => [identityOf(row.row), row]));
	const placeOf = new Map(rows.map(({ row, place }) => [identityOf(row), place.number]));
	try {
		for await (const output of outputs) {
			const identity = identityOf(output.json);
			left.delete(identity);
			yield { ...output, order: placeOf.get(identity) ?? 0 };
		}
	} catch (error) {
		if (from === 'items') await Promise.reject(error);
		tools.signal?.throwIfAborted();
		for (const { itemIndex, place, row } of left.values()) {
			const { recipient, rowKey } = row;
			yield* failedRows([{ itemIndex, place, error, recipient, rowKey }], tools);
		}
	}
}

/** No two rows of a mailing have the same. */
function identityOf({ recipient, rowKey = '' }: { recipient: string; rowKey?: string }): string {
	return JSON.stringify([recipient, rowKey]);
}
