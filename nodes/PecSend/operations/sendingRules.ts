import type { IDataObject } from 'n8n-workflow';
import type { SendingWindow } from '../../account/sendingWindow';
import { UserError } from '../../n8n/errors';
import type { Parameters } from '../../n8n/parameters';
import type { SendingRules } from './sendLetters';

const MINUTE_MS = 60_000;
const DEFAULT_MINUTES = 30;

/** How much, how fast and when one run sends. @throws UserError */
export function readSendingRules(first: Parameters): SendingRules {
	const options = first.collection('options');
	const { hours } = (options.window ?? {}) as { hours?: IDataObject };
	const maxMessages = countOf(options.maxMessages, 'Max Messages');
	const perMinute = countOf(options.perMinute, 'Messages a Minute');
	const perDay = countOf(options.perDay, 'Messages a Day');
	return {
		maxDurationMs: (countOf(options.maxDuration, 'Max Duration') ?? DEFAULT_MINUTES) * MINUTE_MS,
		...(maxMessages === undefined ? {} : { maxMessages }),
		pace: {
			...(perMinute === undefined ? {} : { perMinute }),
			...(perDay === undefined ? {} : { perDay }),
		},
		...(hours ? { window: windowOf(hours, first.timeZone) } : {}),
	};
}

/** `undefined` where the option was not added. */
function countOf(given: unknown, label: string): number | undefined {
	if (given === undefined || given === '') return undefined;
	const count = Number(given);
	if (Number.isFinite(count) && count >= 1) return count;
	throw new UserError(`${label} is no number above 0`, `Check ${label} under Options.`);
}

function windowOf(hours: IDataObject, timeZone: string): SendingWindow {
	const from = minutesOf(hours.from, 'From');
	const to = minutesOf(hours.to, 'To');
	const weekdays = new Set((Array.isArray(hours.weekdays) ? hours.weekdays : []).map(Number));
	if (to <= from) {
		throw new UserError(
			'The sending hours end before they begin',
			'Enter an earlier From or a later To in Sending Hours; To can be 24:00.',
		);
	}
	if (weekdays.size === 0) {
		throw new UserError('There is no weekday to send on', 'Choose weekdays in Sending Hours.');
	}
	return { timeZone, from, to, weekdays, skipsItalianHolidays: hours.skipHolidays !== false };
}

function minutesOf(given: unknown, label: string): number {
	const [, hour, minute = '0'] = /^(\d{1,2})(?:[:.](\d{2}))?$/.exec(String(given).trim()) ?? [];
	const minutes = Number(hour) * 60 + Number(minute);
	if (hour !== undefined && Number(minute) < 60 && minutes <= 24 * 60) return minutes;
	throw new UserError(
		`${label} of the sending hours is no time of day`,
		`Write ${label} as 08:00 or 18:30.`,
	);
}
