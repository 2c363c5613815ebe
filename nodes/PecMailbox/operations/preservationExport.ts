import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ItemValues, Operation, OperationTools, Output } from '../../n8n/operations';
import { allItems } from '../../n8n/operations';
import { readHint } from '../../n8n/locate';
import { listMessages } from '../../account/mailbox';
import { wholeMessages, type WantedMessage, type WholeMessage } from '../../account/wholeMessages';
import { messageMissing } from '../../account/messageMissing';
import { messageFileName } from '../../pec/messageName';
import { UniqueNames } from '../../pec/safeName';
import { isWithin, readPeriod, searchOf, type Period } from './period';

type Chosen = { readonly message: WantedMessage } | { readonly period: Period };

interface Wanted extends WantedMessage {
	readonly itemIndex: number;
}

/** Messages as .eml, to the byte as the server holds them, each with its SHA-256: one of each item, or all of a period. */
export const preservationExport: Operation = allItems<string, Chosen>(
	(first) => first.text('outputField', 'Put Output File in Field'),
	(item) =>
		item.choice('messagesFrom', 'Messages', ['items', 'period']) === 'period'
			? { period: readPeriod(item) }
			: { message: { pecKey: item.text('pecKey', 'PEC Key'), ...readHint(item) } },
	async function* (field, items, tools) {
		const names = new UniqueNames();
		const context = {
			imap: await tools.account.imap(),
			account: tools.account.settings.address,
		};
		const wanted: Wanted[] = [];
		for (const item of items) wanted.push(...(await chosenBy(item, tools)));
		for await (const each of wholeMessages(wanted, context, tools.signal)) {
			const { pecKey, itemIndex } = each.wanted;
			if (!each.message) yield tools.fail(messageMissing(), itemIndex);
			else yield await outputOf(each.message, { pecKey, itemIndex, field, names }, tools);
		}
	},
);

async function chosenBy(
	{ itemIndex, values }: ItemValues<Chosen>,
	tools: OperationTools,
): Promise<Wanted[]> {
	if ('message' in values) return [{ ...values.message, itemIndex }];
	const { folder, ...times } = values.period;
	const listed = await listMessages(await tools.account.imap(), {
		account: tools.account.settings.address,
		folders: [folder],
		criteria: searchOf(times),
		limit: Number.POSITIVE_INFINITY,
	});
	// Oldest first, as they came.
	return listed
		.reverse()
		.filter(({ mailbox }) => isWithin(times, mailbox.receivedAt))
		.map(({ pecKey, mailbox }) => ({ pecKey, hint: mailbox, itemIndex }));
}

interface Export {
	readonly pecKey: string;
	readonly itemIndex: number;
	readonly field: string;
	readonly names: UniqueNames;
}

async function outputOf(
	{ content, headers, place }: WholeMessage,
	{ pecKey, itemIndex, field, names }: Export,
	tools: OperationTools,
): Promise<Output> {
	const { account, receivedAt } = place;
	const { kind, receipt } = headers;
	const fileName = names.take(messageFileName({ headers, pecKey, receivedAt, account }));
	const file = { fileName, mimeType: 'message/rfc822' };
	const hash = createHash('sha256');
	const binary = Buffer.isBuffer(content)
		? { ...file, content }
		: await tools.store({ ...file, content: piecesOf(content, (piece) => hash.update(piece)) });
	if (Buffer.isBuffer(content)) hash.update(content);
	const sha256 = hash.digest('hex');
	return {
		itemIndex,
		json: {
			pecKey,
			kind,
			...(receipt ? { receipt: { type: receipt.type } } : {}),
			fileName,
			size: place.size,
			sha256,
			mailbox: { ...place, sha256 },
		},
		binary: { [field]: binary },
	};
}

function piecesOf(content: AsyncIterable<Buffer>, onPiece: (piece: Buffer) => void): Readable {
	return Readable.from(
		(async function* () {
			for await (const piece of content) {
				onPiece(piece);
				yield piece;
			}
		})(),
		{ objectMode: false, highWaterMark: 1 },
	);
}
