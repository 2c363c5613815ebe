import type { MailErrorCode } from './types';

/**
 * A transport failure in an office worker's words: `message` says what happened, `whatToDo` what to do.
 * `retry` answers whether trying again can help: `now` (a passing fault), `later`, or `never` (settings must change).
 * Neither text ever holds a password or a message body.
 */
export class MailError extends Error {
	readonly code: MailErrorCode;
	readonly whatToDo: string;
	readonly retry: 'now' | 'later' | 'never';

	constructor(
		code: MailErrorCode,
		message: string,
		options: { whatToDo: string; retry: 'now' | 'later' | 'never'; cause?: unknown },
	) {
		super(message, { cause: options.cause });
		this.name = 'MailError';
		this.code = code;
		this.whatToDo = options.whatToDo;
		this.retry = options.retry;
	}
}

/** What `work` comes to, or `undefined` when it fails with this code; every other failure stays one. */
export async function unless<T>(code: MailErrorCode, work: Promise<T>): Promise<T | undefined> {
	return await work.catch((error: unknown) => {
		if (error instanceof MailError && error.code === code) return undefined;
		throw error;
	});
}
