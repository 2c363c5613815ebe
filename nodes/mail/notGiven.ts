import { MailError } from './errors';

/** A message that the server lists, and does not give. */
export interface WithheldMessage {
	readonly folder: string;
	readonly uid: number;
}

/** Of one message, which the server was seen to list: that is no outage. */
export class NotGiven extends MailError {
	constructor({ folder, uid }: WithheldMessage, cause?: unknown) {
		super('refused', `The server lists message ${uid} in "${folder}", and does not give it`, {
			whatToDo: 'Run it again; if it stays so, ask the provider to repair the folder',
			retry: 'later',
			cause,
		});
	}
}
