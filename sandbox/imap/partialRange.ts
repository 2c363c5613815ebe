import { BadCommandError } from './argumentParser.ts';
import type { ArgumentParser } from './argumentParser.ts';

/** Places in a list of results, from 1; below 0 from its end. */
export interface PartialRange {
	readonly from: number;
	readonly to: number;
}

const RANGE = /-?[1-9]\d{0,9}:-?[1-9]\d{0,9}/y;

/** Reads `1:500` or `-1:-100`, in either order (RFC 9394 4). Throws BadCommandError. */
export function parsePartialRange(args: ArgumentParser): PartialRange {
	const [from = 0, to = 0] = args.take(RANGE)?.split(':').map(Number) ?? [];
	if (from * to <= 0) throw new BadCommandError('expected a range of results');
	return { from, to };
}

/** The results at these places, in their order. */
export function partOf<T>(results: readonly T[], { from, to }: PartialRange): readonly T[] {
	const [near, far] = [Math.abs(from), Math.abs(to)].sort((a, b) => a - b) as [number, number];
	if (from > 0) return results.slice(near - 1, far);
	return results.slice(Math.max(0, results.length - far), Math.max(0, results.length - near + 1));
}
