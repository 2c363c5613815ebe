import { MailError } from '../mail/errors';

/** Of a message that is asked for and is in no folder. */
export function messageMissing(): MailError {
	return new MailError('messageMissing', 'The message is not in the mailbox any more', {
		whatToDo:
			'It may have been moved or deleted: look for it with PEC Mailbox, Message, Find, which also knows of copies',
		retry: 'never',
	});
}
