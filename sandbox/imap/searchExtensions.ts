import { BadCommandError } from './argumentParser.ts';
import { parseModseq } from './modseq.ts';
import type { KeyContext, KeyParser, SearchTest } from './searchKeys.ts';

const ENTRY_TYPES = new Set(['ALL', 'PRIV', 'SHARED']);

/** Search keys of extensions, with the capability each comes with. */
export const EXTENSION_KEYS: ReadonlyMap<
	string,
	{ readonly capability: string; readonly parse: KeyParser }
> = new Map([
	['MODSEQ', { capability: 'MODSEQ', parse: changedSince }],
	[
		'OLDER',
		{
			capability: 'WITHIN',
			parse: (context: KeyContext) => within(context, (age, seconds) => age >= seconds),
		},
	],
	[
		'YOUNGER',
		{
			capability: 'WITHIN',
			parse: (context: KeyContext) => within(context, (age, seconds) => age <= seconds),
		},
	],
	['EMAILID', { capability: 'OBJECTID', parse: emailId }],
	['THREADID', { capability: 'OBJECTID', parse: threadId }],
]);

/** `MODSEQ 620162338`, or with the name of one flag, which counts as all of them (RFC 7162 3.1.5). */
function changedSince({ args, usesModseq }: KeyContext): SearchTest {
	usesModseq();
	args.space();
	if (args.sees('"')) {
		args.string();
		args.space();
		if (!ENTRY_TYPES.has(args.keyword())) throw new BadCommandError('expected an entry type');
		args.space();
	}
	const since = parseModseq(args);
	return ({ message }) => message.modseq >= since;
}

/** The age of a message in whole seconds, by the server's clock (RFC 5032). */
function within(
	{ args, scope }: KeyContext,
	fits: (age: number, seconds: number) => boolean,
): SearchTest {
	args.space();
	const seconds = args.number();
	if (seconds === 0) throw new BadCommandError('expected seconds');
	const now = secondsOf(scope.now);
	return ({ message }) => fits(now - secondsOf(message.internalDate), seconds);
}

function secondsOf(date: Date): number {
	return Math.floor(date.getTime() / 1000);
}

/** RFC 8474 5.4. */
function emailId({ args }: KeyContext): SearchTest {
	args.space();
	const sought = args.atom();
	return ({ message }) => message.emailId === sought;
}

/** A server that tells no threads finds none (RFC 8474 5.4). */
function threadId({ args }: KeyContext): SearchTest {
	args.space();
	args.atom();
	return () => false;
}
