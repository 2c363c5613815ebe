import { DATICERT } from '../account/evidence';
import { placeOf } from '../account/mailbox';
import type { Replies } from '../account/replies';
import type { ArrivedMessage, FetchedMessage, OpenFolder, ScannedMessage } from '../mail/types';
import { messageItem, withheldJson, type MessageItem } from '../n8n/messageItem';
import { mailingTag, rowOfMessageId } from '../pec/batch';
import { readPecHeaders, readPecMessage } from '../pec/message';
import { pecKeyOf } from '../pec/pecKey';
import type { MessageKind, PecHeaders, PecMessage, Trust } from '../pec/types';
import type { Offering } from './offers';
import type { TriggerSettings } from './settings';
import type { Candidate, HowToLoad, Source } from './watchTypes';

/** What is needed to make items of messages. */
export interface MessageEvents {
	readonly settings: TriggerSettings;
	readonly account: string;
	readonly trust: Trust;
	/** What messages answer. */
	readonly replies: Pick<Replies, 'answersTo'>;
	readonly now: () => Date;
	readonly offering: (key: string, item: MessageItem) => Offering;
}

/** Larger messages are told by their headers and certification data: their bodies would fill the memory of n8n. */
const BODY_LIMIT = 64 * 1024 * 1024;

/** Kinds wanted without an option. What cannot be read may be a PEC: it is never passed over in silence. */
const NEW_PEC: readonly MessageKind[] = ['transportEnvelope', 'rem', 'unreadable'];

/** The event that a message is, by its header alone. */
export function candidateOf(events: MessageEvents, scanned: ArrivedMessage): Candidate | undefined {
	const headers = readPecHeaders(scanned.headers);
	if (!isWatched(headers, events)) return undefined;
	const key = pecKeyOf(scanned.headers, scanned.size);
	return {
		key,
		load: async (source, how) => {
			const item =
				how === 'whole' && scanned.size <= BODY_LIMIT
					? await wholeItem(events, scanned, source)
					: await headersOnlyItem(events, scanned, source, how);
			return item && events.offering(key, item);
		},
	};
}

/** The event that a message is of which the server gives not even the header. */
export function unreadableCandidate(
	{ account, offering }: Pick<MessageEvents, 'account' | 'offering'>,
	{ path: folder, uidValidity }: Pick<OpenFolder, 'path' | 'uidValidity'>,
	uid: number,
): Candidate {
	const key = `unreadable:${folder}:${uidValidity}:${uid}`;
	const item = { json: withheldJson({ account, folder, uid, uidValidity }), binary: {} };
	return { key, load: async () => await Promise.resolve(offering(key, item)) };
}

function isWatched(headers: PecHeaders, { settings, account }: MessageEvents): boolean {
	const { kind, receipt, envelope } = headers;
	if (settings.watchFor === 'receipts') {
		if (!receipt) return false;
		const { receiptTypes, mailing } = settings;
		if (receiptTypes.length > 0 && !receiptTypes.includes(receipt.type)) return false;
		if (mailing === '') return true;
		const row = rowOfMessageId(receipt.originalMessageId ?? '');
		return row?.mailingTag === mailingTag({ account, mailing });
	}
	const { anomalies, ordinaryMail, subject } = settings;
	const isKind =
		NEW_PEC.includes(kind) ||
		(anomalies && kind === 'anomalyEnvelope') ||
		(ordinaryMail && (kind === 'ordinary' || kind === 'deliveryStatus'));
	return isKind && (envelope.subject ?? '').toLowerCase().includes(subject);
}

/** What only the whole message tells. */
function passesFilters(message: PecMessage, { sender, sdi }: TriggerSettings): boolean {
	if (sdi !== 'included' && (message.sdi !== undefined) !== (sdi === 'only')) return false;
	if (sender === '') return true;
	const { certification, envelope, original } = message;
	return [certification?.sender, original?.from?.address, envelope.from, envelope.replyTo].some(
		(address) => address?.toLowerCase().includes(sender),
	);
}

function isWhole(message: ArrivedMessage): message is FetchedMessage {
	return message.raw !== undefined;
}

async function wholeItem(
	events: MessageEvents,
	arrived: ArrivedMessage,
	{ imap, folder }: Source,
): Promise<MessageItem | undefined> {
	const fetched = isWhole(arrived) ? arrived : await folder.fetch(arrived.uid);
	if (!fetched) return undefined;
	const message = await readPecMessage(fetched.raw, {
		trust: events.trust,
		now: events.now(),
		receivedAt: fetched.receivedAt,
	});
	if (!passesFilters(message, events.settings)) return undefined;
	const place = placeOf(fetched, folder, events.account);
	const { output } = events.settings;
	const item = messageItem(message, place, {
		attachments: output === 'attachments',
		...(output === 'rawMessage' ? { wholeMessage: fetched.raw } : {}),
	});
	const [answerTo] = await events.replies.answersTo(imap, [message]);
	return answerTo ? { ...item, json: { ...item.json, answerTo } } : item;
}

async function headersOnlyItem(
	events: MessageEvents,
	scanned: ScannedMessage,
	{ folder }: Source,
	how: HowToLoad,
): Promise<MessageItem> {
	const daticert =
		how === 'scanned'
			? undefined
			: (await folder.fetchNamedParts([scanned.uid], DATICERT)).get(scanned.uid);
	const headers = readPecHeaders(scanned.headers, daticert);
	const message =
		'Only headers and certification data were read: the message is too large for a trigger, or its provider cannot give it whole.';
	return {
		json: {
			pecKey: pecKeyOf(scanned.headers, scanned.size),
			...headers,
			findings: [...headers.findings, { code: 'notReadWhole', message }],
			mailbox: placeOf(scanned, folder, events.account),
		},
		binary: {},
	};
}
