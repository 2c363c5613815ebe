import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ZipFile } from 'yazl';

export interface FileToPack {
	/** Of safe steps (`safeStep`), with `/`. */
	readonly path: string;
	readonly content: Buffer | AsyncIterable<Buffer>;
}

/**
 * Everything is deflated: Java's ZipInputStream, which preservation services read with, refuses what is stored and written
 * in one go. Level 1 makes of base64 what level 9 does, in a fifth of the time.
 */
const LEVEL = 1;

/** What yazl keeps of each file until the end, which its types leave out. The package's version is pinned. */
interface Entries {
	readonly entries?: Array<{ utf8FileName: Buffer }>;
}

/**
 * yazl keeps each name in a slice of Node's pool of buffers, and with each slice 64 kB: thousands of files would cost as
 * much as all they hold.
 */
function keepNameAlone(zip: Entries): void {
	const entry = zip.entries?.at(-1);
	if (!entry) return;
	const alone = Buffer.alloc(entry.utf8FileName.length);
	entry.utf8FileName.copy(alone);
	entry.utf8FileName = alone;
}

/**
 * A ZIP that is written while it is read: of its files one is open at a time. The same files and day give the same bytes.
 * A file that cannot be read destroys the stream with its error.
 * @param day all files' date, by its UTC day
 */
export function zipOf(files: AsyncIterable<FileToPack>, day: Date): Readable {
	const zip = new ZipFile();
	const output = new PassThrough();
	const stopped = new AbortController();
	output.once('close', () => stopped.abort());
	zip.on('error', (error: Error) => output.destroy(error));
	zip.outputStream.pipe(output);
	// yazl writes local time: noon exists on every day in every zone.
	const mtime = new Date(day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate(), 12);
	const options = { mtime, mode: 0o100644, forceDosTimestamp: true, compressionLevel: LEVEL };
	const fill = async (): Promise<void> => {
		for await (const { path, content } of files) {
			stopped.signal.throwIfAborted();
			const source = Readable.from(Buffer.isBuffer(content) ? [content] : content, {
				objectMode: false,
			});
			// yazl keeps to the end whatever it was given for a file, and with a stream its content.
			const open: { source?: Readable } = { source };
			zip.addReadStreamLazy(path, options, (take) => take(null, open.source ?? Readable.from([])));
			keepNameAlone(zip as Entries);
			try {
				await finished(source, { signal: stopped.signal });
			} finally {
				source.destroy();
				delete open.source;
			}
			// What is written at the end, all at once, waits for nobody.
			if (output.writableNeedDrain) await once(output, 'drain', { signal: stopped.signal });
		}
		zip.end();
	};
	fill().catch((error: unknown) => {
		output.destroy(error instanceof Error ? error : new Error('A file could not be packed'));
	});
	return output;
}
