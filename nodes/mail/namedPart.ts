import type { MessageStructureObject } from 'imapflow';

export interface NamedPart {
	/** As BODYSTRUCTURE numbers it, e.g. `1.2`. */
	readonly number: string;
	readonly encoding: string | undefined;
	/** Bytes, encoded. */
	readonly size: number;
}

/** Certification data is some 2 kB; a part that claims to be far more is not read into memory with its neighbours. */
export const MAX_NAMED_PART_BYTES = 1024 * 1024;

/**
 * The first part of that file name (case-insensitive), in the order of the message. Attached messages are not entered:
 * a forwarded PEC brings its own daticert.xml along, which says nothing about the message that carries it.
 */
export function findNamedPart(
	structure: MessageStructureObject,
	fileName: string,
): NamedPart | undefined {
	const wanted = fileName.toLowerCase();
	const names = [structure.dispositionParameters?.filename, structure.parameters?.name];
	if (!structure.childNodes && names.some((name) => name?.trim().toLowerCase() === wanted)) {
		// RFC 3501 6.4.5: a message that is no multipart has one part, number 1.
		return {
			number: structure.part ?? '1',
			encoding: structure.encoding,
			size: structure.size ?? 0,
		};
	}
	if (structure.type.toLowerCase().startsWith('message/')) return undefined;
	for (const child of structure.childNodes ?? []) {
		const found = findNamedPart(child, fileName);
		if (found) return found;
	}
	return undefined;
}
