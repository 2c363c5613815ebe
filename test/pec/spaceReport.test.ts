import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planPurge } from '../../nodes/pec/purge.ts';
import { isExchangeTraffic } from '../../nodes/pec/sdi.ts';
import { spaceMessageOf } from '../../nodes/pec/spaceMessage.ts';
import type { PecHeaders } from '../../nodes/pec/types.ts';
import { spaceOf, type Space } from '../../nodes/pec/space.ts';
import { spaceReportOf, type SpaceFindings } from '../../nodes/pec/spaceReport.ts';
import type { Amount, SpaceMessage, SpaceReport } from '../../nodes/pec/spaceReportTypes.ts';
import {
	copyOf,
	DAY_MS,
	headersOf,
	mailboxes,
	message,
	NOW,
	receiptHeaders,
} from './spaceMessages.ts';

const POLICIES = [30, 90, 365];

function spaceWith(used: number, limit?: number): Space {
	return spaceOf({
		...(limit === undefined ? {} : { quota: { used, limit } }),
		folders: limit === undefined ? [{ path: 'INBOX', messages: 1, size: used }] : [],
		foldersSource: 'status',
		closed: [],
		threshold: 80,
	});
}

function reportOn(
	messages: readonly SpaceMessage[],
	more: Partial<SpaceFindings> = {},
): SpaceReport {
	return spaceReportOf({
		account: 'studio@pec.alfa.test',
		now: NOW,
		space: spaceWith(0),
		messages,
		unlisted: 0,
		...more,
	});
}

const sum = (amounts: readonly Amount[]): Amount => ({
	messages: amounts.reduce((all, { messages }) => all + messages, 0),
	size: amounts.reduce((all, { size }) => all + size, 0),
});

