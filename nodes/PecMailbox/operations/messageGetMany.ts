import type { MessageKind, ReceiptType } from '../../pec/types';
import type { SearchCriteria } from '../../mail/types';
import { eachItem, type Operation } from '../../n8n/operations';
import { UserError } from '../../n8n/errors';
import { listMessages } from '../../account/mailbox';
import { toList } from '../../n8n/parameters';

/** Messages of a folder by headers and certification data, newest first. */
export const messageGetMany: Operation = eachItem(
	(item) => {
		const filters = item.collection('filters');
		const kinds = toList(filters.kinds) as MessageKind[];
		const receiptTypes = toList(filters.receiptTypes) as ReceiptType[];
		return {
			folder: item.locator('folder', 'Folder'),
			limit: item.flag('returnAll', 'Return All')
				? Number.POSITIVE_INFINITY
				: item.number('limit', 'Limit'),
			criteria: criteriaOf(filters),
			...(kinds.length > 0 ? { kinds } : {}),
			...(receiptTypes.length > 0 ? { receiptTypes } : {}),
		};
	},
	async ({ folder, ...filters }, tools, itemIndex) => {
		const messages = await listMessages(await tools.account.imap(), {
			account: tools.account.settings.address,
			folders: [folder],
			...filters,
		});
		return messages.map(({ pecKey, headers, mailbox }) => ({
			itemIndex,
			json: { pecKey, ...headers, mailbox },
		}));
	},
);

function criteriaOf(filters: Readonly<Record<string, unknown>>): SearchCriteria {
	const text = (name: string) => String(filters[name] ?? '').trim() || undefined;
	const [from, to, subject] = [text('from'), text('to'), text('subject')];
	const [since, before] = [dateOf(text('since')), dateOf(text('before'))];
	return {
		...(from ? { from } : {}),
		...(to ? { to } : {}),
		...(subject ? { subject } : {}),
		...(since ? { since } : {}),
		...(before ? { before } : {}),
	};
}

function dateOf(text: string | undefined): Date | undefined {
	if (text === undefined) return undefined;
	const date = new Date(text);
	if (Number.isNaN(date.getTime())) {
		throw new UserError('A date in Filters cannot be read', 'Use a date such as 2026-03-31.');
	}
	return date;
}
