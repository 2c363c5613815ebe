import type { MailingRow, MailingRows } from './mailingRows';
import type { Operation, Output, OperationTools } from '../../n8n/operations';
import { UserError } from '../../n8n/errors';
import { failedRows } from './rowFaults';
import { readMailing } from './mailingRows';
import { outputsOf, sendLetters, type SendingRules } from './sendLetters';
import { everyRow } from './everyRow';
import { readSendingRules } from './sendingRules';
import { toldPlaces } from './rowPlace';
import {
	atFault,
	faultsOf,
	lookAhead,
	receiptsNow,
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
export const mailingSend: Operation = async function* (run) {
	const [first] = run.items;
	if (first === undefined) return;
	const { tools } = run;
	const rules = readSendingRules(first);
	const mailing = await readMailing(run);
	mailing.warnings.forEach((warning) => tools.hint(warning));
	yield* failedRows(mailing.faults, tools);
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
	const rows = mailing.rows.filter(({ place }) => !left.has(place));
	yield* sent(mailing, rows, { rules, tools });
};

const placeOf = ({ row }: PreflightRow) => row.place;

async function* sent(
	{ mailing, from }: MailingRows,
	rows: readonly MailingRow[],
	{ rules, tools }: { rules: SendingRules; tools: OperationTools },
): AsyncGenerator<Output> {
	const receipts = async () => await receiptsNow(mailing, tools);
	const letters = { mailing, rows, receipts, rules, waitsForFirst: true };
	yield* everyRow({ from, rows }, outputsOf(sendLetters(letters, tools)), tools);
}

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
