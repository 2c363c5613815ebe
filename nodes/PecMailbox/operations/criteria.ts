import type { Parameters } from '../../n8n/parameters';
import { UserError } from '../../n8n/errors';
import { timeIn } from '../../n8n/zonedTime';

type Values = Readonly<Record<string, unknown>>;

/** Absent when nothing was entered. */
export function textOf(values: Values, name: string): string | undefined {
	return String(values[name] ?? '').trim() || undefined;
}

/** A time without a zone is the workflow's. @throws UserError */
export function dateOf(
	text: string | undefined,
	label: string,
	{ timeZone }: Pick<Parameters, 'timeZone'>,
): Date | undefined {
	if (!text) return undefined;
	const date = timeIn(text, timeZone);
	if (date) return date;
	throw new UserError(`${label} cannot be read as a date`, 'Use a date such as 2026-03-31.');
}

/** @throws UserError */
export function sizeOf(values: Values, name: string, label: string): number | undefined {
	const text = textOf(values, name);
	if (text === undefined) return undefined;
	const megabytes = Number(text.replace(',', '.'));
	if (!(megabytes >= 0))
		throw new UserError(`${label} is no number`, 'Enter megabytes, such as 2.');
	return megabytes === 0 ? undefined : Math.round(megabytes * 1_000_000);
}
