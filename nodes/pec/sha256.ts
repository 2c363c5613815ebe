import { hash } from 'node:crypto';

/** 64 hexadecimal digits. A text counts as UTF-8. */
export function sha256Of(content: Buffer | string): string {
	return hash('sha256', content, 'hex');
}
