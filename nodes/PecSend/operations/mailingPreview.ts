import type { Letter } from './letter';
import type { MailingRow, RowFault } from './mailingRows';
import type { Operation, Output, OperationTools } from '../../n8n/operations';
import type { RecipientOutcome, RowAction } from '../../pec/types';
import type { SizeLimits } from '../../pec/preflight';
import { whatToDo } from '../../n8n/errors';
import { lookAhead, toldSpace, type PreflightRow } from './mailingPreflight';
import { readMailing } from './mailingRows';
import { actionFirst } from './sendLetters';
import { sendOne } from './sendOne';

/** Why a row would not go out, or should be looked at. */
interface PreviewProblem {
	readonly code: string;
	readonly message: string;
	readonly whatToDo?: string;
}

/** What a run of the mailing would do with each row, and the letters it would send. Sends and writes nothing. */
export const mailingPreview: Operation = async function* (run) {
	if (run.items.length === 0) return;
	const { tools } = run;
	const mailing = await readMailing(run);
	const preflight = await lookAhead(mailing, tools, {
		limitsOf: async () => await limitsOf(tools),
		all: true,
	});
	const bad = mailing.faults.map((fault) => outputOfFault(fault, mailing.mailing));
	const skipsFailed = mailing.options.failedBefore === 'skip';
	const outputs = [...bad, ...preflight.rows.map((row) => outputOf(row, skipsFailed))];
	mailing.warnings.forEach((warning) => tools.hint(warning));
	tellCounts(preflight.rows, outputs, tools);
	const space = toldSpace(preflight);
	if (space) tools.hint(space);
	if (mailing.options.sendOneToMe) await sendToMe(mailing.rows[0], tools);
	yield* outputs;
};

/** A preview is worth having also while the sending server lets nobody in. */
async function limitsOf(tools: OperationTools): Promise<SizeLimits> {
	try {
		const { sizeLimit } = await tools.account.smtp();
		return sizeLimit === undefined ? {} : { size: sizeLimit };
	} catch (error) {
		tools.signal?.throwIfAborted();
		const reason = error instanceof Error ? error.message : 'Something went wrong';
		tools.hint(`Sending would fail now: ${reason}`);
		return {};
	}
}

function outputOf(
	{ row, planned, weight, fault, sizeProblem, lastOutcome }: PreflightRow,
	skipsFailed: boolean,
): Output {
	const { subject, text, html, attachments } = row.letter;
	const problems: PreviewProblem[] = [
		...(fault === undefined ? [] : [problemOf(fault)]),
		...(sizeProblem ? [sizeProblem] : []),
	];
	const stops = fault !== undefined || sizeProblem?.code === 'tooLarge';
	const isLeftOut = skipsFailed && lastOutcome?.isAddressAtFault === true;
	const { state, at, mailing } = lastOutcome ?? {};
	return {
		itemIndex: row.itemIndex,
		json: actionFirst({
			...planned.outcome,
			action: actionOf(planned.decision, stops || isLeftOut),
			preview: {
				subject,
				text,
				html,
				attachments: attachments.map(({ fileName, size }) => ({ fileName, size })),
				messageSize: weight?.messageSize,
				problems,
				lastOutcome: lastOutcome && { state, at, mailing },
			},
		}),
	};
}

function actionOf(decision: PreflightRow['planned']['decision'], isLeft: boolean): RowAction {
	if (decision !== 'send') return decision;
	return isLeft ? 'skipped' : 'planned';
}

function outputOfFault({ itemIndex, recipient, rowKey, error }: RowFault, mailing: string): Output {
	const preview = { problems: [problemOf(error)] };
	return { itemIndex, json: { recipient, rowKey, action: 'skipped', mailing, preview } };
}

function problemOf(error: unknown): PreviewProblem {
	const message = error instanceof Error ? error.message : 'Something went wrong';
	const advice = whatToDo(error);
	return { code: 'notSendable', message, ...(advice ? { whatToDo: advice } : {}) };
}

function tellCounts(
	rows: readonly PreflightRow[],
	outputs: readonly Output[],
	tools: OperationTools,
): void {
	const actions = outputs.map(({ json }) => ('action' in json ? json.action : undefined));
	const planned = actions.filter((action) => action === 'planned').length;
	const already = actions.filter((action) => action === 'alreadySent').length;
	const doubtful = rows.filter(({ planned: { why } }) => why === 'inDoubt').length;
	const others = outputs.length - planned - already - doubtful;
	const told = [
		`${planned} of ${outputs.length} to send`,
		...(already > 0 ? [`${already} sent already`] : []),
		...(doubtful > 0 ? [`${doubtful} unclear: check before resending`] : []),
		...(others > 0
			? [`${others} will not be sent: see preview.problems and preview.lastOutcome`]
			: []),
	];
	tools.hint(`Preview: ${told.join(', ')}. No recipient was written to.`);
}

/** The first letter to the account itself, as a message of its own: the mailing knows nothing of it. */
async function sendToMe(row: MailingRow | undefined, tools: OperationTools): Promise<void> {
	const me = tools.account.settings.address;
	if (!row) {
		tools.hint('There is no letter that could be sent to you: no row is without problems.');
		return;
	}
	const letter: Letter = {
		...row.letter,
		to: [me],
		cc: [],
		subject: `[Anteprima] ${row.letter.subject}`,
	};
	const [sent] = await sendOne({ letter, sendKey: '' }, tools, row.itemIndex);
	const outcome: Partial<RecipientOutcome> = sent?.json ?? {};
	tools.hint(
		outcome.action === 'sent' || outcome.action === 'alreadySent'
			? 'The letter of the first row was sent to this account’s own address, with [Anteprima] before its subject. It is no part of the mailing.'
			: `The letter to yourself was not sent. ${outcome.error?.message ?? ''}`,
	);
}
