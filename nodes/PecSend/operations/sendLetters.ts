import { systemClock } from '../../account/clock';
import { correlationSeen } from '../../account/correlation';
import type { PaceLimits } from '../../account/pace';
import { sendMailing } from '../../account/sending';
import type { SendingWindow } from '../../account/sendingWindow';
import type { OperationTools, Output, StoredFile } from '../../n8n/operations';
import { planMailing, type PlannedRow, type PlanMode } from '../../pec/batch';
import { presentFields } from '../../pec/presentFields';
import type { ReceiptEvidence, RecipientOutcome, Row } from '../../pec/types';
import { keepSentCopy, outgoingOf, type Letter } from './letter';
import { newNonce, tellInLine } from './sendingLease';
import { SharedAttachments } from './sharedAttachments';

export interface LetterRow {
	readonly itemIndex: number;
	readonly row: Row;
	readonly letter: Letter;
}

/** How far one run goes. */
export interface SendingRules {
	readonly maxDurationMs: number;
	readonly maxMessages?: number;
	/** In place of what the credential says. */
	readonly pace?: Partial<PaceLimits>;
	readonly window?: SendingWindow;
}

export interface LettersToSend {
	readonly mailing: string;
	readonly rows: readonly LetterRow[];
	/** What is known of earlier sendings of these rows, read anew each time. */
	readonly receipts: () => Promise<readonly ReceiptEvidence[]>;
	/** Sends what was not sent yet unless given. */
	readonly mode?: PlanMode;
	readonly rules: SendingRules;
	/** The first message of an account that never sent goes alone until its acceptance came. */
	readonly waitsForFirst: boolean;
}

export interface SentLetter {
	readonly itemIndex: number;
	readonly outcome: RecipientOutcome;
	/** The exact bytes, when the letter keeps them and they were, or may have been, handed over. */
	readonly binary?: { readonly data: StoredFile };
}

interface Kept {
	readonly sentCopy: Buffer | undefined;
	readonly bytes: StoredFile | undefined;
}

const PROGRESS_EVERY = 25;

const TOLD_BY_CERTIFICATION =
	'The receipts of this provider do not say in their header which message they are about. They are told by their certification data: where that does not say it either, by recipient, subject and time, and then the outcome has matchedBy: certification. A receipt that fits several messages counts for none: give messages to the same recipient different subjects.';

/** Plans, then sends what the plan says; one outcome per row. A single message is a mailing of one row. */
export async function* sendLetters(
	{ mailing, rows, receipts, mode, rules, waitsForFirst }: LettersToSend,
	tools: OperationTools,
): AsyncGenerator<SentLetter> {
	const { account: session } = tools;
	const account = session.settings.address;
	const plan = async (): Promise<PlannedRow[]> =>
		planMailing({
			account,
			mailing,
			rows: rows.map(({ row }) => row),
			records: await (await session.records()).readMailing(mailing),
			receipts: await receipts(),
			now: tools.now(),
			...(mode ? { mode } : {}),
		});
	const planned = await plan();
	const toSend = planned.filter(({ decision }) => decision === 'send').length;
	if (rows.length > 1) tools.progress(`${toSend} of ${rows.length} messages to send`);
	if (toSend === 0) {
		// Nobody keeps others from sending, or signs in, to send nothing.
		for (const [index, { outcome, decision }] of planned.entries()) {
			if (decision === 'send') continue;
			yield { itemIndex: itemOf(rows, index), outcome: { ...outcome, action: decision } };
		}
		return;
	}
	const shared = new SharedAttachments();
	const keptOf = new Map<number, Kept>();
	let done = 0;
	const canary = async (): Promise<boolean> => {
		const seen = await correlationSeen(session, account);
		if (seen === 'certification') tools.hint(TOLD_BY_CERTIFICATION);
		return seen !== undefined;
	};
	const outcomes = sendMailing({
		account,
		mailing,
		records: session.records,
		smtp: session.smtp,
		plan,
		build: async ({ messageId }, index) => {
			const { letter } = rows[index]!;
			const { sizeLimit } = await session.smtp();
			const limits = sizeLimit === undefined ? {} : { size: sizeLimit };
			const { raw, to, sentCopy, kept } = await outgoingOf(
				letter,
				messageId,
				tools,
				shared.encoded,
				limits,
			);
			// Before it is sent: where they are the only proof of its content, they must not get lost afterwards.
			const bytes = kept && (await tools.store(kept));
			if (sentCopy || bytes) keptOf.set(index, { sentCopy, bytes });
			const { subject, addressSource } = letter;
			return { raw, to, about: { subject, ...(addressSource ? { addressSource } : {}) } };
		},
		...(waitsForFirst ? { canary } : {}),
		...rules,
		pace: { ...session.pace, ...rules.pace },
		clock: systemClock,
		nonce: newNonce,
		...(tools.signal ? { signal: tools.signal } : {}),
		onInLine: () => tellInLine(tools),
		onUnrecorded: () =>
			tools.hint(
				'Messages were sent, but what became of the last ones could not be recorded in the mailbox: they show as unclear until their receipts come.',
			),
	});
	for await (const { index, outcome } of outcomes) {
		done += 1;
		if (done % PROGRESS_EVERY === 0) tools.progress(`${done} of ${rows.length} rows done`);
		const kept = keptOf.get(index);
		keptOf.delete(index);
		if (outcome.action === 'sent' && kept?.sentCopy) await keepSentCopy(kept.sentCopy, tools);
		const mayBeSent = outcome.action === 'sent' || outcome.state === 'inDoubt';
		const bytes = mayBeSent ? kept?.bytes : undefined;
		const itemIndex = itemOf(rows, index);
		yield { itemIndex, outcome, ...(bytes ? { binary: { data: bytes } } : {}) };
	}
}

/** Of rows of a mailing: the outcome is the item. */
export async function* outputsOf(
	sent: AsyncIterable<SentLetter>,
): AsyncGenerator<Output & { readonly json: RecipientOutcome }> {
	for await (const { outcome, ...output } of sent) yield { ...output, json: actionFirst(outcome) };
}

/** Beside whom it is about: n8n's table shows few columns at once. */
export function actionFirst<T extends Partial<RecipientOutcome>>(outcome: T): T {
	const { recipient, rowKey, action } = outcome;
	return { ...presentFields({ recipient, rowKey, action }), ...outcome };
}

function itemOf(rows: readonly LetterRow[], index: number): number {
	return rows[index]?.itemIndex ?? 0;
}
