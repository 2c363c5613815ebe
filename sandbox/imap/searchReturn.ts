import type { StoredMessage } from '../store/storedMessage.ts';
import { BadCommandError } from './argumentParser.ts';
import type { ArgumentParser } from './argumentParser.ts';
import { parsePartialRange, partOf } from './partialRange.ts';
import type { PartialRange } from './partialRange.ts';
import { sequenceSetOf } from './responseText.ts';

/** What SEARCH is to answer (RFC 4731 3.1, RFC 5182, RFC 9394 3.1). */
export interface SearchReturn {
	readonly options: ReadonlySet<string>;
	readonly partial?: PartialRange;
}

/** A message found, by the number the client counts in. */
export interface Found {
	readonly number: number;
	readonly message: StoredMessage;
}

const RETURN_WORD = /RETURN /iy;
const OPTIONS: ReadonlyMap<string, string> = new Map([
	['MIN', 'ESEARCH'],
	['MAX', 'ESEARCH'],
	['COUNT', 'ESEARCH'],
	['ALL', 'ESEARCH'],
	['SAVE', 'SEARCHRES'],
	['PARTIAL', 'PARTIAL'],
]);

/** Reads `RETURN (MIN COUNT) ` if it comes. Throws BadCommandError. */
export function parseSearchReturn(
	args: ArgumentParser,
	knows: (capability: string) => boolean,
): SearchReturn | undefined {
	if (!knows('ESEARCH') || args.take(RETURN_WORD) === undefined) return undefined;
	let partial: PartialRange | undefined;
	const options = new Set(
		args.list(() => {
			const option = args.keyword();
			const capability = OPTIONS.get(option);
			if (capability === undefined || !knows(capability)) {
				throw new BadCommandError('unknown return option');
			}
			if (option === 'PARTIAL') {
				args.space();
				partial = parsePartialRange(args);
			}
			return option;
		}),
	);
	args.space();
	// RFC 9394 3.1: one list of results, not two.
	if (options.has('PARTIAL') && options.has('ALL')) throw new BadCommandError('PARTIAL or ALL');
	if (options.size === 0) options.add('ALL');
	return { options, ...(partial === undefined ? {} : { partial }) };
}

/** The messages an answer is about: only those of MIN and MAX when it asks for nothing else (RFC 7162 3.1.10, RFC 5182 2.1). */
export function answered(
	found: readonly Found[],
	{ options, partial }: SearchReturn,
): readonly Found[] {
	if (partial !== undefined) return partOf(found, partial);
	if (options.has('ALL') || options.has('COUNT')) return found;
	const ends = [
		options.has('MIN') ? found[0] : undefined,
		options.has('MAX') ? found.at(-1) : undefined,
	];
	const chosen = [...new Set(ends)].filter((end) => end !== undefined);
	return options.has('MIN') || options.has('MAX') ? chosen : found;
}

/** The ESEARCH response; empty when only SAVE was asked for. */
export function searchResponse(
	found: readonly Found[],
	wanted: SearchReturn,
	manner: { readonly tag: string; readonly uid: boolean; readonly modseq: boolean },
): string {
	const { options, partial } = wanted;
	if (options.size === 1 && options.has('SAVE')) return '';
	const items: string[] = [];
	const [first, last] = [found[0], found.at(-1)];
	if (options.has('MIN') && first !== undefined) items.push(`MIN ${first.number}`);
	if (options.has('MAX') && last !== undefined) items.push(`MAX ${last.number}`);
	if (options.has('COUNT')) items.push(`COUNT ${found.length}`);
	if (options.has('ALL') && found.length > 0) items.push(`ALL ${numbersOf(found)}`);
	if (partial !== undefined) {
		const part = partOf(found, partial);
		const numbers = part.length === 0 ? 'NIL' : numbersOf(part);
		items.push(`PARTIAL (${partial.from}:${partial.to} ${numbers})`);
	}
	const about = answered(found, wanted);
	if (manner.modseq && about.length > 0) items.push(`MODSEQ ${highestModseq(about)}`);
	const start = [`* ESEARCH (TAG "${manner.tag}")`, ...(manner.uid ? ['UID'] : [])];
	return `${[...start, ...items].join(' ')}\r\n`;
}

/** The SEARCH response of a search without RETURN; with the highest mod-sequence found when one was asked for. */
export function plainResponse(found: readonly Found[], modseq: boolean): string {
	const numbers = found.map(({ number }) => ` ${number}`).join('');
	const highest = modseq && found.length > 0 ? ` (MODSEQ ${highestModseq(found)})` : '';
	return `* SEARCH${numbers}${highest}\r\n`;
}

function numbersOf(found: readonly Found[]): string {
	return sequenceSetOf(found.map(({ number }) => number));
}

function highestModseq(found: readonly Found[]): number {
	return found.reduce((highest, { message }) => Math.max(highest, message.modseq), 0);
}
