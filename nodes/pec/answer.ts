import { mailboxesOf, normalizeAddress } from './addresses';
import type { MessageKind, PecMessage } from './types';

/** Why a message cannot be answered. */
export type Unanswerable = 'receipt' | 'deliveryStatus' | 'unreadable' | 'noAddress';

/** How a message is answered (RFC 5322 3.6.2, 3.6.4). */
export interface AnswerHeaders {
	/** Whom it is answered to; normalised, each once. */
	readonly to: readonly string[];
	readonly subject: string;
	/** What the provider calls the message. Absent when it has no usable Message-ID. */
	readonly inReplyTo?: string;
	readonly references?: readonly string[];
}

type Received = Pick<PecMessage, 'kind' | 'certification' | 'envelope' | 'original'>;

/** Nobody reads what comes to a provider's own address. */
const PROVIDER_MAILBOX = /^posta-certificata@/;
const REPLIES = /^(?:(?:re|r|rif)(?:\[\d+\])?\s*:\s*)+/i;
const FORWARDS = /^(?:(?:fwd?|i|inoltra)(?:\[\d+\])?\s*:\s*)+/i;
/** Threads of years: the first of them and the latest tell where a message belongs. */
const REFERENCES_LIMIT = 50;

/** Whom and how to answer; why not, where nobody would read it. */
export function answerOf(message: Received): AnswerHeaders | Unanswerable {
	const refusal = UNANSWERED.get(message.kind);
	if (refusal) return refusal;
	const to = replyAddressesOf(message);
	if (to.length === 0) return 'noAddress';
	const { inReplyTo, references } = threadOf(message);
	return {
		to,
		subject: `Re: ${subjectOf(message).replace(REPLIES, '')}`.trim(),
		...(inReplyTo ? { inReplyTo } : {}),
		...(references.length > 0 ? { references } : {}),
	};
}

const UNANSWERED: ReadonlyMap<MessageKind, Unanswerable> = new Map<MessageKind, Unanswerable>([
	['receipt', 'receipt'],
	['deliveryStatus', 'deliveryStatus'],
	['unreadable', 'unreadable'],
]);

/**
 * The subject of a message passed on. `Fwd:` like `Re:` is understood by every mail program; `I:` is what Italian
 * Outlook makes of it, and reads as part of the subject elsewhere.
 */
export function forwardSubjectOf(message: Received): string {
	return `Fwd: ${subjectOf(message).replace(FORWARDS, '')}`.trim();
}

/** The original's subject: the envelope's begins with what its provider put in front. One line, as a header needs it. */
function subjectOf({ original, certification, envelope, kind }: Received): string {
	const certified = kind === 'transportEnvelope' ? certification?.subject : undefined;
	const subject = original?.subject ?? certified ?? envelope.subject ?? '';
	return subject.replace(/[\x00-\x1f\x7f]+/g, ' ').trim();
}

/** What the provider certified comes first, then what the author wrote; the envelope's own sender never. */
function replyAddressesOf({ kind, certification, original }: Received): string[] {
	const certified = kind === 'transportEnvelope' ? certification : undefined;
	const choices = [
		mailboxesOf(certified?.replyTo),
		original?.replyTo ?? [],
		original?.from ? [original.from] : [],
		mailboxesOf(certified?.sender),
	];
	for (const mailboxes of choices) {
		const usable = mailboxes.flatMap(({ address }) => readable(address));
		if (usable.length > 0) return [...new Set(usable)];
	}
	return [];
}

function readable(text: string): string[] {
	try {
		const address = normalizeAddress(text);
		return PROVIDER_MAILBOX.test(address) ? [] : [address];
	} catch {
		return [];
	}
}

/**
 * RFC 5322 3.6.4: the thread so far, then the message answered. Its author's mail program knows the message by the id it
 * gave it itself, which the provider replaced (RFC 6109 3.1.4): that one stands beside.
 */
function threadOf({ envelope, original, certification, kind }: Received): {
	inReplyTo?: string;
	references: readonly string[];
} {
	const inReplyTo = envelope.messageId;
	const own = kind === 'transportEnvelope' ? certification?.originalMessageId : original?.messageId;
	const parents = envelope.references ??
		original?.references ?? [envelope.inReplyTo ?? original?.inReplyTo ?? ''];
	const all = [...parents, own ?? '', inReplyTo ?? ''].filter(isMessageId);
	const known = all.filter((id, at) => all.lastIndexOf(id) === at);
	const references =
		known.length > REFERENCES_LIMIT
			? [...known.slice(0, 1), ...known.slice(1 - REFERENCES_LIMIT)]
			: known;
	return { ...(inReplyTo && isMessageId(inReplyTo) ? { inReplyTo } : {}), references };
}

/** What can stand in a header, on one line of it (RFC 5322 2.1.1): mail programs write all kinds of ids. */
function isMessageId(id: string): boolean {
	return /^<[\x21-\x3b\x3d\x3f-\x7e]{1,900}>$/.test(id);
}

/** What was written, each line marked, with who wrote it when; empty when there is no text. */
export function quotedText({ original, certification, envelope }: Received): string {
	const text = original?.text?.trimEnd();
	if (!text) return '';
	const lines = text.split('\n').map((line) => (line.startsWith('>') ? `>${line}` : `> ${line}`));
	return [`${attributionOf({ original, certification, envelope })}:`, ...lines].join('\n');
}

/** The same for a letter in HTML. The text is quoted, not what somebody else's HTML would show or load. */
export function quotedHtml({ original, certification, envelope }: Received): string {
	const text = original?.text?.trimEnd();
	if (!text) return '';
	const quoted = escaped(text).replace(/\n/g, '<br>\n');
	return `<p>${escaped(attributionOf({ original, certification, envelope }))}:</p>\n<blockquote>${quoted}</blockquote>`;
}

function attributionOf({
	original,
	certification,
	envelope,
}: Pick<Received, 'original' | 'certification' | 'envelope'>): string {
	const author = original?.from?.address ?? certification?.sender ?? envelope.from ?? '';
	const [, year, month, day, time] =
		/^(\d{4})-(\d{2})-(\d{2}) (\d{2}:\d{2})/.exec(certification?.local ?? '') ?? [];
	const when = year === undefined ? (original?.date ?? '') : `${day}/${month}/${year} ${time}`;
	return `${when === '' ? '' : `Il ${when}, `}${author} ha scritto`;
}

function escaped(text: string): string {
	return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
