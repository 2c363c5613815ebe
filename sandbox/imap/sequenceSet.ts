import type { StoredMessage } from '../store/storedMessage.ts';
import { indexAtOrAbove } from '../store/uidOrder.ts';
import { BadCommandError } from './argumentParser.ts';
import type { ArgumentParser } from './argumentParser.ts';

/** `*` stands as Infinity until the folder is known. */
export type SequenceSet = readonly { readonly from: number; readonly to: number }[];

const SEQUENCE_SET = /[\d*:,]+/y;
const RANGE = /^([1-9]\d{0,9}|\*)(?::([1-9]\d{0,9}|\*))?$/;

/** Reads `1:4,7,9:*` (RFC 3501 9). Throws BadCommandError. */
export function parseSequenceSet(args: ArgumentParser): SequenceSet {
	const text = args.take(SEQUENCE_SET) ?? '';
	return text.split(',').map((range) => {
		const match = RANGE.exec(range);
		if (match === null) throw new BadCommandError('expected a sequence set');
		const from = numberOf(match[1]);
		return { from, to: match[2] === undefined ? from : numberOf(match[2]) };
	});
}

function numberOf(text = ''): number {
	return text === '*' ? Number.POSITIVE_INFINITY : Number(text);
}

/** A message and the number it has in a session. */
export interface Numbered {
	readonly sequence: number;
	readonly message: StoredMessage;
}

/**
 * The messages of `view` (ascending by UID) that a set names, each once, ascending. Numbers nobody has are passed over;
 * `*` is the last message, so that `n:*` always holds it (RFC 3501 6.4.8).
 */
export function messagesIn(
	view: readonly StoredMessage[],
	set: SequenceSet,
	by: 'uid' | 'sequence',
): Numbered[] {
	const last = by === 'uid' ? (view.at(-1)?.uid ?? 0) : view.length;
	const ranges = set
		.map(({ from, to }) => {
			const [a, b] = [from, to].map((n) => (n === Number.POSITIVE_INFINITY ? last : n));
			return { low: Math.min(a ?? 0, b ?? 0), high: Math.max(a ?? 0, b ?? 0) };
		})
		.sort((a, b) => a.low - b.low);
	const found: Numbered[] = [];
	let index = 0;
	for (const { low, high } of ranges) {
		const start = by === 'uid' ? indexAtOrAbove(view, low) : Math.max(0, low - 1);
		for (index = Math.max(index, start); index < view.length; index += 1) {
			const message = view[index];
			if (message === undefined || (by === 'uid' ? message.uid : index + 1) > high) break;
			found.push({ sequence: index + 1, message });
		}
	}
	return found;
}
