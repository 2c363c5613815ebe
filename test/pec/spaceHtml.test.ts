import { beforeAll, describe, expect, it } from 'vitest';
import { loadCharts, type DrawChart } from '../../nodes/pec/charts.ts';
import { spaceHtml } from '../../nodes/pec/spaceHtml.ts';
import { spaceOf } from '../../nodes/pec/space.ts';
import { spaceReportOf } from '../../nodes/pec/spaceReport.ts';
import type { SpaceMessage } from '../../nodes/pec/spaceReportTypes.ts';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { headersOf, message, NOW, receiptHeaders } from './spaceMessages.ts';

let draw: DrawChart;
beforeAll(async () => {
	draw = await loadCharts();
});

const HOSTILE = '<script>alert("x")</script>\u202e&@pec.test';

function pageOf(
	messages: readonly SpaceMessage[],
	more: { language?: 'it' | 'en'; limit?: number; closed?: string[] } = {},
): string {
	const used = messages.reduce((sum, { size }) => sum + size, 0);
	const report = spaceReportOf({
		account: 'studio@pec.alfa.test',
		now: NOW,
		space: spaceOf({
			...(more.limit === undefined ? {} : { quota: { used, limit: more.limit } }),
			folders: [{ path: 'INBOX', messages: messages.length, size: used }],
			foldersSource: 'status',
			closed: more.closed ?? [],
			threshold: 80,
		}),
		messages,
		unlisted: 0,
		cleanUp: { copies: new Map(), olderThanDays: [30, 90] },
	});
	return spaceHtml(report, { language: more.language ?? 'it', draw }).toString('utf8');
}

const MESSAGES = [
	message({ daysOld: 100, size: 2_000_000, correspondent: HOSTILE, folder: HOSTILE }),
	message({
		daysOld: 45,
		size: 3_000_000,
		headers: receiptHeaders('delivery', '<1@x>', 'r@pec.test'),
	}),
	message({ daysOld: 1, size: 500_000, headers: headersOf('ordinary') }),
];
const TWICE = [...MESSAGES, ...MESSAGES.map((one) => ({ ...one, folder: 'Archivio' }))];

const svgsOf = (page: string) => page.match(/<svg[\s\S]*?<\/svg>/g) ?? [];

describe('the page of a report', () => {
	it('needs nothing but itself: no script, nothing loaded', () => {
		const page = pageOf(TWICE, { limit: 12_000_000 });
		expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
		expect(page).not.toMatch(/<script|javascript:|<link|<img|<iframe|@import|url\(|\son\w+=/i);
		// Names of XML namespaces are no addresses that anything is loaded from.
		const addresses = (page.match(/https?:[^"'\s<]*/g) ?? []).filter(
			(one) => !one.startsWith('http://www.w3.org/'),
		);
		expect(addresses).toEqual([]);
	});

	it('shows what others wrote as text, in tables and in pictures', () => {
		const page = pageOf(TWICE);
		expect(page).toContain('&lt;script&gt;alert(');
		expect(page).not.toContain('\u202e');
		expect(svgsOf(page).join()).toContain('&lt;script&gt;');
	});

	it('has pictures that are well-formed, each with what it shows in words', () => {
		const svgs = svgsOf(pageOf(TWICE, { limit: 12_000_000 }));
		expect(svgs).toHaveLength(5);
		for (const svg of svgs) {
			expect(XMLValidator.validate(svg)).toBe(true);
			const { svg: root } = new XMLParser({ ignoreAttributes: false }).parse(svg) as {
				svg: Record<string, string>;
			};
			expect(root['@_role']).toBe('img');
			expect(root['@_aria-label']?.length).toBeGreaterThan(20);
		}
	});

	it('gives in a table what a picture shows', () => {
		const page = pageOf(TWICE, { limit: 12_000_000 });
		const tables = (page.match(/<table>[\s\S]*?<\/table>/g) ?? []).join();
		const figures = svgsOf(page).flatMap((svg) => svg.match(/[\d.,]+\u00a0[kMG]B(?=<)/g) ?? []);
		expect(figures.length).toBeGreaterThan(8);
		const scale = new Set([
			'0\u00a0byte',
			'2\u00a0MB',
			'1\u00a0MB',
			'3\u00a0MB',
			'4\u00a0MB',
			'5\u00a0MB',
			'6\u00a0MB',
		]);
		for (const figure of figures) if (!scale.has(figure)) expect(tables).toContain(figure);
	});

	it('is the same for the same mailbox, however many were made before', () => {
		expect(pageOf(TWICE)).toBe(pageOf(TWICE));
	});

	it('is Italian, or English, with the times of Rome', () => {
		const italian = pageOf(TWICE, { limit: 11_500_000 });
		expect(italian).toContain('<html lang="it">');
		expect(italian).toContain('01/06/2026, 12:00:00');
		expect(italian).toContain('La casella è occupata al 95,7%: oltre la soglia del 80%.');
		const english = pageOf(TWICE, { limit: 11_500_000, language: 'en' });
		expect(english).toContain('The mailbox is 95.7% full: above the threshold of 80%.');
		expect(english).not.toMatch(/Casella|Messaggi\b|giorni/);
	});

	it('says what it could not see', () => {
		const page = pageOf(MESSAGES, { closed: ['INBOX/Riservata'] });
		expect(page).toContain('INBOX/Riservata');
		expect(page).toContain('Il server non dice quanto può contenere la casella');
		expect(page).toContain('È la somma'.toLowerCase());
	});

	it('of an empty mailbox has no empty pictures', () => {
		const page = pageOf([], { limit: 1_000_000 });
		expect(page).toContain('La casella non contiene messaggi.');
		expect(svgsOf(page)).toEqual([]);
		expect(page).not.toMatch(/NaN|undefined|Infinity/);
	});

	it('says nothing that is no word or number, whatever the mailbox', () => {
		for (const language of ['it', 'en'] as const) {
			const odd = [message({ receivedAt: '', size: 0 }), message({ daysOld: -5, size: 0 })];
			expect(pageOf(odd, { language })).not.toMatch(/NaN|undefined|Infinity|\[object/);
		}
	});
});
