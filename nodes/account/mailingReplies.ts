import type { ImapSession, OpenFolder } from '../mail/types';
import type { KnownMailing } from '../pec/mailingOutcomes';
import type { ReportReply } from '../pec/mailingReport';
import type { PecHeaders, PecMessage } from '../pec/types';
import { readPecHeaders, readPecMessage } from '../pec/message';
import { ReplyIndex } from '../pec/replyIndex';
import { MARGIN_MS } from './evidence';
import { headerWindows } from './headerWindows';
import { messageFolders } from './messageFolders';
import { SMALL_BYTES, type VerifierOptions } from './receiptVerifier';

/** What comes from a PEC mailbox (RFC 6109 3.1.4). */
const ENVELOPES = { 'X-Trasporto': 'posta-certificata' };

/**
 * The replies to a mailing among the received PEC, oldest first by folder. Providers put what a message answers into the
 * header of its envelope, or leave it in the original alone: then messages below 64 kB are read whole.
 * @throws MailError
 */
export async function repliesTo(
	imap: ImapSession,
	known: KnownMailing,
	reader: VerifierOptions & { readonly signal?: AbortSignal },
): Promise<ReportReply[]> {
	const index = indexOf(known);
	const begun = known.records.flatMap(({ intents }) => intents.map((at) => Date.parse(at)));
	const since = new Date(begun.reduce((one, other) => Math.min(one, other), Infinity) - MARGIN_MS);
	const replies: ReportReply[] = [];
	for (const path of await messageFolders(imap)) {
		const folder = await imap.open(path, { readOnly: true });
		if (folder.messages === 0) continue;
		const isDated = !Number.isNaN(since.getTime());
		const uids = await folder.search({ header: ENVELOPES, ...(isDated ? { since } : {}) });
		for await (const window of headerWindows(async () => folder, uids)) {
			if (reader.signal?.aborted) return replies;
			for (const message of await lettersAmong(folder, window, reader)) {
				const answer = index.answerTo(message);
				if (answer) replies.push(replyOf(answer.messageId, message));
			}
		}
	}
	return replies;
}

type Letter = PecHeaders & Pick<PecMessage, 'original'>;

async function lettersAmong(
	folder: OpenFolder,
	uids: readonly number[],
	{ trust, now }: VerifierOptions,
): Promise<Letter[]> {
	const letters: Letter[] = [];
	const silent: number[] = [];
	for (const { uid, size, headers } of await folder.scan(uids)) {
		const letter = readPecHeaders(headers);
		const { inReplyTo, references = [] } = letter.envelope;
		if (inReplyTo !== undefined || references.length > 0) letters.push(letter);
		else if (letter.kind === 'transportEnvelope' && size < SMALL_BYTES) silent.push(uid);
	}
	for (const { raw, receivedAt } of await folder.fetchMany(silent)) {
		letters.push(await readPecMessage(raw, { trust, now: now(), receivedAt }));
	}
	return letters;
}

function indexOf({ mailing, records, receipts }: KnownMailing): ReplyIndex {
	const index = new ReplyIndex();
	const intents = records.map(({ row, messageId }) => ({ row, messageId, at: '' }));
	index.addSubmissions({ mailing, intents, results: [] });
	for (const receipt of receipts) index.addReceipt(receipt);
	return index;
}

function replyOf(messageId: string, { certification, envelope, original }: Letter): ReportReply {
	const from = certification?.sender ?? original?.from?.address ?? envelope.from;
	const subject = original?.subject ?? envelope.subject;
	const at = certification?.at ?? dateOf(envelope.date);
	return {
		messageId,
		...(at === undefined ? {} : { at }),
		...(from === undefined ? {} : { from }),
		...(subject === undefined ? {} : { subject }),
	};
}

function dateOf(date: string | undefined): string | undefined {
	const time = new Date(date ?? NaN);
	return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}
