import { groupedBy } from './groups';

/** What a name means among the files there are. */
export type FoundName =
	| { readonly index: number }
	/** Several could be meant: none is taken. */
	| { readonly several: readonly string[] }
	/** Nothing of that name; the most similar names, best first, at most three. Absent where many were missing before. */
	| { readonly closest: readonly string[] | undefined };

const CLOSEST = 3;
/** Names compared with others in all, a second’s work: ten thousand rows can miss ten thousand files. */
const COMPARISONS = 50_000;
/** Of 1: below that a name has nothing to do with the other. */
const SIMILAR = 0.3;

/** macOS writes accents apart from their letters. */
function normal(name: string): string {
	return name.normalize('NFC').replace(/\\/g, '/').trim();
}

function folded(name: string): string {
	return normal(name).toLowerCase();
}

function baseName(path: string): string {
	return path.slice(path.lastIndexOf('/') + 1);
}

/** Two letters at a time, each with how often it comes. */
function pairsOf(name: string): Map<string, number> {
	const pairs = new Map<string, number>();
	for (let at = 0; at < name.length - 1; at += 1) {
		const pair = name.slice(at, at + 2);
		pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
	}
	return pairs;
}

/** The Sørensen–Dice coefficient of two names' pairs of letters: 0 nothing alike, 1 the same. */
function similarity(left: string, right: string): number {
	const [ofLeft, ofRight] = [pairsOf(left), pairsOf(right)];
	let common = 0;
	for (const [pair, count] of ofLeft) common += Math.min(count, ofRight.get(pair) ?? 0);
	const all = left.length + right.length - 2;
	return all > 0 ? (2 * common) / all : 0;
}

function closestTo(wanted: string, names: readonly string[]): string[] {
	const name = baseName(folded(wanted));
	return names
		.map((each) => ({ each, score: similarity(name, baseName(folded(each))) }))
		.filter(({ score }) => score >= SIMILAR)
		.sort((left, right) => right.score - left.score)
		.slice(0, CLOSEST)
		.map(({ each }) => each);
}

/** How a name is compared, the strictest way first. */
const WAYS: ReadonlyArray<(name: string) => string> = [
	normal,
	folded,
	(name) => baseName(folded(name)),
];

/**
 * Finds files by their names: as written, else without regard to case, else by the name without folders. The first way
 * that finds something decides, and takes nothing when it finds several.
 */
export function finderOf(names: readonly string[]): (wanted: string) => FoundName {
	// Thousands of rows name thousands of files: each name is looked up, not compared with all.
	const byWay = WAYS.map((way) => ({
		way,
		indexes: groupedBy(names.keys(), (index) => way(names[index] ?? '')),
	}));
	let comparisons = 0;
	return (wanted) => {
		for (const { way, indexes } of byWay) {
			const [index, ...others] = indexes.get(way(wanted)) ?? [];
			if (index === undefined) continue;
			if (others.length === 0) return { index };
			return { several: [index, ...others].map((each) => names[each] ?? '') };
		}
		if (comparisons > COMPARISONS) return { closest: undefined };
		comparisons += names.length;
		return { closest: closestTo(wanted, names) };
	};
}

/** Names that one cell or expression holds: one name as it is when there is such a file, else parted by commas. */
export function namesIn(value: unknown, isName: (name: string) => boolean): string[] {
	if (Array.isArray(value)) return value.map((name) => String(name).trim()).filter(Boolean);
	const text = String(value ?? '').trim();
	if (text === '') return [];
	if (isName(text)) return [text];
	return text
		.split(/[,;\r\n]+/)
		.map((name) => name.trim())
		.filter(Boolean);
}
