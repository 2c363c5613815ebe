import {
	allItems,
	type ItemValues,
	type Operation,
	type OperationTools,
} from '../../n8n/operations';
import type { Parameters } from '../../n8n/parameters';
import { UserError } from '../../n8n/errors';
import { Following } from '../../account/following';
import { followUntil } from '../../account/followUntil';
import { mailingTag, rowOfMessageId } from '../../pec/batch';
import { countsOf } from '../../pec/groups';
import { rowIdentity } from '../../pec/rowId';
import { rowOutcomes, type RowOutcome } from '../../pec/mailingOutcomes';
import type { Finding, RecipientOutcome } from '../../pec/types';
import { neverSentMailing } from './neverSent';

const MINUTE_MS = 60_000;

interface Shared {
	readonly waitMs: number;
	readonly verifyLarge: boolean;
}

/** What one item asks about: a whole mailing, or the rows to which these Message-IDs belong. */
type Asked =
	| { readonly kind: 'mailing'; readonly mailing: string }
	| { readonly kind: 'messages'; readonly messageIds: readonly string[] };

/** The state of each recipient of what the items name; each mailing, and each row, once. */
export const mailingTrack: Operation = allItems<Shared, Asked>(
	(first) => ({
		waitMs: first.number('waitMinutes', 'Wait Up To') * MINUTE_MS,
		verifyLarge: first.collection('options').verifyLarge === true,
	}),
	readAsked,
	async function* ({ waitMs, verifyLarge }, items, tools) {
		if (items.length === 0) return;
		const account = tools.account.settings.address;
		const deadline = new Date(tools.now().getTime() + waitMs);
		const asked = withoutRepetitions(items, account);
		const following = new Following({
			account,
			tags: new Set(asked.flatMap(({ tags }) => tags)),
			trust: tools.trust,
			now: tools.now,
			large: verifyLarge,
		});
		let found: RecipientOutcome[][] = [];
		let open = 0;
		let told = '';
		const followed = {
			imap: async () => await tools.account.imap(),
			isDone: () => {
				// Those of before are not kept in memory beside the new ones.
				found = [];
				found = outcomesOf(following, asked, tools.now());
				const outcomes = found.flat();
				open = outcomes.filter(({ final }) => !final).length;
				const state = `${open} of ${outcomes.length} recipients have no final state yet`;
				if (open > 0 && state !== told) tools.progress(state);
				told = state;
				return open === 0;
			},
			now: tools.now,
			...(tools.signal ? { signal: tools.signal } : {}),
		};
		await followUntil(following, { ...followed, until: new Date(0) });
		for (const [at, { itemIndex, mailing }] of asked.entries()) {
			if (found[at]?.length === 0) yield tools.fail(neverSent(mailing), itemIndex);
		}
		if (open > 0 && waitMs > 0) await followUntil(following, { ...followed, until: deadline });
		tellTroubles(following, tools);
		tellStates(found.flat(), tools);
		tellMatched(found.flat(), following, tools);
		for (const [at, { itemIndex }] of asked.entries()) {
			for (const outcome of found[at] ?? []) {
				yield { itemIndex, json: withFinding(outcome, following) };
			}
		}
	},
);

function readAsked(item: Parameters): Asked {
	switch (item.text('trackBy') || 'mailingName') {
		case 'messageIds':
			item.text('messageIds', 'Message-IDs');
			return { kind: 'messages', messageIds: item.list('messageIds').map(ours) };
		case 'items':
			return { kind: 'messages', messageIds: [ours(String(item.json().messageId ?? ''))] };
		default:
			return { kind: 'mailing', mailing: item.text('mailingName', 'Mailing Name') };
	}
}

/** Angle brackets may be missing: they get lost where a text passes through HTML. */
function ours(text: string): string {
	const messageId = text.startsWith('<') ? text : `<${text}>`;
	if (rowOfMessageId(messageId)) return messageId;
	throw new UserError(
		text === ''
			? 'This item has no messageId'
			: 'A Message-ID is not one of a message that PEC Send sent',
		'Give items that came out of PEC Send, or the messageId of such items.',
	);
}

interface AskedOnce {
	readonly itemIndex: number;
	readonly mailing: string | undefined;
	readonly tags: readonly string[];
	/** Of the rows alone that are asked for; all when absent. */
	readonly identities?: ReadonlySet<string>;
}

