import type { Parameters } from '../../n8n/parameters';
import { UserError } from '../../n8n/errors';
import { dateOf } from './criteria';

/** Messages of a folder by when they came. */
export interface Period {
	readonly folder: string;
	readonly since?: Date;
	readonly before?: Date;
}

/** @throws UserError for what is no date */
export function readPeriod(item: Parameters): Period {
	return { folder: item.locator('folder', 'Folder'), ...readTimes(item) };
}

/** @throws UserError for what is no date, or a period that ends before it begins */
export function readTimes(item: Parameters): Pick<Period, 'since' | 'before'> {
	const since = dateOf(item.text('since'), 'Received From', item);
	const before = dateOf(item.text('before'), 'Received Before', item);
	if (since && before && since >= before) {
		throw new UserError(
			'Received Before is not later than Received From',
			'Choose a period of at least a day, or leave one of the two empty.',
		);
	}
	return { ...(since ? { since } : {}), ...(before ? { before } : {}) };
}

/** A day, since a mail server searches by its own days; what it finds too many is left out by `isWithin`. */
const MARGIN_MS = 36 * 3_600_000;

/** For a search that finds at least what is within. */
export function searchOf({ since, before }: Omit<Period, 'folder'>): Omit<Period, 'folder'> {
	return {
		...(since ? { since: new Date(since.getTime() - MARGIN_MS) } : {}),
		...(before ? { before: new Date(before.getTime() + MARGIN_MS) } : {}),
	};
}

/** @param at ISO 8601 */
export function isWithin({ since, before }: Omit<Period, 'folder'>, at: string): boolean {
	const time = Date.parse(at);
	return (!since || time >= since.getTime()) && (!before || time < before.getTime());
}
