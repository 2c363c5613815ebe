import {
	decodedFieldOf,
	fieldOf,
	fieldsOf,
	messageIdIn,
	parametersOf,
	referencesOf,
} from './header';
import type { Header } from './header';
import { listEntriesOf } from './addresses';
import { presentFields } from './presentFields';
import type { Envelope, Finding, MessageKind } from './types';
import { TRANSPORTS, wordOf } from './vocabulary';

/** `rem` is missing: it is told by a part's content, not by a header (ETSI header names are unconfirmed). */
export type HeaderKind = Exclude<MessageKind, 'rem'>;

/** RFC 3464 2: a report of an ordinary mail server. */
function isDeliveryStatus(header: Header): boolean {
	const { value, parameters } = parametersOf(fieldOf(header, 'content-type'));
	return (
		value === 'multipart/report' &&
		parameters.get('report-type')?.trim().toLowerCase() === 'delivery-status'
	);
}

/**
 * What a message is, by its own top-level header and by exact values only (RFC 6109 3.1, 3.2): never by subject or
 * body, where anybody may have written anything.
 */
export function classify(header: Header): { kind: HeaderKind; findings: readonly Finding[] } {
	if (header.fields.length === 0) {
		const message = 'No e-mail header can be read in this message.';
		return { kind: 'unreadable', findings: [{ code: 'headerUnreadable', message }] };
	}
	const findings: Finding[] = [];
	const receipts = fieldsOf(header, 'x-ricevuta');
	const transports = fieldsOf(header, 'x-trasporto');
	if (receipts.length + transports.length > 1) {
		const message =
			'The message declares more than one PEC type; the first receipt type was taken.';
		findings.push({ code: 'typeRepeated', message });
	}
	// RFC 6109 3.1: X-Ricevuta first, since an envelope shares every other field with a receipt.
	if (receipts.length > 0) return { kind: 'receipt', findings };
	const transport = wordOf(TRANSPORTS, transports[0]);
	if (transport) return { kind: transport, findings };
	if (transports.length > 0) {
		const message =
			'X-Trasporto holds a value that the PEC rules do not know: taken as ordinary mail.';
		findings.push({ code: 'transportUnknown', message });
	}
	return { kind: isDeliveryStatus(header) ? 'deliveryStatus' : 'ordinary', findings };
}

/** The header as the message shows it: texts decoded, addresses and date as written. */
export function envelopeOf(header: Header): Envelope {
	const listed = (name: string): string[] =>
		fieldsOf(header, name).flatMap((value) => listEntriesOf(value));
	return presentFields({
		from: decodedFieldOf(header, 'from'),
		sender: decodedFieldOf(header, 'sender'),
		to: listed('to'),
		cc: listed('cc'),
		replyTo: decodedFieldOf(header, 'reply-to'),
		subject: decodedFieldOf(header, 'subject'),
		messageId: messageIdIn(fieldOf(header, 'message-id')),
		inReplyTo: messageIdIn(fieldOf(header, 'in-reply-to')),
		references: referencesOf(header),
		date: fieldOf(header, 'date'),
	});
}
