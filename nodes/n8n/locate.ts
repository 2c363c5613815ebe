import type { IDataObject } from 'n8n-workflow';
import type { FetchedMessage } from '../mail/types';
import type { MailboxPlace } from '../account/mailbox';
import type { WantedMessage } from '../account/hintedFolders';
import type { OperationTools } from './operations';
import type { Parameters } from './parameters';
import type { PecMessage } from '../pec/types';
import { getMessage } from '../account/mailbox';
import { readPecMessage } from '../pec/message';

export interface Located {
	readonly message: FetchedMessage;
	readonly place: MailboxPlace;
}

export interface MessageChoice {
	readonly pecKey: string;
	/** Where the item says it was last seen; only a hint. */
	readonly folder?: string;
}

/** What `locatorFields` ask for. @throws UserError when it is empty */
export function readChoice(item: Parameters): MessageChoice {
	const folder = (item.json().mailbox as IDataObject | undefined)?.folder;
	return {
		pecKey: item.text('pecKey', 'PEC Key'),
		...(typeof folder === 'string' ? { folder } : {}),
	};
}

/** @throws MailError `messageMissing` when it is not in the mailbox any more */
export async function locate(choice: MessageChoice, tools: OperationTools): Promise<Located> {
	return await getMessage(await tools.account.imap(), choice, {
		account: tools.account.settings.address,
	});
}

/** The message, as it lies there and read. @throws MailError `messageMissing` when it is not in the mailbox any more */
export async function locateAndRead(
	choice: MessageChoice,
	tools: OperationTools,
): Promise<Located & { readonly read: PecMessage }> {
	const { message, place } = await locate(choice, tools);
	const read = await readPecMessage(message.raw, {
		trust: tools.account.trust,
		now: tools.now(),
		receivedAt: message.receivedAt,
	});
	return { message, place, read };
}

/** Where an item says that its message was last seen; only a hint. */
export function readHint(item: Parameters): Pick<WantedMessage, 'hint'> {
	const { folder, uid, uidValidity } = (item.json().mailbox ?? {}) as IDataObject;
	if (typeof folder !== 'string') return {};
	return {
		hint: {
			folder,
			...(typeof uid === 'number' ? { uid } : {}),
			...(typeof uidValidity === 'string' ? { uidValidity } : {}),
		},
	};
}
