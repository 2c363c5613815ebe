import type { ImapSession } from '../mail/types';
import { MailError } from '../mail/errors';
import type { PlannedPart } from '../pec/packagePlan';
import type { FileToPack } from '../pec/zipWriter';
import { wholeMessages } from './wholeMessages';

/**
 * The messages of one part of a package, as the server has them now, in the order of the plan.
 * @throws MailError, also for one that left the mailbox since it was planned: a package that lacks it is none
 */
export async function* payloadOf(
	part: PlannedPart,
	context: { readonly imap: ImapSession; readonly account: string },
	signal?: AbortSignal,
): AsyncGenerator<FileToPack, void> {
	const wanted = part
		.flatMap(({ files }) => files)
		.map(({ path, part: { pecKey, place } }) => ({ path, pecKey, hint: place }));
	for await (const { wanted: file, message } of wholeMessages(wanted, context, signal)) {
		if (!message) throw leftMeanwhile(file.path);
		yield { path: file.path, content: message.content };
	}
}

/** Of what was planned to be packed, and is not there any more. @param path under which it was to be packed */
export function leftMeanwhile(path: string): MailError {
	return new MailError(
		'messageMissing',
		`A message left the mailbox while it was being packed, so nothing was put out: ${path}`,
		{
			whatToDo: 'Run it again, when no clean-up and no person is removing messages',
			retry: 'later',
		},
	);
}
