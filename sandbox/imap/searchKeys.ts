import type { StoredMessage } from '../store/storedMessage.ts';
import { BadCommandError } from './argumentParser.ts';
import type { ArgumentParser } from './argumentParser.ts';
import { dayOf, parseDay } from './dates.ts';
import type { SearchTarget } from './searchTarget.ts';
import { EXTENSION_KEYS } from './searchExtensions.ts';
import { membership, parseSequenceSet } from './sequenceSet.ts';

export type SearchTest = (target: SearchTarget) => boolean;

/** Where a search looks. */
export interface SearchScope {
	readonly view: readonly StoredMessage[];
	/** UIDs `$` stands for; absent when it is no set here. */
	readonly saved: readonly number[] | undefined;
	/** Whether a capability is there. */
	readonly knows: (capability: string) => boolean;
	readonly now: Date;
}

export interface KeyContext {
	readonly args: ArgumentParser;
	readonly scope: SearchScope;
	/** How deep in parentheses, NOT and OR. */
	readonly depth: number;
	/** Called when a key asks for mod-sequences. */
	readonly usesModseq: () => void;
}

export type KeyParser = (context: KeyContext) => SearchTest;

/** Deeper nesting is refused: each level is a call on the stack. */
const MAX_DEPTH = 100;

const FLAG_KEYS: readonly (readonly [key: string, flag: string])[] = [
	['ANSWERED', '\\Answered'],
	['DELETED', '\\Deleted'],
	['DRAFT', '\\Draft'],
	['FLAGGED', '\\Flagged'],
	['SEEN', '\\Seen'],
];

/** Every search key of RFC 3501 6.4.4 but parentheses and sequence sets, which have no name. */
const KEYS: ReadonlyMap<string, KeyParser> = new Map<string, KeyParser>([
	...FLAG_KEYS.flatMap(([key, flag]): [string, KeyParser][] => [
		[
			key,
			() =>
				({ message }) =>
					message.flags.has(flag),
		],
		[
			`UN${key}`,
			() =>
				({ message }) =>
					!message.flags.has(flag),
		],
	]),
	['ALL', () => () => true],
	[
		'RECENT',
		() =>
			({ recent }) =>
				recent,
	],
	[
		'OLD',
		() =>
			({ recent }) =>
				!recent,
	],
	[
		'NEW',
		() =>
			({ recent, message }) =>
				recent && !message.flags.has('\\Seen'),
	],
	['KEYWORD', (context) => keyword(context, true)],
	['UNKEYWORD', (context) => keyword(context, false)],
	...['BCC', 'CC', 'FROM', 'SUBJECT', 'TO'].map((key): [string, KeyParser] => [
		key,
		(context) => header(key.toLowerCase(), needle(context)),
	]),
	[
		'HEADER',
		(context) => {
			const name = needle(context);
			return header(name, needle(context));
		},
	],
	[
		'BODY',
		(context) => {
			const sought = needle(context);
			return (target) => target.bodyHolds(sought);
		},
	],
	[
		'TEXT',
		(context) => {
			const sought = needle(context);
			return (target) => target.anyHeaderHolds(sought) || target.bodyHolds(sought);
		},
	],
	['BEFORE', (context) => received(context, (day, limit) => day < limit)],
	['ON', (context) => received(context, (day, limit) => day === limit)],
	['SINCE', (context) => received(context, (day, limit) => day >= limit)],
	['SENTBEFORE', (context) => sent(context, (day, limit) => day < limit)],
	['SENTON', (context) => sent(context, (day, limit) => day === limit)],
	['SENTSINCE', (context) => sent(context, (day, limit) => day >= limit)],
	['LARGER', (context) => size(context, (bytes, limit) => bytes > limit)],
	['SMALLER', (context) => size(context, (bytes, limit) => bytes < limit)],
	[
		'UID',
		(context) => {
			context.args.space();
			return inSet(context, 'uid');
		},
	],
	[
		'NOT',
		(context) => {
			const test = nextKey(context);
			return (target) => !test(target);
		},
	],
	[
		'OR',
		(context) => {
			const one = nextKey(context);
			const other = nextKey(context);
			return (target) => one(target) || other(target);
		},
	],
]);

/**
 * Reads one or more keys, all of which must hold, up to the end. `modseq`: whether the answer is to tell mod-sequences.
 * Throws BadCommandError.
 */
export function parseSearchKeys(
	args: ArgumentParser,
	scope: SearchScope,
): { readonly fits: SearchTest; readonly modseq: boolean } {
	let modseq = false;
	const context = { args, scope, depth: 0, usesModseq: () => (modseq = true) };
	const tests = [parseKey(context)];
	while (args.takes(' ')) tests.push(parseKey(context));
	args.end();
	return { fits: (target) => tests.every((test) => test(target)), modseq };
}

function parseKey(context: KeyContext): SearchTest {
	const { args } = context;
	if (context.depth > MAX_DEPTH) throw new BadCommandError('the search is nested too deeply');
	if (args.sees('(')) {
		const inner = { ...context, depth: context.depth + 1 };
		const tests = args.list(() => parseKey(inner));
		return (target) => tests.every((test) => test(target));
	}
	const name = args.take(/[A-Za-z]+/y)?.toUpperCase();
	if (name === undefined) return inSet(context, 'sequence');
	const extension = EXTENSION_KEYS.get(name);
	const offered = extension !== undefined && context.scope.knows(extension.capability);
	const parse = offered ? extension.parse : KEYS.get(name);
	if (parse === undefined) throw new BadCommandError('unknown search key');
	return parse(context);
}

function nextKey(context: KeyContext): SearchTest {
	context.args.space();
	return parseKey({ ...context, depth: context.depth + 1 });
}

function inSet({ args, scope }: KeyContext, by: 'uid' | 'sequence'): SearchTest {
	return membership(scope.view, parseSequenceSet(args, scope.saved), by);
}

/** Lower case; the charset is UTF-8, of which US-ASCII is a part. */
function needle({ args }: KeyContext): string {
	args.space();
	return args.astring().toString('utf8').toLowerCase();
}

function header(name: string, sought: string): SearchTest {
	return (target) => target.headerHolds(name, sought);
}

function keyword({ args }: KeyContext, wanted: boolean): SearchTest {
	args.space();
	const sought = args.flag().toLowerCase();
	return ({ message }) =>
		[...message.flags].some((flag) => flag.toLowerCase() === sought) === wanted;
}

function received(context: KeyContext, fits: (day: number, limit: number) => boolean): SearchTest {
	const limit = day(context);
	return ({ message }) => fits(dayOf(message.internalDate), limit);
}

function sent(context: KeyContext, fits: (day: number, limit: number) => boolean): SearchTest {
	const limit = day(context);
	return (target) => {
		const sentDay = target.sentDay();
		return sentDay !== undefined && fits(sentDay, limit);
	};
}

function size({ args }: KeyContext, fits: (bytes: number, limit: number) => boolean): SearchTest {
	args.space();
	const limit = args.number();
	return ({ message }) => fits(message.size, limit);
}

function day({ args }: KeyContext): number {
	args.space();
	const parsed = parseDay(args.astring().toString('latin1'));
	if (parsed === undefined) throw new BadCommandError('expected a date');
	return parsed;
}
