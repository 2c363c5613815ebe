import type { StoredMessage } from '../store/storedMessage.ts';
import { indexAtOrAbove } from '../store/uidOrder.ts';
import { BadCommandError } from './argumentParser.ts';
import type { ArgumentParser } from './argumentParser.ts';

/** `*` stands as Infinity until the folder is known. `uid`: it names UIDs, whatever the command counts in. */
export interface SequenceSet {
	readonly ranges: readonly { readonly from: number; readonly to: number }[];
	readonly uid?: true;
}

const SEQUENCE_SET = /[\d*:,]+/y;
const RANGE = /^([1-9]\d{0,9}|\*)(?::([1-9]\d{0,9}|\*))?$/;

/**
 * Reads `1:4,7,9:*` (RFC 3501 9), or `$`, what a search put aside (RFC 5182 2.1). Throws BadCommandError.
 * @param saved UIDs, ascending; absent where there can be none
 */
export function parseSequenceSet(args: ArgumentParser, saved?: readonly number[]): SequenceSet {
	if (saved !== undefined && args.takes('$')) {
		return { ranges: saved.map((uid) => ({ from: uid, to: uid })), uid: true };
	}
	const text = args.take(SEQUENCE_SET) ?? '';
	const ranges = text.split(',').map((range) => {
		const match = RANGE.exec(range);
		if (match === null) throw new BadCommandError('expected a sequence set');
		const from = numberOf(match[1]);
		return { from, to: match[2] === undefined ? from : numberOf(match[2]) };
	});
	return { ranges };
}

/** Whether a set names a UID, also one that no message has any more: `*` is the highest there could be. */
export function uidTest(set: SequenceSet): (uid: number) => boolean {
	return holdsIn(rangesOf(set, Number.POSITIVE_INFINITY));
}

function numberOf(text = ''): number {
	return text === '*' ? Number.POSITIVE_INFINITY : Number(text);
}

/** A message and the number it has in a session. */
export interface Numbered {
	readonly sequence: number;
	readonly message: StoredMessage;
}

interface NumberRange {
	readonly low: number;
	readonly high: number;
}

/** Ascending, none touching another; `*` is `last`. */
function rangesOf(set: SequenceSet, last: number): NumberRange[] {
	const ascending = set.ranges
		.map(({ from, to }) => {
			const [a, b] = [from, to].map((n) => (n === Number.POSITIVE_INFINITY ? last : n));
			return { low: Math.min(a ?? 0, b ?? 0), high: Math.max(a ?? 0, b ?? 0) };
		})
		.sort((a, b) => a.low - b.low);
	const joined: { low: number; high: number }[] = [];
	for (const range of ascending) {
		const before = joined.at(-1);
		if (before !== undefined && range.low <= before.high + 1) {
			before.high = Math.max(before.high, range.high);
		} else joined.push(range);
	}
	return joined;
}

/** `*` is the last message of `view` (ascending by UID). */
function rangesIn(
	view: readonly StoredMessage[],
	set: SequenceSet,
	by: 'uid' | 'sequence',
): NumberRange[] {
	return rangesOf(set, by === 'uid' ? (view.at(-1)?.uid ?? 0) : view.length);
}

/** Whether a number is in one of the ranges, by halving. */
function holdsIn(ranges: readonly NumberRange[]): (number: number) => boolean {
	return (number) => {
		let low = 0;
		let high = ranges.length;
		while (low < high) {
			const middle = (low + high) >>> 1;
			if ((ranges[middle]?.high ?? 0) < number) low = middle + 1;
			else high = middle;
		}
		const range = ranges[low];
		return range !== undefined && range.low <= number;
	};
}

/** Whether a set names a message; quick for sets of any length, which needs no list of what it names. */
export function membership(
	view: readonly StoredMessage[],
	set: SequenceSet,
	counted: 'uid' | 'sequence',
): (message: Numbered) => boolean {
	const by = set.uid === true ? 'uid' : counted;
	const holds = holdsIn(rangesIn(view, set, by));
	return ({ message, sequence }) => holds(by === 'uid' ? message.uid : sequence);
}

/**
 * The messages of `view` (ascending by UID) that a set names, each once, ascending. Numbers nobody has are passed over;
 * `*` is the last message, so that `n:*` always holds it (RFC 3501 6.4.8).
 */
export function messagesIn(
	view: readonly StoredMessage[],
	set: SequenceSet,
	counted: 'uid' | 'sequence',
): Numbered[] {
	const by = set.uid === true ? 'uid' : counted;
	const found: Numbered[] = [];
	let index = 0;
	for (const { low, high } of rangesIn(view, set, by)) {
		const start = by === 'uid' ? indexAtOrAbove(view, low) : Math.max(0, low - 1);
		for (index = Math.max(index, start); index < view.length; index += 1) {
			const message = view[index];
			if (message === undefined || (by === 'uid' ? message.uid : index + 1) > high) break;
			found.push({ sequence: index + 1, message });
		}
	}
	return found;
}
