import type { Operation, OperationTools, Output } from '../../n8n/operations';
import { eachItem } from '../../n8n/operations';
import { Following } from '../../account/following';
import { repliesTo } from '../../account/mailingReplies';
import { mailingTag } from '../../pec/batch';
import { rowOutcomes } from '../../pec/mailingOutcomes';
import { reportOf, type ReportTrouble } from '../../pec/mailingReport';
import { reportCsv } from '../../pec/reportCsv';
import { reportHtml } from '../../pec/reportHtml';
import type { ReportLanguage } from '../../pec/reportWords';
import { neverSentMailing } from './neverSent';

interface Asked {
	readonly mailing: string;
	readonly language: ReportLanguage;
	readonly verifyLarge: boolean;
}

/** What became of a mailing, as a page to print and a table. */
export const mailingReport: Operation = eachItem<Asked>(
	(item) => ({
		mailing: item.text('mailingName', 'Mailing Name'),
		language: item.text('language') === 'en' ? 'en' : 'it',
		verifyLarge: item.collection('options').verifyLarge === true,
	}),
	async (asked, tools, itemIndex) => [await report(asked, tools, itemIndex)],
);

async function report(
	{ mailing, language, verifyLarge }: Asked,
	tools: OperationTools,
	itemIndex: number,
): Promise<Output> {
	const { trust, now, signal } = tools;
	const account = tools.account.settings.address;
	const tag = mailingTag({ account, mailing });
	const following = new Following({
		account,
		tags: new Set([tag]),
		trust,
		now,
		large: verifyLarge,
	});
	const imap = await tools.account.imap();
	await following.look(imap, undefined, signal);
	const known = following.known(tag);
	if (!known) throw neverSentMailing();
	const replies = await repliesTo(imap, known, { trust, now, ...(signal ? { signal } : {}) });
	signal?.throwIfAborted();
	const told = reportOf({
		mailing,
		account,
		rows: rowOutcomes(known, now()),
		replies,
		troubles: troublesOf(following),
		now: now(),
	});
	const { generatedAt, counts, rows } = told;
	const name = `${language === 'it' ? 'rapporto' : 'report'}-${generatedAt.slice(0, 10)}`;
	return {
		itemIndex,
		json: {
			mailing,
			total: rows.length,
			counts,
			final: rows.every(({ final }) => final),
			verified: rows.filter(({ verified }) => verified).length,
			generatedAt,
			...(told.troubles.length === 0 ? {} : { troubles: told.troubles }),
		},
		binary: {
			report: {
				fileName: `${name}.html`,
				mimeType: 'text/html',
				content: reportHtml(told, language),
			},
			csv: { fileName: `${name}.csv`, mimeType: 'text/csv', content: reportCsv(told, language) },
		},
	};
}

function troublesOf({ problems, refusal }: Following): ReportTrouble[] {
	const troubles: ReportTrouble[] = [];
	if (problems.length > 0) troubles.push('recordsUnreadable');
	if (refusal) troubles.push('folderRefused');
	return troubles;
}
