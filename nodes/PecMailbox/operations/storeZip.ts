import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { OperationTools, StoredFile } from '../../n8n/operations';
import { UserError } from '../../n8n/errors';
import { zipOf, type FileToPack } from '../../pec/zipWriter';

export interface StoredZip {
	readonly file: StoredFile;
	readonly facts: { readonly fileName: string; readonly size: number; readonly sha256: string };
}

/**
 * Packs files into n8n's binary store while they are read. When it ends, also by failing, nothing is read any more: the
 * session is free for what comes next.
 * @param day all files' date
 * @throws MailError, UserError when n8n does not take the whole of it
 */
export async function storeZip(
	fileName: string,
	files: AsyncIterable<FileToPack>,
	{ tools, day }: { tools: OperationTools; day: Date },
): Promise<StoredZip> {
	const hash = createHash('sha256');
	let size = 0;
	let isWhole = false;
	const { source, ended } = followed(files);
	const zip = zipOf(source, day);
	const counted = async function* (): AsyncGenerator<Buffer, void> {
		for await (const piece of zip as AsyncIterable<Buffer>) {
			hash.update(piece);
			size += piece.length;
			yield piece;
		}
		isWhole = true;
	};
	try {
		const file = await tools.store({
			fileName,
			mimeType: 'application/zip',
			content: Readable.from(counted(), { objectMode: false }),
		});
		if (!isWhole) throw cutShort(fileName);
		return { file, facts: { fileName, size, sha256: hash.digest('hex') } };
	} finally {
		zip.destroy();
		await ended;
	}
}

function cutShort(fileName: string): UserError {
	return new UserError(
		`n8n kept only a part of ${fileName}, so nothing was put out`,
		"Look whether n8n's storage for files (binary data) has room and may be written, then run it again.",
	);
}

/** The same files, and when nobody reads them any more: as soon as they are asked for, that comes in any case. */
function followed<T>(files: AsyncIterable<T>): { source: AsyncIterable<T>; ended: Promise<void> } {
	let end = (): void => undefined;
	const ended = new Promise<void>((resolve) => (end = resolve));
	const source = (async function* () {
		try {
			yield* files;
		} finally {
			end();
		}
	})();
	return { source, ended };
}

/** In the form, of a ZIP: n8n's own database holds files up to 512 MiB. */
export const DEFAULT_PART_MB = 500;

/** Bytes. Nonsense makes parts of one message each at worst. */
export function partLimitOf(megabytes: unknown): number {
	const size = Number(megabytes ?? DEFAULT_PART_MB);
	return Math.max(1, Number.isFinite(size) ? size : DEFAULT_PART_MB) * 1_000_000;
}
