import libmime from 'libmime';
import { nameWithoutP7m, unwrapP7m } from './p7m';
import type { P7mFailure } from './p7m';
import { sha256Of } from './sha256';
import type { Attachment } from './types';

/** What lies inside a signed attachment. That the signature holds, nobody has checked. */
export interface SignedContent {
	/** Without `.p7m`. */
	readonly fileName: string;
	readonly mimeType: string;
	/** Bytes. */
	readonly size: number;
	readonly sha256: string;
	/** Common names of the signers' certificates, of the outermost first; absent when none can be read. */
	readonly signedBy?: readonly string[];
	readonly signatureVerified: false;
	/** Never part of the JSON that leaves a node. */
	readonly content: Buffer;
}

/** `undefined`: the attachment is no signed file. `reason`: it is one, and cannot be opened. */
export function signedContentOf({
	fileName,
	content: bytes,
}: Pick<Attachment, 'fileName' | 'content'>): SignedContent | { reason: P7mFailure } | undefined {
	const unwrapped = unwrapP7m(bytes);
	if (!unwrapped.content) {
		return unwrapped.reason === 'notSignedData' ? undefined : { reason: unwrapped.reason };
	}
	const { content, depth, signedBy } = unwrapped;
	const inside = nameWithoutP7m(fileName, depth);
	return {
		fileName: inside,
		mimeType: libmime.detectMimeType(inside),
		size: content.length,
		sha256: sha256Of(content),
		...(signedBy ? { signedBy } : {}),
		signatureVerified: false,
		content,
	};
}
