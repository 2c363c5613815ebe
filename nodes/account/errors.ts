import { MailError } from '../mail/errors';

export type RecordsProblem = 'unreadable' | 'newerVersion' | 'notStored';

/**
 * The mailbox's records cannot be relied on. Whatever would be decided without them could send a message twice or
 * delete what was never copied, so nothing is done.
 */
export class RecordsError extends MailError {
	readonly problem: RecordsProblem;

	constructor(problem: RecordsProblem, message: string, whatToDo: string, cause?: unknown) {
		super('refused', message, { whatToDo, retry: 'never', cause });
		this.name = 'RecordsError';
		this.problem = problem;
	}
}
