import type { OperationTools } from '../../n8n/operations';
import type { PecMessage } from '../../pec/types';
import type { Letter } from './letter';
import { eachItem, type Operation } from '../../n8n/operations';
import { UserError } from '../../n8n/errors';
import { locateAndRead, readChoice } from '../../n8n/locate';
import { answerOf, quotedHtml, quotedText, type Unanswerable } from '../../pec/answer';
import { readLetter } from './letter';
import { readSendKey, sendOne } from './sendOne';

/** Answers a received message: to its author, in its thread. */
export const messageReply: Operation = eachItem(
	(item) => ({
		choice: readChoice(item),
		letter: readLetter(item, [], 'attachments'),
		quotes: String(item.collection('options').quoteOriginal) === 'true',
		sendKey: readSendKey(item),
	}),
	async ({ choice, letter, quotes, sendKey }, tools, itemIndex) => {
		const { read: received } = await locateAndRead(choice, tools);
		const answer = answerOf(received);
		if (typeof answer === 'string') throw REFUSALS[answer]();
		hintWhenUncertified(received, tools);
		const subject = letter.subject.trim() === '' ? answer.subject : letter.subject;
		const written = quotes ? withQuote(letter, received) : letter;
		const reply: Letter = { ...written, ...answer, subject };
		return await sendOne({ letter: reply, sendKey }, tools, itemIndex);
	},
);

function withQuote(letter: Letter, received: PecMessage): Letter {
	const text = [letter.text, quotedText(received)].filter((part) => part !== '').join('\n\n');
	if (letter.html === undefined) return { ...letter, text };
	const html = [letter.html, quotedHtml(received)].filter((part) => part !== '').join('\n');
	return { ...letter, text, html };
}

function hintWhenUncertified({ kind }: PecMessage, tools: OperationTools): void {
	if (kind === 'transportEnvelope') return;
	tools.hint(
		'A message answered did not come by PEC: its author may have ordinary e-mail, and then no delivery receipt comes back.',
	);
}

const REFUSALS: Readonly<Record<Unanswerable, () => UserError>> = {
	receipt: () =>
		new UserError(
			'The message is a receipt, which nobody reads an answer to',
			'Choose the message that was received, of kind transportEnvelope, or write with Message, Send.',
		),
	deliveryStatus: () =>
		new UserError(
			'The message is a report of a mail server, which nobody reads an answer to',
			'Write to the recipient with Message, Send.',
		),
	unreadable: () =>
		new UserError(
			'The message cannot be read, so nobody knows whom to answer',
			'Look at the message in the mailbox, and write with Message, Send.',
		),
	noAddress: () =>
		new UserError(
			'The message names no address to answer to',
			'Look at the message in the mailbox, and write with Message, Send.',
		),
};
