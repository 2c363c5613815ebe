import type { FoundMessage, Sought } from '../../account/finding';
import type { OperationTools, Output } from '../../n8n/operations';
import type { Parameters } from '../../n8n/parameters';
import { findMessages } from '../../account/finding';
import { UserError } from '../../n8n/errors';
import { withheldJson } from '../../n8n/messageItem';
import { eachItemInTurn, type Operation } from '../../n8n/operations';
import { dateOf, textOf } from './criteria';

interface Request {
	readonly sought: Sought;
	readonly limit: number;
}

/** Where messages are: in the mailbox, or, of those that left it, where their copies are. */
export const messageFind: Operation = eachItemInTurn<Request, OperationTools>(
	readRequest,
	async function* ({ sought, limit }, tools, itemIndex) {
		const imap = await tools.account.imap();
		const found = findMessages(imap, await tools.account.records(), sought, {
			account: tools.account.settings.address,
			limit,
		});
		for await (const message of found) {
			tools.signal?.throwIfAborted();
			yield outputOf(message, { itemIndex, account: tools.account.settings.address });
		}
	},
);

function readRequest(item: Parameters): Request {
	const by = item.collection('findBy');
	const messageId = textOf(by, 'messageId')?.replace(/^<|>$/g, '');
	const fields = {
		pecKey: textOf(by, 'pecKey')?.toLowerCase(),
		messageId,
		subject: textOf(by, 'subject'),
		correspondent: textOf(by, 'correspondent'),
		since: dateOf(textOf(by, 'since'), 'Received After', item),
		before: dateOf(textOf(by, 'before'), 'Received Before', item),
	};
	const given = Object.entries(fields).filter(([, value]) => value !== undefined);
	if (given.length === 0) {
		throw new UserError('Nothing is entered to find by', 'Add a field in Find By and fill it in.');
	}
	if (fields.pecKey !== undefined && !/^[0-9a-f]{64}-\d+$/.test(fields.pecKey)) {
		throw new UserError(
			'This is no PEC Key',
			'A PEC Key is what PEC Trigger and Get Many put out as pecKey: 64 digits and letters, a hyphen and a number.',
		);
	}
	return { sought: Object.fromEntries(given), limit: item.number('limit', 'Limit') };
}

function outputOf(
	found: FoundMessage,
	{ itemIndex, account }: { itemIndex: number; account: string },
): Output {
	if ('withheld' in found) {
		const { where, withheld } = found;
		return { itemIndex, json: { where, ...withheldJson({ account, ...withheld }) } };
	}
	const { copy } = found;
	const kept = copy && {
		location: copy.location,
		level: copy.level,
		copy: {
			sha256: copy.sha256,
			size: copy.size,
			checkedAt: copy.checkedAt,
			method: copy.method,
		},
	};
	if (found.where === 'mailbox') {
		const { pecKey, headers, mailbox } = found.listed;
		return { itemIndex, json: { pecKey, where: found.where, ...headers, mailbox, ...kept } };
	}
	const { pecKey, kind, receipt, subject, from, messageId } = found.copy;
	const { folder, deletedAt, location } = found.deleted ?? {};
	return {
		itemIndex,
		json: {
			pecKey,
			where: found.where,
			kind,
			...(receipt ? { receipt } : {}),
			envelope: { from, subject, messageId },
			...kept,
			...(found.deleted ? { deletion: { folder, deletedAt, location } } : {}),
		},
	};
}
