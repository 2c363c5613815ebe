import { MailError } from './errors';

/** Of a message that was there when its reading began. @param message which one, and what comes of it */
export function leftMeanwhile(message: string): MailError {
	return new MailError('messageMissing', message, {
		whatToDo: 'Run it again, when no clean-up and no person is removing messages',
		retry: 'later',
	});
}
