import type { Parameters } from '../../n8n/parameters';
import { readHint } from '../../n8n/locate';
import type { ThreadChoice } from '../../account/threads';

/** What the fields of `fields/thread.ts` name. @throws UserError for an empty one */
export function readThreadChoice(item: Parameters): ThreadChoice {
	switch (item.choice('findBy', 'Find By', ['messageId', 'pecKey', 'mailing'])) {
		case 'messageId':
			return { messageId: item.text('messageId', 'Message-ID') };
		case 'pecKey': {
			const folder = readHint(item).hint?.folder;
			return {
				pecKey: item.text('pecKey', 'PEC Key'),
				...(folder === undefined ? {} : { folder }),
			};
		}
		case 'mailing': {
			const recipient = item.text('recipient');
			const rowKey = item.text('rowKey');
			return {
				mailing: item.text('mailingName', 'Mailing Name'),
				...(recipient === '' ? {} : { recipient }),
				...(rowKey === '' ? {} : { rowKey }),
			};
		}
	}
}
