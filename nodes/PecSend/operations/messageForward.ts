import type { FileHandle } from '../../n8n/parameters';
import type { FetchedMessage } from '../../mail/types';
import { eachItem, type Operation } from '../../n8n/operations';
import { locateAndRead, readChoice } from '../../n8n/locate';
import { forwardSubjectOf } from '../../pec/answer';
import { emlNameOf } from '../../pec/emlName';
import { readAddressed } from './messageSend';
import { readSendKey, sendOne } from './sendOne';

/** Passes a message of the mailbox on as a file, to the byte: its provider's signature stays verifiable. */
export const messageForward: Operation = eachItem(
	(item) => ({
		choice: readChoice(item),
		letter: readAddressed(item),
		sendKey: readSendKey(item),
	}),
	async ({ choice, letter, sendKey }, tools, itemIndex) => {
		const { message, read: received } = await locateAndRead(choice, tools);
		const subject = letter.subject.trim() === '' ? forwardSubjectOf(received) : letter.subject;
		const file = fileOf(message, emlNameOf(received.envelope.subject ?? ''), choice.pecKey);
		const forward = { ...letter, subject, attachments: [file, ...letter.attachments] };
		return await sendOne({ letter: forward, sendKey }, tools, itemIndex);
	},
);

function fileOf({ raw }: FetchedMessage, fileName: string, pecKey: string): FileHandle {
	return {
		fileName,
		mimeType: 'message/rfc822',
		size: raw.length,
		source: `message:${pecKey}`,
		load: async () => raw,
	};
}
