import type { MailingRow, MailingRows } from './mailingRows';
import type { Operation, Output, OperationTools } from '../../n8n/operations';
import { UserError } from '../../n8n/errors';
import { failedRows } from './rowFaults';
import { overRows } from './overRows';
import { outputsOf, sendLetters } from './sendLetters';
import { toldPlaces } from './rowPlace';
import {
	atFault,
	faultsOf,
	lookAhead,
	toldAtFault,
	toldMaybeTooLarge,
	toldSpace,
	type Preflight,
	type PreflightRow,
} from './mailingPreflight';

/**
 * One certified message per recipient; what the mailbox's records and receipts show is not sent again. All rows are read and
 * looked at before the first byte: one bad row stops the run with nothing sent, unless the node continues on failure.
 */
export const mailingSend: Operation = overRows(
	() => undefined,
	(letters, tools) => outputsOf(sendLetters(letters, tools)),
	sendableRows,
);

/** Those whose letter can be written, and whose address did not fail before where that is left out. */
async function* sendableRows(
	mailing: MailingRows,
	tools: OperationTools,
): AsyncGenerator<Output, readonly MailingRow[]> {
	const preflight = await lookAhead(mailing, tools, {
		limitsOf: async () => {
			const { sizeLimit } = await tools.account.smtp();
			return sizeLimit === undefined ? {} : { size: sizeLimit };
		},
		all: false,
	});
	const faults = faultsOf(preflight);
	yield* failedRows(faults, tools);
	decideOnSpace(mailing, preflight, tools);
	const skipped = decideOnFailedBefore(mailing, preflight, tools);
	const left = new Set<unknown>([...faults.map(({ place }) => place), ...skipped.map(placeOf)]);
	yield* skipped.map(outputOfSkipped);
	return mailing.rows.filter(({ place }) => !left.has(place));
}

const placeOf = ({ row }: PreflightRow) => row.place;

function decideOnSpace(
	{ options }: MailingRows,
	preflight: Preflight,
	tools: OperationTools,
): void {
	const large = toldMaybeTooLarge(preflight);
	if (large) tools.hint(large);
	const told = preflight.space.isShort ? toldSpace(preflight) : undefined;
	if (!told) return;
	if (options.spaceShort === 'stop') {
		throw new UserError('There is not enough space for the receipts; nothing was sent', told);
	}
	tools.hint(told);
}

/** Rows that are not sent because their address failed before. @throws UserError when that stops the mailing */
function decideOnFailedBefore(
	{ options }: MailingRows,
	preflight: Preflight,
	tools: OperationTools,
): readonly PreflightRow[] {
	const rows = atFault(preflight);
	if (rows.length === 0) return [];
	switch (options.failedBefore) {
		case 'stop':
			throw new UserError(
				`Some addresses failed before (${toldPlaces(rows.map(placeOf))}); nothing was sent`,
				toldAtFault(rows),
			);
		case 'skip':
			return rows;
		case 'warn':
			tools.hint(toldAtFault(rows));
			return [];
	}
}

function outputOfSkipped({ row, planned, lastOutcome }: PreflightRow): Output {
	const message = `Not sent: the last sending to this address failed. ${lastOutcome?.error?.message ?? ''}`;
	return {
		itemIndex: row.itemIndex,
		order: row.place.number,
		json: {
			...planned.outcome,
			action: 'skipped',
			error: { reason: 'failedBefore', message: message.trim(), retry: 'never' },
		},
	};
}
