import { MailError } from './errors';

/** A message of which the server gives more or fewer bytes than it says it has: nobody can tell which are missing. */
export function otherSize(
	{ folder, uid, size }: { readonly folder: string; readonly uid: number; readonly size: number },
	bytes: number,
): MailError {
	return new MailError(
		'refused',
		`The server says that message ${uid} of "${folder}" has ${size} bytes, and gives ${bytes}`,
		{
			whatToDo:
				'Run it again; if it stays so, ask the provider to repair the folder: the message cannot be read whole',
			retry: 'later',
		},
	);
}
