import { UserError } from '../../n8n/errors';

type Values = Readonly<Record<string, unknown>>;

/** Absent when nothing was entered. */
export function textOf(values: Values, name: string): string | undefined {
	return String(values[name] ?? '').trim() || undefined;
}

/** @throws UserError */
export function dateOf(values: Values, name: string, label: string): Date | undefined {
	const text = textOf(values, name);
	if (text === undefined) return undefined;
	const date = new Date(text);
	if (Number.isNaN(date.getTime())) {
		throw new UserError(`${label} cannot be read`, 'Use a date such as 2026-03-31.');
	}
	return date;
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
