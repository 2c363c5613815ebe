import { describe, expect, it } from 'vitest';
import { dayIn, italianDayOf, NOTICE_SUBJECT, noticeSubjectOf } from '../../nodes/pec/notice.ts';

describe('the subject of a notice under L. 53/1994', () => {
	it.each([
		['', NOTICE_SUBJECT],
		['  ', NOTICE_SUBJECT],
		[NOTICE_SUBJECT, NOTICE_SUBJECT],
		[`${NOTICE_SUBJECT} - RG 12/2026`, `${NOTICE_SUBJECT} - RG 12/2026`],
		[
			'notificazione ai sensi della legge n. 53 del 1994',
			'notificazione ai sensi della legge n. 53 del 1994',
		],
	])('takes %j as %j', (given, subject) => {
		expect(noticeSubjectOf(given)).toBe(subject);
	});

	it.each([
		'Notifica ai sensi della legge n. 53 del 1994',
		'Notificazione ai sensi della legge 53/1994',
		'NOTIFICAZIONE AI SENSI DELLA LEGGE N. 53 DEL 1994',
		`Re: ${NOTICE_SUBJECT}`,
		`${NOTICE_SUBJECT}5`,
	])('does not take %j, nor mends it', (given) => {
		expect(noticeSubjectOf(given)).toBeUndefined();
	});
});

describe('the day an address was looked up', () => {
	it.each([
		['2026-03-31', '2026-03-31'],
		['2026-03-31T00:00:00.000+02:00', '2026-03-31'],
		['2024-02-29', '2024-02-29'],
		['2026-02-29', undefined],
		['2026-13-01', undefined],
		['31/03/2026', undefined],
		['2026-03-311', undefined],
		['', undefined],
	])('reads %j as %j', (given, day) => {
		expect(dayIn(given)).toBe(day);
	});

	it('is Italy’s day, which begins an hour or two before that of UTC', () => {
		expect(italianDayOf(new Date('2026-01-31T22:59:59Z'))).toBe('2026-01-31');
		expect(italianDayOf(new Date('2026-01-31T23:00:00Z'))).toBe('2026-02-01');
		expect(italianDayOf(new Date('2026-06-30T22:00:00Z'))).toBe('2026-07-01');
	});
});