describe('a report of the space', () => {
	it('counts each message once in each table, whatever it is', () => {
		fc.assert(
			fc.property(mailboxes, (messages) => {
				const report = reportOn(messages);
				const { total, correspondents } = report;
				expect(total).toEqual({
					messages: messages.length,
					size: messages.reduce((all, { size }) => all + size, 0),
				});
				for (const table of [report.kinds, report.ages, report.sizes, report.folders]) {
					expect(sum(table)).toEqual(total);
				}
				const { top, others, unattributed } = correspondents;
				expect(sum([...top, others, unattributed])).toEqual(total);
				const [receipts] = report.kinds.filter(({ kind }) => kind === 'receipt');
				expect(sum(report.receipts)).toEqual(sum(receipts ? [receipts] : []));
			}),
		);
	});

	it('counts as duplicates what would go if each message lay there once', () => {
		fc.assert(
			fc.property(mailboxes, (messages) => {
				const { duplicates } = reportOn(messages);
				const distinct = new Set(messages.map(({ pecKey }) => pecKey));
				expect(duplicates.extra.messages).toBe(messages.length - distinct.size);
				expect(duplicates.groups).toBeLessThanOrEqual(duplicates.extra.messages);
				for (const { places } of duplicates.largest) expect(places.length).toBeGreaterThan(1);
			}),
		);
	});

	it('says of each policy what Clean Up’s own plan comes to', () => {
		fc.assert(
			fc.property(mailboxes, fc.infiniteStream(fc.boolean()), (messages, isCopied) => {
				const copied = messages.filter(() => isCopied.next().value);
				const copies = new Map(copied.map((one) => [one.pecKey, copyOf(one)]));
				const { policies = [] } = reportOn(messages, {
					cleanUp: { copies, olderThanDays: POLICIES },
				});
				expect(policies.map(({ olderThanDays }) => olderThanDays)).toEqual(POLICIES);
				for (const { olderThanDays, now, old, afterCopy, kept } of policies) {
					const olderThan = new Date(NOW.getTime() - olderThanDays * DAY_MS);
					const plan = planPurge({ candidates: messages, copies, olderThan, keepUnread: true });
					const freed = plan.filter(({ verdict }) => verdict === 'delete');
					const size = freed.reduce((all, { message: { size: each } }) => all + each, 0);
					expect(now).toEqual({ messages: freed.length, size });
					expect(sum([afterCopy, ...kept])).toEqual(old);
					expect(kept.map(({ reason }) => reason)).not.toContain('noCopy');
					expect(kept.map(({ reason }) => reason)).not.toContain('tooRecent');
				}
			}),
		);
	});

	it('never lets a policy free more than a younger one, nor more now than after copying', () => {
		fc.assert(
			fc.property(mailboxes, (messages) => {
				const copies = new Map(messages.slice(0, 5).map((one) => [one.pecKey, copyOf(one)]));
				const { policies = [] } = reportOn(messages, {
					cleanUp: { copies, olderThanDays: POLICIES },
				});
				for (const [at, { now, afterCopy, old }] of policies.entries()) {
					expect(now.size).toBeLessThanOrEqual(afterCopy.size);
					expect(afterCopy.size).toBeLessThanOrEqual(old.size);
					const younger = policies[at - 1];
					expect(now.size).toBeLessThanOrEqual(younger?.now.size ?? Number.POSITIVE_INFINITY);
				}
			}),
		);
	});

	it('of an empty mailbox is all noughts', () => {
		const report = reportOn([], {
			space: spaceWith(0, 1_000),
			cleanUp: { copies: new Map(), olderThanDays: POLICIES },
		});
		expect(report.total).toEqual({ messages: 0, size: 0 });
		expect(report).not.toHaveProperty('oldestAt');
		expect(report.growth).toMatchObject({ days: 1, bytesPerDay: 0, messagesPerDay: 0 });
		expect(report.growth).not.toHaveProperty('full');
		expect(report.growth.months).toHaveLength(12);
		expect(report.kinds).toEqual([]);
		expect(sum(report.ages)).toEqual({ messages: 0, size: 0 });
		expect(report.policies?.map(({ percentNow }) => percentNow)).toEqual([0, 0, 0]);
		expect(JSON.stringify(report)).not.toMatch(/null|NaN|Infinity/);
	});

	it('keeps what has no date, or one in the future, apart from every age', () => {
		const report = reportOn(
			[
				message({ daysOld: 400 }),
				message({ daysOld: -1, size: 7 }),
				message({ receivedAt: '', size: 5 }),
			],
			{ cleanUp: { copies: new Map(), olderThanDays: [0] } },
		);
		expect(report.ages.filter(({ messages }) => messages > 0)).toEqual([
			{ age: 'days', fromDays: 365, toDays: 730, messages: 1, size: 1_000 },
			{ age: 'future', messages: 1, size: 7 },
			{ age: 'undated', messages: 1, size: 5 },
		]);
		expect(report.oldestAt).toBe(report.newestAt);
		expect(report.policies?.[0]?.old).toEqual({ messages: 1, size: 1_000 });
		expect(sum(report.growth.months).messages).toBe(0);
	});

	it('draws the line between two ages where a clean-up of that age does', () => {
		const report = reportOn([message({ daysOld: 30 }), message({ daysOld: 29.999 })], {
			cleanUp: { copies: new Map(), olderThanDays: [30] },
		});
		expect(report.ages.slice(0, 2).map(({ messages }) => messages)).toEqual([1, 1]);
		expect(report.policies?.[0]?.old.messages).toBe(1);
	});

	it('tells a sending wholly delivered, which may go once it is copied, from one that failed', () => {
		const messages = [
			message({ daysOld: 100, headers: receiptHeaders('acceptance', '<ok@x>', 'a@pec.test') }),
			message({ daysOld: 100, headers: receiptHeaders('delivery', '<ok@x>', 'a@pec.test') }),
			message({ daysOld: 100, headers: receiptHeaders('acceptance', '<no@x>', 'b@pec.test') }),
			message({ daysOld: 100, headers: receiptHeaders('nonDelivery', '<no@x>', 'b@pec.test') }),
			message({ daysOld: 100, headers: headersOf('ordinary') }),
		];
		const [first] = messages;
		const copies = new Map(first ? [[first.pecKey, copyOf(first)]] : []);
		const { policies } = reportOn(messages, {
			space: spaceWith(8_000, 10_000),
			cleanUp: { copies, olderThanDays: [90] },
		});
		expect(policies).toEqual([
			{
				olderThanDays: 90,
				old: { messages: 5, size: 5_000 },
				now: { messages: 1, size: 1_000 },
				afterCopy: { messages: 2, size: 2_000 },
				kept: [
					{ reason: 'failureNotAcknowledged', messages: 2, size: 2_000 },
					{ reason: 'notPec', messages: 1, size: 1_000 },
				],
				percentNow: 70,
				percentAfterCopy: 60,
			},
		]);
	});

	it('takes a copy of another size for none', () => {
		const one = message({ daysOld: 50 });
		const copies = new Map([[one.pecKey, { ...copyOf(one), size: 1 }]]);
		const { policies } = reportOn([one], { cleanUp: { copies, olderThanDays: [30] } });
		expect(policies?.[0]).toMatchObject({ now: { messages: 0 }, afterCopy: { messages: 1 } });
	});

	it('names the largest correspondents, and adds the others up', () => {
		const messages = Array.from({ length: 20 }, (_, at) =>
			message({ correspondent: `c${at}@pec.test`, size: 100 + at }),
		);
		const { top, others } = reportOn(messages).correspondents;
		expect(top).toHaveLength(15);
		expect(top[0]).toEqual({ address: 'c19@pec.test', messages: 1, size: 119 });
		expect(others).toEqual({ addresses: 5, messages: 5, size: 100 + 101 + 102 + 103 + 104 });
	});
});

