import { readSpaceReport } from '../../account/spaceReport';
import { UserError } from '../../n8n/errors';
import { eachItem, type Operation } from '../../n8n/operations';
import type { Parameters } from '../../n8n/parameters';
import { loadCharts } from '../../pec/charts';
import type { ReportLanguage } from '../../pec/reportWords';
import { spaceHtml } from '../../pec/spaceHtml';
import { readSpaceLimits, type SpaceLimits } from './spaceLimits';

interface Asked {
	readonly limits: SpaceLimits;
	readonly olderThanDays: readonly number[];
	readonly language: ReportLanguage;
	readonly field: string;
}

/** A row each in table and chart. */
const MOST_POLICIES = 8;
/** So many messages, and somebody who watches is told. */
const PROGRESS_EVERY = 5_000;

/** What fills the mailbox, how it grows, what a clean-up would free: figures, and a page to print. */
export const spaceReport: Operation = eachItem<Asked>(
	readAsked,
	async ({ limits, olderThanDays, language, field }, tools, itemIndex) => {
		const { now, signal, progress } = tools;
		let told = 0;
		const report = await readSpaceReport(
			await tools.account.imap(),
			await tools.account.records(),
			{
				account: tools.account.settings.address,
				...limits,
				olderThanDays,
				now: now(),
				...(signal ? { signal } : {}),
				progress: (messages) => {
					if (messages - told < PROGRESS_EVERY) return;
					told = messages;
					progress(`${messages} messages read`);
				},
			},
		);
		const draw = await loadCharts();
		const name = language === 'it' ? 'spazio' : 'space';
		return [
			{
				itemIndex,
				json: { report },
				binary: {
					[field]: {
						fileName: `${name}-${report.generatedAt.slice(0, 10)}.html`,
						mimeType: 'text/html',
						content: spaceHtml(report, { language, draw }),
					},
				},
			},
		];
	},
);

export function readAsked(item: Parameters): Asked {
	const { outputField } = item.collection('options');
	return {
		limits: readSpaceLimits(item),
		olderThanDays: readAges(item.list('olderThanDays')),
		language: item.choice('language', 'Language', ['it', 'en']),
		field: String(outputField ?? '').trim() || 'report',
	};
}

/** Ascending, each once. @throws UserError */
function readAges(list: readonly string[]): number[] {
	const ages = [...new Set(list.map(Number))].sort((one, other) => one - other);
	if (ages.every((age) => Number.isInteger(age) && age >= 0) && ages.length <= MOST_POLICIES) {
		return ages;
	}
	throw new UserError(
		`Clean-Up Ages are no days, or more than ${MOST_POLICIES}`,
		'Write whole numbers separated by commas, like 30, 90, 365; leave it empty to do without.',
	);
}
