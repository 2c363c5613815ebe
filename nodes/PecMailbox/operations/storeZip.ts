import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { OperationTools, StoredFile } from '../../n8n/operations';
import { zipOf, type FileToPack } from '../../pec/zipWriter';

export interface StoredZip {
	readonly file: StoredFile;
	readonly facts: { readonly fileName: string; readonly size: number; readonly sha256: string };
}

/** Packs files into n8n's binary store while they are read. */
export async function storeZip(
	fileName: string,
	files: AsyncIterable<FileToPack>,
	tools: OperationTools,
): Promise<StoredZip> {
	const hash = createHash('sha256');
	let size = 0;
	const counted = async function* (zip: Readable): AsyncGenerator<Buffer, void> {
		for await (const piece of zip as AsyncIterable<Buffer>) {
			hash.update(piece);
			size += piece.length;
			yield piece;
		}
	};
	const file = await tools.store({
		fileName,
		mimeType: 'application/zip',
		content: Readable.from(counted(zipOf(files, tools.now())), { objectMode: false }),
	});
	return { file, facts: { fileName, size, sha256: hash.digest('hex') } };
}

/** In the form, of a ZIP: n8n's own database holds files up to 512 MiB. */
export const DEFAULT_PART_MB = 500;

/** Bytes. Nonsense makes parts of one message each at worst. */
export function partLimitOf(megabytes: unknown): number {
	const size = Number(megabytes ?? DEFAULT_PART_MB);
	return Math.max(1, Number.isFinite(size) ? size : DEFAULT_PART_MB) * 1_000_000;
}
