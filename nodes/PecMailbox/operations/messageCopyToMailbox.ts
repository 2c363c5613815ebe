import type { ArchiveMailbox, StoredCopy } from '../../account/archiveMailbox';
import type { OperationTools, Output } from '../../n8n/operations';
import type { Parameters } from '../../n8n/parameters';
import type { CopyRecord } from '../../pec/types';
import { archiveMailbox } from '../../account/archiveMailbox';
import { checkCopy } from '../../account/copies';
import { archiveFolderOf } from '../../n8n/archiveFields';
import { UserError } from '../../n8n/errors';
import { locate, readChoice, type MessageChoice } from '../../n8n/locate';
import { allItems, type Operation } from '../../n8n/operations';
import { choiceOf } from '../../n8n/parameters';
import { messageIdIn } from '../../pec/header';

interface Shared {
	readonly form: 'exact' | 'readable';
	/** Whether what is equal is recorded as a checked copy, by which Clean Up may delete and Find knows. */
	readonly remember: boolean;
	readonly timeZone: string;
}

interface Copying {
	readonly choice: MessageChoice;
	readonly pattern: string;
	readonly inReplyTo?: string;
}

interface Copied {
	readonly itemIndex: number;
	readonly pecKey: string;
	readonly stored: StoredCopy;
	readonly record?: CopyRecord;
}

/** Copies recorded together: one small message in the mailbox for so many. */
const BATCH = 50;

/** Into an ordinary mailbox, once each, and what it holds is read back and compared. */
export const messageCopyToMailbox: Operation = allItems<Shared, Copying>(
	readShared,
	(item) => ({
		choice: readChoice(item),
		pattern: item.text('archiveFolder', 'Folder There'),
		...readThread(item),
	}),
	async function* (shared, items, tools) {
		let pattern = '';
		let inReplyTo: string | undefined;
		const address = await tools.archive.address();
		const archive = archiveMailbox(async () => await tools.archive.imap(), {
			address,
			form: shared.form,
			folderOf: ({ receivedAt }) => archiveFolderOf(pattern, receivedAt, shared.timeZone),
			inReplyTo: () => inReplyTo,
		});
		for (let start = 0; start < items.length; start += BATCH) {
			const batch: Copied[] = [];
			for (const { itemIndex, values } of items.slice(start, start + BATCH)) {
				tools.signal?.throwIfAborted();
				({ pattern, inReplyTo } = values);
				try {
					batch.push({ itemIndex, ...(await copy(values.choice, archive, shared, tools)) });
				} catch (error) {
					yield tools.fail(error, itemIndex);
				}
			}
			const records = batch.flatMap(({ record }) => record ?? []);
			if (records.length > 0) await (await tools.account.records()).writeCopies(records);
			yield* batch.map((copied) => outputOf(copied, address));
		}
	},
);

function readShared(first: Parameters): Shared {
	const { remember = true } = first.collection('options');
	return {
		form: choiceOf(first.value('form'), 'Form', ['exact', 'readable']),
		remember: remember !== false,
		timeZone: first.timeZone,
	};
}

/** Which conversation of the ordinary mailbox a readable copy belongs to; an empty field says none. */
function readThread(item: Parameters): Pick<Copying, 'inReplyTo'> {
	const inReplyTo = messageIdIn(String(item.collection('options').inReplyTo ?? ''));
	return inReplyTo === undefined ? {} : { inReplyTo };
}

async function copy(
	choice: MessageChoice,
	archive: ArchiveMailbox,
	{ remember }: Shared,
	tools: OperationTools,
): Promise<Omit<Copied, 'itemIndex'>> {
	const { pecKey } = choice;
	const { message, place } = await locate(choice, tools);
	const stored = await archive.store({ ...message, pecKey });
	const bytes = await archive.read({ pecKey, size: message.size });
	if (!bytes?.equals(message.raw)) throw differs();
	if (!remember) return { pecKey, stored };
	const check = await checkCopy(
		await tools.account.imap(),
		{ pecKey, bytes, location: stored.location, hint: place },
		{ trust: tools.account.trust, now: tools.now() },
	);
	if (check.result !== 'equal') throw differs();
	return { pecKey, stored, record: check.record };
}

function differs(): UserError {
	return new UserError(
		'What the ordinary mailbox holds is not the message that was copied',
		'Nothing was recorded. Run it again; if it stays so, a rule or a filter of that mailbox changes messages.',
	);
}

function outputOf({ itemIndex, pecKey, stored, record }: Copied, account: string): Output {
	const { folder, location, form, wasThere } = stored;
	return {
		itemIndex,
		json: {
			pecKey,
			copied: { account, folder, location, form, wasThere, compared: 'equal' },
			...(record ? { copy: copyOf(record) } : {}),
		},
	};
}

function copyOf({ pecKey, sha256, size, location, checkedAt, method, level }: CopyRecord): object {
	return { pecKey, sha256, size, location, checkedAt, method, level };
}
