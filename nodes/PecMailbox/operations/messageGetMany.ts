import type { MessageKind, ReceiptType } from '../../pec/types';
import type { SearchCriteria } from '../../mail/types';
import type { MessagePosition, SeenMessage } from '../../account/messagePages';
import type { OperationTools } from '../../n8n/operations';
import type { Parameters } from '../../n8n/parameters';
import { messageFolders } from '../../account/messageFolders';
import { cursorOf, pageMessages, positionOf } from '../../account/messagePages';
import { mailingTag } from '../../pec/batch';
import { UserError } from '../../n8n/errors';
import { withheldJson } from '../../n8n/messageItem';
import { eachItemInTurn, type Operation } from '../../n8n/operations';
import { choiceOf, toList } from '../../n8n/parameters';
import { dateOf, sizeOf, textOf } from './criteria';

interface Request {
	/** Absent: all. */
	readonly folder?: string;
	readonly limit: number;
	readonly criteria: SearchCriteria;
	readonly kinds: readonly MessageKind[];
	readonly receiptTypes: readonly ReceiptType[];
	readonly mailing?: string;
	readonly rowKey?: string;
	readonly copy: 'any' | 'with' | 'without';
	readonly after?: MessagePosition;
}

const REFERENCE = 'X-Riferimento-Message-ID';

/** Messages by headers and certification data, folder by folder, those that came last first. */
export const messageGetMany: Operation = eachItemInTurn<Request, OperationTools>(
	readRequest,
	async function* (request, tools, itemIndex) {
		const { account } = tools;
		const imap = await account.imap();
		const sending = await sendingOf(request, tools);
		const copies =
			request.copy === 'any' ? undefined : await (await account.records()).readCopies();
		const page = pageMessages(imap, {
			account: account.settings.address,
			folders: request.folder === undefined ? await messageFolders(imap) : [request.folder],
			criteria: { ...request.criteria, ...sending?.criteria },
			keep: (seen) =>
				isOfKind(seen, request) &&
				(sending?.isWanted(seen) ?? true) &&
				(copies === undefined || copies.has(seen.pecKey) === (request.copy === 'with')),
			limit: request.limit,
			...(request.after ? { after: request.after } : {}),
		});
		for await (const paged of page) {
			tools.signal?.throwIfAborted();
			if ('withheld' in paged) {
				const { withheld } = paged;
				const place = withheldJson({ account: account.settings.address, ...withheld });
				yield { itemIndex, json: { ...place, cursor: cursorOf(withheld) } };
				continue;
			}
			const { pecKey, headers, mailbox } = paged;
			yield { itemIndex, json: { pecKey, ...headers, mailbox, cursor: cursorOf(mailbox) } };
		}
	},
);

function readRequest(item: Parameters): Request {
	const filters = item.collection('filters');
	const text = (name: string) => textOf(filters, name);
	const isAll = item.choice('folders', 'Folders', ['one', 'all']) === 'all';
	const [from, to, subject] = [text('from'), text('to'), text('subject')];
	const since = dateOf(textOf(filters, 'since'), 'Received After', item);
	const before = dateOf(textOf(filters, 'before'), 'Received Before', item);
	const larger = sizeOf(filters, 'larger', 'Larger Than');
	const smaller = sizeOf(filters, 'smaller', 'Smaller Than');
	const [mailing, rowKey] = [text('mailing'), text('rowKey')];
	const after = readCursor(textOf(item.collection('options'), 'after'));
	return {
		...(isAll ? {} : { folder: item.locator('folder', 'Folder') }),
		limit: item.flag('returnAll', 'Return All')
			? Number.POSITIVE_INFINITY
			: item.number('limit', 'Limit'),
		criteria: {
			...(from ? { from } : {}),
			...(to ? { to } : {}),
			...(subject ? { subject } : {}),
			...(since ? { since } : {}),
			...(before ? { before } : {}),
			...(larger ? { larger } : {}),
			...(smaller ? { smaller } : {}),
		},
		kinds: toList(filters.kinds) as MessageKind[],
		receiptTypes: toList(filters.receiptTypes) as ReceiptType[],
		...(mailing === undefined ? {} : { mailing }),
		...(rowKey === undefined ? {} : { rowKey }),
		copy: choiceOf(filters.copy, 'Checked Copy', ['any', 'with', 'without']),
		...(after ? { after } : {}),
	};
}

/** @throws UserError for what is no cursor */
function readCursor(cursor: string | undefined): MessagePosition | undefined {
	if (cursor === undefined) return undefined;
	const position = positionOf(cursor);
	if (position) return position;
	throw new UserError(
		'After holds no place to go on from',
		'Use the field cursor of the last item of the page before, or leave it empty to begin.',
	);
}

function isOfKind({ headers }: SeenMessage, { kinds, receiptTypes }: Request): boolean {
	if (kinds.length > 0 && !kinds.includes(headers.kind)) return false;
	if (receiptTypes.length === 0) return true;
	return headers.receipt !== undefined && receiptTypes.includes(headers.receipt.type);
}

/** What a provider sends about our sendings, by what the records say of their rows. */
async function sendingOf(
	{ mailing, rowKey }: Request,
	{ account }: OperationTools,
): Promise<{ criteria: SearchCriteria; isWanted: (seen: SeenMessage) => boolean } | undefined> {
	if (mailing === undefined && rowKey === undefined) return undefined;
	const records = await account.records();
	const rows =
		mailing === undefined ? await records.readAllRows() : await records.readMailing(mailing);
	const wanted = new Set(
		rows
			.filter(({ row }) => rowKey === undefined || row.rowKey === rowKey)
			.map(({ messageId }) => messageId),
	);
	const tag =
		mailing === undefined ? undefined : mailingTag({ account: account.settings.address, mailing });
	return {
		criteria: { header: { [REFERENCE]: tag === undefined ? 'pec1.' : `pec1.${tag}.` } },
		isWanted: ({ headers: { receipt } }) =>
			receipt?.originalMessageId !== undefined && wanted.has(receipt.originalMessageId),
	};
}