function withoutRepetitions(items: ReadonlyArray<ItemValues<Asked>>, account: string): AskedOnce[] {
	const seen = new Set<string>();
	const isNew = (key: string): boolean => !seen.has(key) && Boolean(seen.add(key));
	return items.flatMap(({ itemIndex, values }): AskedOnce[] => {
		if (values.kind === 'mailing') {
			const { mailing } = values;
			const tag = mailingTag({ account, mailing });
			return isNew(tag) ? [{ itemIndex, mailing, tags: [tag] }] : [];
		}
		const messageIds = values.messageIds.filter((messageId) => isNew(rowIdentity(messageId)));
		if (messageIds.length === 0) return [];
		const tags = messageIds.flatMap((id) => rowOfMessageId(id)?.mailingTag ?? []);
		const identities = new Set(messageIds.map(rowIdentity));
		return [{ itemIndex, mailing: undefined, tags: [...new Set(tags)], identities }];
	});
}

/** Of each that is asked for, in their order. */
function outcomesOf(
	following: Following,
	asked: readonly AskedOnce[],
	now: Date,
): RecipientOutcome[][] {
	const byTag = new Map<string, RowOutcome[]>();
	const byIdentity = new Map<string, RowOutcome>();
	for (const tag of new Set(asked.flatMap(({ tags }) => tags))) {
		const known = following.known(tag);
		const rows = known ? rowOutcomes(known, now) : [];
		byTag.set(tag, rows);
		for (const row of rows) byIdentity.set(row.identity, row);
	}
	return asked.map(({ tags, identities }) => {
		const rows = identities
			? [...identities].flatMap((identity) => byIdentity.get(identity) ?? [])
			: tags.flatMap((tag) => byTag.get(tag) ?? []);
		return rows.flatMap(({ outcomes }) => outcomes);
	});
}

function neverSent(mailing: string | undefined): UserError {
	return mailing === undefined
		? new UserError(
				'This mailbox has no record of this message',
				'Check that the credential is that of the address it was sent from, and that its mailing was not forgotten.',
			)
		: neverSentMailing();
}

/** What could not be read is said: what it holds is not known, and the rest is. */
function tellTroubles({ problems, refusal }: Following, tools: OperationTools): void {
	if (problems.length > 0) {
		tools.hint(
			'Records of this mailbox cannot be read: rows may be missing here. Look into the folder "n8n PEC (do not delete)".',
		);
	}
	if (refusal) {
		tools.hint(
			`A folder of the mailbox cannot be read: receipts in it are not seen. ${refusal.message}`,
		);
	}
}

const AMBIGUOUS = {
	code: 'receiptAmbiguous',
	message:
		'A receipt may be about this message, or about another to the same recipient with the same subject: it names none, and counts for none. Look at it yourself.',
} as const;

function withFinding(
	outcome: RecipientOutcome,
	{ ambiguous }: Following,
): RecipientOutcome & { readonly findings?: readonly Finding[] } {
	return ambiguous.has(outcome.messageId) ? { ...outcome, findings: [AMBIGUOUS] } : outcome;
}

function tellStates(outcomes: readonly RecipientOutcome[], tools: OperationTools): void {
	if (outcomes.length === 0) return;
	const counts = countsOf(outcomes.map(({ state }) => state));
	const told = [...counts].map(([state, count]) => `${count} ${state}`);
	tools.hint(`${outcomes.length} recipients: ${told.join(', ')}.`);
}

/** Where the provider's receipts name no message. */
function tellMatched(
	outcomes: readonly RecipientOutcome[],
	{ ambiguous }: Following,
	tools: OperationTools,
): void {
	const matched = outcomes.filter(({ matchedBy }) => matchedBy !== undefined).length;
	if (matched > 0) {
		tools.hint(
			`${matched} states rest on receipts that do not name the message they are about. They were told by recipient, subject and time (matchedBy: certification), and never lead to a message being sent again.`,
		);
	}
	const open = outcomes.filter(({ messageId }) => ambiguous.has(messageId)).length;
	if (open > 0) {
		tools.hint(
			`${open} messages have receipts that may also be about another message to the same recipient with the same subject: these receipts count for none. Look at the findings.`,
		);
	}
}
