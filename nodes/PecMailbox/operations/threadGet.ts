import { eachItem, type Operation } from '../../n8n/operations';
import { UserError } from '../../n8n/errors';
import { chosenThreads } from '../../account/threads';
import { presentFields } from '../../pec/presentFields';
import { threadFacts } from '../../pec/thread';
import type { Thread } from '../../pec/threadTypes';
import { readThreadChoice } from './threadChoice';

/** A sending or a received message with all that belongs to it: one item each, and what is missing of it. */
export const threadGet: Operation = eachItem(readThreadChoice, async (choice, tools, itemIndex) => {
	const threads = await chosenThreads(
		{
			imap: await tools.account.imap(),
			records: await tools.account.records(),
			account: tools.account.settings.address,
		},
		choice,
	);
	if (threads.length === 0) throw nothingKnown();
	return threads.map((thread) => ({ itemIndex, json: { thread: threadJson(thread) } }));
});

/** As it leaves the node: where each part lies, or its copy is. */
export function threadJson(thread: Thread): object {
	return {
		...threadFacts(thread),
		parts: thread.parts.map(({ headers: _headers, place, ...part }) =>
			presentFields({ ...part, mailbox: place }),
		),
	};
}

export function nothingKnown(): UserError {
	return new UserError(
		'Neither the mailbox nor the records of copies know this sending or message',
		'Check what it is looked for by: the Message-ID as PEC Send put it out, the PEC Key, or the mailing name exactly as it was sent.',
	);
}
