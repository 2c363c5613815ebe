import { eachItem, type Operation } from '../../n8n/operations';
import { locate, readChoice } from '../../n8n/locate';
import { includeOf, messageItem } from '../../n8n/messageItem';
import { readPecMessage } from '../../pec/message';

/** One whole message, read, with the binaries that were asked for. */
export const messageGet: Operation = eachItem(
	(item) => ({ choice: readChoice(item), include: item.list('include') }),
	async ({ choice, include }, tools, itemIndex) => {
		const { message, place } = await locate(choice, tools);
		const read = await readPecMessage(message.raw, {
			trust: tools.account.trust,
			now: tools.now(),
			receivedAt: message.receivedAt,
		});
		return [{ itemIndex, ...messageItem(read, place, includeOf(include, message.raw)) }];
	},
);
