import { messageIdIn, messageIdsIn } from './header';
import { presentFields } from './presentFields';
import type { RecordedSubmissions } from './sendingLedger';
import { isSingleMessage, recipientsOfSingleMessage, sendKeyOf } from './singleMessage';
import type { Answer, PecMessage, ReceiptEvidence, Row } from './types';

interface Sending {
	readonly mailing: string;
	readonly row: Row;
}

type Letter = Pick<PecMessage, 'kind' | 'envelope' | 'original' | 'certification'>;

/** The id is claimed for more than one sending, and so is nobody's. */
const AMBIGUOUS = Symbol('ambiguous');

/**
 * Finds the sending that a received message answers. Providers replace a message's Message-ID by their own before the
 * recipient sees it (RFC 6109 3.1.4), so a reply quotes an id that only receipts tie to ours: their `identificativo` is
 * that id, and they name the message they are about. Our own id, and that of a receipt, are understood as well. Nothing
 * is guessed: an id that fits more than one sending fits none.
 */
export class ReplyIndex {
	readonly #sendings = new Map<string, Sending>();
	/** The id that may be quoted, to our Message-ID. */
	readonly #quotable = new Map<string, string | typeof AMBIGUOUS>();
	/** Of messages that went to several. */
	readonly #recipients = new Map<string, readonly string[]>();

	addSubmissions({ mailing, intents, results }: RecordedSubmissions): void {
		for (const { messageId, row } of [...intents, ...results]) {
			this.#sendings.set(messageId, { mailing, row });
		}
	}

	/** In any order and any number of times. One that contradicts itself ties nothing. */
	addReceipt(receipt: ReceiptEvidence): void {
		if (!receipt.consistent) return;
		const { originalMessageId, providerId, messageId, recipients } = receipt;
		for (const id of [messageIdIn(providerId), messageId]) {
			if (id !== undefined) this.#tie(id, originalMessageId);
		}
		if (recipients.length > 1) {
			this.#recipients.set(
				originalMessageId,
				recipients.map(({ address }) => address),
			);
		}
	}

	/** Answers only to a message in a transport envelope: other mail may quote what it likes. */
	answerTo(message: Letter): Answer | undefined {
		for (const ids of quotedBy(message)) {
			const found = new Set(ids.flatMap((id) => this.#sendingQuoted(id) ?? []));
			const [only] = found;
			if (found.size > 1 || only === AMBIGUOUS) return undefined;
			if (only !== undefined) return this.#answer(only, message);
		}
		return undefined;
	}

	/** Whether what the message quotes first is not known yet: more news may bring an answer, or a nearer one. */
	isOpen(message: Letter): boolean {
		const [nearest] = quotedBy(message);
		return nearest !== undefined && nearest.every((id) => this.#sendingQuoted(id) === undefined);
	}

	#tie(id: string, originalMessageId: string): void {
		const known = this.#quotable.get(id);
		const same = known === undefined || known === originalMessageId;
		this.#quotable.set(id, same ? originalMessageId : AMBIGUOUS);
	}

	#sendingQuoted(id: string): string | typeof AMBIGUOUS | undefined {
		if (this.#sendings.has(id)) return id;
		const tied = this.#quotable.get(id);
		return tied === AMBIGUOUS || (tied !== undefined && this.#sendings.has(tied))
			? tied
			: undefined;
	}

	#answer(messageId: string, message: Letter): Answer | undefined {
		const sending = this.#sendings.get(messageId);
		if (!sending) return undefined;
		const { mailing, row } = sending;
		const single = isSingleMessage(mailing);
		const recipients = new Set([
			...(single ? recipientsOfSingleMessage(row) : [row.recipient]),
			...(this.#recipients.get(messageId) ?? []),
		]);
		// The account is certified; From is what the author wrote.
		const writer = (
			message.certification?.sender ?? message.original?.from?.address
		)?.toLowerCase();
		const wroteHimself = writer !== undefined && recipients.has(writer);
		return presentFields({
			messageId,
			mailing: single ? undefined : mailing,
			rowKey: single || row.rowKey === '' ? undefined : row.rowKey,
			sendKey: sendKeyOf(mailing),
			recipient: wroteHimself ? writer : recipients.size === 1 ? row.recipient : undefined,
			answeredBy: wroteHimself ? undefined : writer,
		});
	}
}

/** What a message says it answers, nearest first; ids of one group are equally near. */
function quotedBy({ kind, original, envelope }: Letter): string[][] {
	if (kind !== 'transportEnvelope') return [];
	return [original, envelope]
		.flatMap((header) => [
			messageIdsIn(header?.inReplyTo),
			...(header?.references ?? []).toReversed().map((id) => [id]),
		])
		.filter((ids) => ids.length > 0);
}