describe('the growth of a mailbox', () => {
	const days = (count: number, size: number) =>
		Array.from({ length: count }, (_, at) => message({ daysOld: at + 0.5, size }));

	it('is that of the last thirty days, whatever came before', () => {
		const messages = [...days(60, 3_000), message({ daysOld: 200, size: 1_000_000 })];
		expect(reportOn(messages).growth).toMatchObject({
			days: 30,
			bytesPerDay: 3_000,
			messagesPerDay: 1,
		});
	});

	it('of a young mailbox counts the days it has', () => {
		expect(reportOn(days(5, 2_000)).growth).toMatchObject({ days: 5, bytesPerDay: 2_000 });
		expect(reportOn([message({ daysOld: 0.1, size: 10 })]).growth).toMatchObject({
			days: 1,
			bytesPerDay: 10,
		});
	});

	it.each([
		['so many days', 70_000, 100_000, { days: 10, at: '2026-06-11T10:00:00.000Z' }],
		['today', 100_000, 100_000, { days: 0, at: NOW.toISOString() }],
		['today, when it is over already', 120_000, 100_000, { days: 0, at: NOW.toISOString() }],
	])('fills it in %s', (_, used, limit, full) => {
		const { growth } = reportOn(days(30, 3_000), { space: spaceWith(used, limit) });
		expect(growth.full).toEqual(full);
	});

	it.each([
		['nobody knows what it holds', days(30, 3_000), spaceWith(1)],
		['nothing arrives', [message({ daysOld: 40 })], spaceWith(1, 1_000)],
		['it would take centuries', days(30, 1), spaceWith(1, 1e12)],
	])('fills it never where %s', (_, messages, space) => {
		expect(reportOn(messages, { space }).growth).not.toHaveProperty('full');
	});

	it('goes by the months of Rome, each with its parts', () => {
		const at = (receivedAt: string, kind: 'receipt' | 'ordinary' | 'transportEnvelope') =>
			message({ receivedAt, size: 10, headers: headersOf(kind) });
		const { months } = reportOn([
			at('2026-04-30T22:30:00.000Z', 'receipt'),
			at('2026-04-30T21:30:00.000Z', 'ordinary'),
			at('2026-05-31T21:59:59.000Z', 'transportEnvelope'),
			at('2025-06-30T22:00:00.000Z', 'ordinary'),
			at('2025-06-30T21:59:00.000Z', 'ordinary'),
		]).growth;
		expect(months.map(({ month }) => month).slice(0, 1)).toEqual(['2025-07']);
		expect(months.at(-1)?.month).toBe('2026-06');
		expect(months.filter(({ messages }) => messages > 0)).toEqual([
			{ month: '2025-07', messages: 1, size: 10, receipts: 0, received: 0, other: 10 },
			{ month: '2026-04', messages: 1, size: 10, receipts: 0, received: 0, other: 10 },
			{ month: '2026-05', messages: 2, size: 20, receipts: 10, received: 10, other: 0 },
		]);
	});
});

it.each([
	['certification data', { certification: { sender: 'sdi01@pec.fatturapa.it', recipients: [] } }],
	['the header', { envelope: { from: 'SDI <sdi05@pec.fatturapa.it>', to: [], cc: [] } }],
])('a message that is traffic of the invoice exchange by %s stays so in a report', (_, fields) => {
	const place = { pecKey: '1', folder: 'INBOX', uid: 1, uidValidity: '1', size: 1, flags: [] };
	const headers = headersOf('transportEnvelope', fields as Partial<PecHeaders>);
	const { headers: kept } = spaceMessageOf(
		{ ...place, receivedAt: '' },
		headers,
		'studio@pec.alfa.test',
	);
	expect(isExchangeTraffic(kept)).toBe(true);
	const other = spaceMessageOf(
		{ ...place, receivedAt: '' },
		headersOf('transportEnvelope'),
		'studio@pec.alfa.test',
	);
	expect(isExchangeTraffic(other.headers)).toBe(false);
});
