import type { CopyRecord } from '../../pec/types';
import type { OperationTools, Output } from '../../n8n/operations';
import { allItems, type Operation } from '../../n8n/operations';
import type { StoredHandle } from '../../n8n/parameters';
import { UserError } from '../../n8n/errors';
import { LARGE_BYTES } from '../../account/wholeMessages';
import { checkCopy, type CopyCheck } from '../../account/copies';
import { pecKeyOf } from '../../pec/pecKey';

interface Copy {
	readonly file: StoredHandle;
	readonly location: string;
}

/** A header block of more belongs to no message that a provider takes. */
const HEADER_BYTES = 1024 * 1024;

/** Copies recorded together: one small message in the mailbox for so many. */
const BATCH = 50;

/**
 * Compares each file with a fresh fetch of its message, found by the file's own content, and records what is equal. A
 * copy comes out as checked only after its record is on the server.
 */
export const preservationCheckCopy: Operation = allItems<undefined, Copy>(
	() => undefined,
	(item) => ({
		file: item.fileHandle(item.text('binaryField', 'Input Binary Field')),
		location: item.text('location', 'Where the Copy Is'),
	}),
	async function* (_, items, tools) {
		for (let start = 0; start < items.length; start += BATCH) {
			const checked: Array<{ itemIndex: number; record: CopyRecord }> = [];
			for (const { itemIndex, values } of items.slice(start, start + BATCH)) {
				const check = await checkAgainstServer(values, tools);
				if (check.result === 'equal') checked.push({ itemIndex, record: check.record });
				else yield tools.fail(mismatch(check), itemIndex);
			}
			await (await tools.account.records()).writeCopies(checked.map(({ record }) => record));
			yield* checked.map(outputOf);
		}
	},
);

/** One file after the other: of a large one, the server's bytes alone are in memory as a whole. */
async function checkAgainstServer(
	{ file, location }: Copy,
	tools: OperationTools,
): Promise<CopyCheck> {
	const isLarge = file.size === undefined || file.size >= LARGE_BYTES;
	const bytes = isLarge ? file.pieces() : await file.load();
	const pecKey = Buffer.isBuffer(bytes)
		? pecKeyOf(bytes, bytes.length)
		: await pecKeyInPieces(file.pieces());
	return await checkCopy(
		await tools.account.imap(),
		{ bytes, location, pecKey },
		{ trust: tools.account.trust, now: tools.now() },
	);
}

async function pecKeyInPieces(pieces: AsyncIterable<Uint8Array>): Promise<string> {
	const beginning: Uint8Array[] = [];
	let size = 0;
	for await (const piece of pieces) {
		if (size < HEADER_BYTES) beginning.push(piece);
		size += piece.length;
	}
	return pecKeyOf(Buffer.concat(beginning), size);
}

function mismatch({ result }: CopyCheck): UserError {
	return result === 'differs'
		? new UserError(
				'The copy differs from the message on the server',
				'Copy the message again. The storage, or a node on the way to it, changed the bytes.',
			)
		: new UserError(
				'The server holds no message with these bytes',
				'The file is damaged, cut off, or not an exported message; or the message has left the mailbox. Export and copy it again.',
			);
}

function outputOf({ itemIndex, record }: { itemIndex: number; record: CopyRecord }): Output {
	const { pecKey, sha256, size, location, checkedAt, method, level } = record;
	return {
		itemIndex,
		json: { copy: { pecKey, sha256, size, location, checkedAt, method, level } },
	};
}
