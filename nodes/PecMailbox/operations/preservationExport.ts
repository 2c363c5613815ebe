import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ItemValues, Operation, OperationTools, Output } from '../../n8n/operations';
import { allItems } from '../../n8n/operations';
import { readHint } from '../../n8n/locate';
import { NotGiven, type WithheldMessage } from '../../mail/notGiven';
import { placedMessages } from '../../account/placedMessages';
import type { WantedMessage } from '../../account/hintedFolders';
import { wholeMessages, type ReadMessage, type WholeMessage } from '../../account/wholeMessages';
import { messageMissing } from '../../account/messageMissing';
import { messageFileName } from '../../pec/messageName';
import { UniqueNames } from '../../pec/safeName';
import { inFlight } from './inFlight';
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
		for (const item of items) {
			const chosen = await chosenBy(item, tools);
			wanted.push(...chosen.wanted);
			for (const each of chosen.withheld) yield tools.fail(new NotGiven(each), item.itemIndex);
		}
		const exported = async (each: ReadMessage<Wanted>): Promise<Output> => {
			const { pecKey, itemIndex } = each.wanted;
			if (!each.message) return tools.fail(each.refusal ?? messageMissing(), itemIndex);
			try {
				return await outputOf(each.message, { pecKey, itemIndex, field, names }, tools);
			} catch (error) {
				return tools.fail(error, itemIndex);
			}
		};
		const outputs = inFlight(wholeMessages(wanted, context, tools.signal), exported, {
			most: STORED_AT_ONCE,
			// Its pieces come over the connection on which the next one is asked for.
			isAlone: ({ message }) => message !== undefined && !Buffer.isBuffer(message.content),
		});
		let done = 0;
		try {
			for await (const output of outputs) {
				yield output;
				done += 1;
			}
		} catch (error) {
			tools.signal?.throwIfAborted();
			// An item with a part of its messages would pass for all of them.
			const open = new Set(wanted.slice(done).map(({ itemIndex }) => itemIndex));
			for (const itemIndex of open) yield tools.fail(error, itemIndex);
		}
	},
);

/** A store on a disk waits ten times for each file, and hardly works meanwhile. */
const STORED_AT_ONCE = 4;

async function chosenBy(
	{ itemIndex, values }: ItemValues<Chosen>,
	tools: OperationTools,
): Promise<{ wanted: readonly Wanted[]; withheld: readonly WithheldMessage[] }> {
	if ('message' in values) return { wanted: [{ ...values.message, itemIndex }], withheld: [] };
	const { folder, ...times } = values.period;
	const { placed, withheld } = await placedMessages(await tools.account.imap(), {
		account: tools.account.settings.address,
		folder,
		criteria: searchOf(times),
		...(tools.signal ? { signal: tools.signal } : {}),
	});
	const wanted = placed
		.filter(({ place }) => isWithin(times, place.receivedAt))
		.map(({ pecKey, place }) => ({ pecKey, hint: place, itemIndex }));
	return { wanted, withheld };
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
	const isWhole = Buffer.isBuffer(content);
	if (isWhole) hash.update(content);
	const binary = await tools.store({
		...file,
		content: isWhole ? content : piecesOf(content, (piece) => hash.update(piece)),
	});
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
