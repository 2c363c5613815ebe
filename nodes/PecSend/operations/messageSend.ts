import { eachItem, type Operation } from '../../n8n/operations';
import type { Parameters } from '../../n8n/parameters';
import { UserError } from '../../n8n/errors';
import { readLetter, type Letter } from './letter';
import { letterFor, refuseFutureSource } from './notice';
import { readSendKey, sendOne } from './sendOne';

/** One certified message per item. */
export const messageSend: Operation = eachItem(
	(item) => ({ letter: letterFor(item, readAddressed(item)), sendKey: readSendKey(item) }),
	async (message, tools, itemIndex) => {
		refuseFutureSource(message.letter, tools);
		return await sendOne(message, tools, itemIndex);
	},
);

/** A letter to those named in To. @throws UserError when nobody is */
export function readAddressed(item: Parameters): Letter {
	const to = item.list('to');
	if (to.length === 0) {
		throw new UserError('There is no recipient', 'Fill in To with at least one PEC address.');
	}
	return readLetter(item, to, 'attachments', 'To');
}
