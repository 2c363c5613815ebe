import { createHash } from 'node:crypto';

/** 64 hexadecimal digits; not the sources' own, which is under test. A text counts as UTF-8. */
export function sha256(content: string | Uint8Array): string {
	return createHash('sha256').update(content).digest('hex');
}
