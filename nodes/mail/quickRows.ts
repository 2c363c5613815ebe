import type { FetchMessageObject, ImapFlow } from 'imapflow';
import { readFetchRow } from './fetchRow';
import { bytesOf, ResponseCutter } from './responseCutter';

/** The state of imapflow's parser where no literal is open. */
const AT_LINE = 1;

/** imapflow's parser of the stream (a Transform), which its types leave out. The package's version is pinned. */
interface Streamer {
	write(piece: Buffer): boolean;
	destroy(error: Error): void;
	readonly writable: boolean;
	readonly writableLength: number;
	readonly processingInput: boolean;
	readonly state: number;
	readonly inputBuffer: readonly unknown[];
	readonly lineBuffer: readonly unknown[];
}

/** It has read all that it was given, and holds nothing of a response. */
function isBetweenResponses(streamer: Streamer): boolean {
	const { writableLength, processingInput, state, inputBuffer, lineBuffer } = streamer;
	const isIdle = writableLength === 0 && !processingInput;
	return isIdle && state === AT_LINE && inputBuffer.length === 0 && lineBuffer.length === 0;
}

/**
 * Frees the memory of a piece that was copied from, where it has its own: V8 counts what waits for its collector, and collects
 * everything else each time another 64 MB have come. Node before 22 cannot.
 */
function giveBack({ length, buffer }: Buffer): void {
	const memory = buffer as ArrayBuffer & { transfer?(length: number): ArrayBuffer };
	if (length === memory.byteLength) memory.transfer?.(0);
}

/**
 * Lets the client read the rows of `fetchAll` by `readFetchRow`, before they come to its own parsers: imapflow cuts the
 * stream in many small turns, makes a tree of every row and the row of the tree, which is most of what a scan costs. All that
 * is no such row, imapflow gets as it came.
 * Only one `fetchAll` is under way at a time: each is asked under the mailbox lock.
 */
export function readRowsQuickly(client: ImapFlow): void {
	const { streamer } = client as unknown as { readonly streamer: Streamer };
	const cutter = new ResponseCutter();
	let rows: FetchMessageObject[] | undefined;
	let isCutting = false;
	const write = streamer.write.bind(streamer);
	/** @returns what of it are no rows: whole responses, or all of it from one on that is too large */
	const cut = (piece: Buffer, read: FetchMessageObject[]): Buffer[] => {
		const others: Buffer[] = [];
		const tooMuch = cutter.feed(piece, (response) => {
			const row = readFetchRow(response);
			if (row) read.push(row);
			else others.push(bytesOf(response));
		});
		giveBack(piece);
		if (!tooMuch) return others;
		isCutting = false;
		return [...others, tooMuch];
	};
	streamer.write = (piece) => {
		isCutting ||= rows !== undefined && isBetweenResponses(streamer);
		if (!rows || !isCutting) return write(piece);
		try {
			const others = cut(piece, rows);
			return others.length === 0 || write(Buffer.concat(others));
		} catch (error) {
			// Before Node 24, what a pipe's end throws ends the process.
			streamer.destroy(error as Error);
			return false;
		}
	};
	const fetchAll = client.fetchAll.bind(client);
	client.fetchAll = async (...request) => {
		const read: FetchMessageObject[] = [];
		rows = read;
		try {
			const others = await fetchAll(...request);
			return [...read, ...others];
		} finally {
			rows = undefined;
			isCutting = false;
			const held = cutter.release();
			if (held.length > 0 && streamer.writable) write(held);
		}
	};
}
