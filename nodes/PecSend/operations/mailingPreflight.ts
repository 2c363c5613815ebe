import type { MailingRow, MailingRows, RowFault } from './mailingRows';
import type { OperationTools } from '../../n8n/operations';
import { addressHistory, type AddressOutcome } from '../../account/addressHistory';
import { planMailing, type PlannedRow } from '../../pec/batch';
import {
	forecastSpace,
	inMegabytes,
	sizeProblemOf,
	type LetterWeight,
	type SizeLimits,
	type SizeProblem,
	type SpaceForecast,
} from '../../pec/preflight';
import { LetterScales } from './letterWeight';
import { receiptsNow } from './receiptsNow';
import { toldPlaces } from './rowPlace';

/** What is known of a row before anything is sent. */
export interface PreflightRow {
	readonly row: MailingRow;
	readonly planned: PlannedRow;
	/** Absent when it was not asked for, or the letter cannot be written. */
	readonly weight?: LetterWeight;
	/** Why the letter cannot be written. */
	readonly fault?: unknown;
	readonly sizeProblem?: SizeProblem;
	/** How the last sending to this address went wrong. */
	readonly lastOutcome?: AddressOutcome;
}

export interface Preflight {
	readonly rows: readonly PreflightRow[];
	readonly space: SpaceForecast;
}

/**
 * Looks at a mailing as a whole before its first message: what was sent already, what each letter weighs, whether there
 * is room for what comes back, which addresses failed before. Writes nothing.
 * @param options.limitsOf asked only when something is to be sent
 * @param options.all whether letters that are not to be sent are looked at, too
 * @throws MailError
 */
export async function lookAhead(
	{ mailing, rows }: Pick<MailingRows, 'mailing' | 'rows'>,
	tools: OperationTools,
	options: { limitsOf: () => Promise<SizeLimits>; all: boolean },
): Promise<Preflight> {
	const account = tools.account.settings.address;
	const imap = await tools.account.imap();
	const records = await tools.account.records();
	const receipts = await receiptsNow(mailing, tools);
	const now = tools.now();
	const planned = planMailing({
		account,
		mailing,
		rows: rows.map(({ row }) => row),
		records: await records.readMailing(mailing),
		receipts,
		now,
	});
	const toSend = planned.filter(({ decision }) => decision === 'send');
	const limits = toSend.length > 0 ? await options.limitsOf() : {};
	const history = await addressHistory(imap, {
		account,
		rows: toSend.map(({ row }) => row),
		records,
		now,
	});
	const scales = new LetterScales(tools);
	if (toSend.length > 1)
		tools.progress(`Looking at ${toSend.length} letters before the first is sent`);
	const looked: PreflightRow[] = [];
	for (const [index, plan] of planned.entries()) {
		const row = rows[index];
		if (!row) continue;
		tools.signal?.throwIfAborted();
		const isToSend = plan.decision === 'send';
		const lastOutcome = isToSend ? history.get(plan.row.recipient) : undefined;
		looked.push({
			row,
			planned: plan,
			...(isToSend || options.all ? await weighed(row, plan, scales, limits) : {}),
			...(lastOutcome ? { lastOutcome } : {}),
		});
	}
	const quota = toSend.length > 0 ? await imap.quota() : undefined;
	const free = quota && Math.max(0, quota.limit - quota.used);
	const weights = looked.flatMap(({ planned: { decision }, weight }) =>
		decision === 'send' && weight ? weight : [],
	);
	return { rows: looked, space: forecastSpace(weights, free) };
}

async function weighed(
	{ letter }: MailingRow,
	{ messageId }: PlannedRow,
	scales: LetterScales,
	limits: SizeLimits,
): Promise<Pick<PreflightRow, 'weight' | 'fault' | 'sizeProblem'>> {
	try {
		const weight = await scales.weigh(letter, messageId);
		const sizeProblem = sizeProblemOf(weight, limits);
		return { weight, ...(sizeProblem ? { sizeProblem } : {}) };
	} catch (fault) {
		return { fault };
	}
}

/** Rows to be sent whose message cannot be written, or is too large for the provider. */
export function faultsOf({ rows }: Preflight): RowFault[] {
	return rows
		.filter(({ planned }) => planned.decision === 'send')
		.flatMap(({ row, fault, sizeProblem }) => {
			const error =
				fault ?? (sizeProblem?.code === 'tooLarge' ? new Error(sizeProblem.message) : undefined);
			if (error === undefined) return [];
			const { itemIndex, place, row: of } = row;
			const { recipient, rowKey } = of;
			return [{ itemIndex, place, error, recipient, ...(rowKey ? { rowKey } : {}) }];
		});
}

/** Rows to be sent to addresses that are themselves at fault. */
export function atFault({ rows }: Preflight): PreflightRow[] {
	return rows.filter(({ lastOutcome }) => lastOutcome?.isAddressAtFault);
}

/** What it costs in space, in words; `undefined` when there is nothing to send or it is not known. */
export function toldSpace({ space }: Preflight): string | undefined {
	const { bringsBytes, freeBytes, isShort } = space;
	if (bringsBytes === 0) return undefined;
	const brings = `The receipts of this mailing take about ${inMegabytes(bringsBytes)} in the mailbox`;
	if (freeBytes === undefined) return `${brings}; the provider does not tell how much is free.`;
	const free = `${inMegabytes(freeBytes)} are free`;
	return isShort
		? `${brings}, but only ${free}. When the mailbox is full, receipts are lost: make room first (PEC Mailbox, Clean Up), or have brief receipts.`
		: `${brings}; ${free}.`;
}

/** The rows whose addresses are at fault, in words. */
export function toldAtFault(rows: readonly PreflightRow[]): string {
	const places = toldPlaces(rows.map(({ row }) => row.place));
	return `The last sending to these addresses failed because there is no such mailbox, or they are no PEC addresses (${places}). Look them up again (INI-PEC, IPA); Preview says what happened.`;
}

export function toldMaybeTooLarge({ rows }: Preflight): string | undefined {
	const large = rows.filter(({ sizeProblem }) => sizeProblem?.code === 'maybeTooLarge');
	const [first] = large;
	if (!first?.sizeProblem) return undefined;
	return `${first.sizeProblem.message} (${toldPlaces(large.map(({ row }) => row.place))})`;
}
