import { MailError } from './errors';

/** A message that the server lists, and does not give. */
export interface WithheldMessage {
	readonly folder: string;
	readonly uid: number;
}

export function notGiven({ folder, uid }: WithheldMessage): MailError {
	return new MailError(
		'refused',
		`The server lists message ${uid} in "${folder}", and does not give it`,
		{
			whatToDo: 'Run it again; if it stays so, ask the provider to repair the folder',
			retry: 'later',
		},
	);
}
