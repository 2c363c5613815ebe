import type { MessageUpdate } from '../../account/updating';
import type { Parameters } from '../../n8n/parameters';
import { updateMessage } from '../../account/updating';
import { UserError } from '../../n8n/errors';
import { readChoice } from '../../n8n/locate';
import { eachItem, type Operation } from '../../n8n/operations';
import { choiceOf } from '../../n8n/parameters';

/** Marks a message, moves it or copies it to another folder of the mailbox; puts out where it lies now. */
export const messageUpdate: Operation = eachItem(readUpdate, async (update, tools, itemIndex) => {
	const { mailbox, copy } = await updateMessage(await tools.account.imap(), update, {
		account: tools.account.settings.address,
	});
	return [{ itemIndex, json: { pecKey: update.pecKey, mailbox, ...(copy ? { copy } : {}) } }];
});

function readUpdate(item: Parameters): MessageUpdate {
	const read = item.choice('mark', 'Mark (Segna)', ['none', 'read', 'unread']);
	const flag = item.choice('flag', 'Flag (Contrassegno)', ['none', 'flagged', 'unflagged']);
	const to = item.choice('place', 'Move or Copy', ['none', 'move', 'copy']);
	if (read === 'none' && flag === 'none' && to === 'none') {
		throw new UserError(
			'Nothing is chosen to be changed',
			'Choose what to do in Mark, Flag or Move or Copy.',
		);
	}
	const missing = choiceOf(item.collection('options').missingFolder, 'If the Folder Is Missing', [
		'fail',
		'create',
	]);
	return {
		...readChoice(item),
		...(read === 'none' ? {} : { read: read === 'read' }),
		...(flag === 'none' ? {} : { flagged: flag === 'flagged' }),
		...(to === 'none' ? {} : { place: { to, path: item.locator('targetFolder', 'To Folder') } }),
		createFolder: missing === 'create',
	};
}
