import type { IDataObject } from 'n8n-workflow';
import { cleanUp, type CleanUpOptions, type CleanUpResult } from '../../account/cleanUp';
import type { CopyStore } from '../../account/copyStore';
import { UserError } from '../../n8n/errors';
import type { OperationTools, Output } from '../../n8n/operations';
import { choiceOf, toList, type Parameters } from '../../n8n/parameters';
import type { PurgeCriteria } from '../../pec/purge';
import type { CopyRequired, MessageKind, ReceiptType } from '../../pec/types';
import { whyStopped } from './cleanUpWords';

export interface CleanUpRequest {
	readonly criteria: PurgeCriteria;
	readonly budget: CleanUpOptions['budget'];
	readonly comparesBytes: boolean;
}

type Sdi = NonNullable<PurgeCriteria['sdi']>;

const DAY_MS = 24 * 3_600_000;
const MINUTE_MS = 60_000;
const MB = 1024 * 1024;

/** What a person types who lets messages go without a copy. */
export const WORD = 'ELIMINA';

/** What is planned for when nothing is chosen: ordinary mail goes as the sent copy of a sending alone. */
const KINDS: ReadonlyMap<string, MessageKind> = new Map([
	['transportEnvelope', 'transportEnvelope'],
	['anomalyEnvelope', 'anomalyEnvelope'],
	['sentCopy', 'ordinary'],
]);

/** @param more a plan deletes nothing, and so needs no word; what copies by itself leaves no choice */
export function requestOf(
	item: Parameters,
	now: Date,
	more: { readonly copyRequired?: CopyRequired; readonly isPlan?: boolean } = {},
): CleanUpRequest {
	const days = Math.max(0, item.number('olderThanDays', 'Older Than'));
	const options = item.collection('options');
	const folders = item.list('folders');
	return {
		criteria: {
			...(folders.length === 0 ? {} : { folders }),
			...kindsOf(item.list('kinds')),
			exceptedFolders: toList(options.exceptedFolders),
			olderThan: new Date(now.getTime() - days * DAY_MS),
			copyRequired: more.copyRequired ?? copyRequiredOf(item, more.isPlan === true),
			keepUnread: item.flag('keepUnread', 'Keep Unread PEC'),
			keepUnverified: options.keepUnverified !== false,
			sdi: choiceOf<Sdi>(options.sdi, 'Invoice Exchange (SDI)', ['keep', 'include', 'only']),
		},
		budget: {
			...limitOf(options.maxMessages, 'Max Messages', 'maxMessages'),
			...limitOf(options.maxMegabytes, 'Max Megabytes', 'maxBytes', MB),
			...limitOf(options.maxMinutes, 'Max Minutes', 'maxMs', MINUTE_MS),
		},
		comparesBytes: options.compareBytes === true,
	};
}

function copyRequiredOf(item: Parameters, isPlan: boolean): CopyRequired {
	const required = item.choice('copyRequired', 'Copy Required', ['checked', 'handedOver', 'none']);
	if (required === 'none' && !isPlan && item.text('confirmation') !== WORD) {
		throw new UserError(
			'Deleting without a copy is not confirmed: nothing was done',
			`Type ${WORD} in the field below Copy Required, or choose Checked Copy. What is deleted without a copy is lost for good.`,
		);
	}
	return required;
}

/** Names of kinds and of receipt types, in one list as a person sees them. */
function kindsOf(chosen: readonly string[]): Pick<PurgeCriteria, 'kinds' | 'receiptTypes'> {
	if (chosen.length === 0) return {};
	const kinds = chosen.flatMap((name) => KINDS.get(name) ?? []);
	const receiptTypes = chosen.filter((name) => !KINDS.has(name)) as ReceiptType[];
	return receiptTypes.length === 0 ? { kinds } : { kinds: [...kinds, 'receipt'], receiptTypes };
}

/** 0 is no limit. */
function limitOf<K extends string>(
	given: IDataObject[string],
	label: string,
	name: K,
	unit = 1,
): Partial<Record<K, number>> {
	if (given === undefined || given === '' || given === 0) return {};
	const value = Number(given);
	if (!(value > 0)) {
		throw new UserError(`${label} is no number above 0`, `Leave ${label} empty for no limit.`);
	}
	return { [name]: value * unit } as Record<K, number>;
}

/** Deletes, and copies first where there is a store; one item per message that is gone, or was to go and stays. */
export async function* runCleanUp(
	request: CleanUpRequest,
	tools: OperationTools,
	itemIndex: number,
	store?: CopyStore,
): AsyncGenerator<Output, void, void> {
	const events = cleanUp({
		...request,
		imap: await tools.account.imap(),
		records: await tools.account.records(),
		account: tools.account.settings.address,
		trust: tools.account.trust,
		now: () => tools.now(),
		progress: (message) => tools.progress(message),
		...(tools.signal ? { signal: tools.signal } : {}),
		...(store ? { store } : {}),
	});
	for (;;) {
		const { done, value } = await events.next();
		if (done) {
			tools.hint(hintOf(value));
			yield { itemIndex, json: { cleanUp: summaryOf(value) } };
			return;
		}
		if (value.kind === 'deleted') yield { itemIndex, json: { deletion: value.deletion } };
		if (value.kind === 'kept') {
			const { message, because } = value;
			yield { itemIndex, json: { kept: { message, because } } };
		}
	}
}

function summaryOf({ stopped, ...result }: CleanUpResult): object {
	return { ...result, ...(stopped ? { stopped: whyStopped(stopped) } : {}) };
}

function hintOf({
	deleted,
	copied,
	left,
	kept,
	stopped,
	percentBefore,
	percentAfter,
}: CleanUpResult): string {
	const space =
		percentBefore === undefined || percentAfter === undefined
			? ''
			: `; the mailbox was ${percentBefore} % full and is ${percentAfter} % full now`;
	const why = stopped ? ` ${whyStopped(stopped).message}.` : '';
	return (
		`${deleted.messages} messages deleted (${megabytes(deleted.bytes)} MB), ${copied.messages} copied, ` +
		`${left.messages} left for the next run, ${kept} kept${space}.${why} Clean Up: Plan says of each why it is kept.`
	);
}

function megabytes(bytes: number): string {
	return (bytes / MB).toFixed(1);
}
