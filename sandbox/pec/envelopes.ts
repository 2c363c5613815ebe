import { isUtf8 } from 'node:buffer';

import libmime from 'libmime';

import { certificationData } from './certificationData.ts';
import {
	addressesIn,
	fieldsNamed,
	headerField,
	readHeaders,
	readableValue,
	type HeaderBlock,
} from './headers.ts';
import type { PecMail } from './mail.ts';
import type { Provider } from './provider.ts';
import { romeTime } from './romeTime.ts';
import { writeSignedMessage } from './signedMessage.ts';
import { anomalyText, transportText } from './texts.ts';

export interface WrittenEnvelope {
	/** With angle brackets. */
	readonly messageId: string;
	readonly raw: Buffer;
}

/** The busta di trasporto of an accepted mail (RFC 6109 3.1.5). `received` is the submission's trace line. */
export async function writeTransportEnvelope(
	provider: Provider,
	mail: PecMail,
	options: { at: Date; original: Buffer; received: string },
): Promise<WrittenEnvelope> {
	const { at } = options;
	const inherited = (name: string): string =>
		fieldsNamed(mail.headers, name)
			.map(({ raw }) => raw)
			.join('');
	const from = `"Per conto di: ${mail.sender}" <${provider.certifiedAddress}>`;
	const headers = [
		options.received,
		inherited('Received'),
		headerField('Subject', `POSTA CERTIFICATA: ${writtenSubject(mail.headers)}`),
		referenceField(provider, mail),
		headerField('Date', romeTime(at).headerDate),
		headerField('Message-ID', `<${mail.providerId}>`),
		inherited('Reply-To') || headerField('Reply-To', mail.sender),
		headerField('X-Trasporto', 'posta-certificata'),
		inherited('To'),
		inherited('Cc'),
		headerField('From', from),
		provider.style.senderField ? headerField('Sender', from) : '',
		headerField('X-Tiporicevuta', mail.receiptContent),
	].join('');
	const certification = certificationData(mail, {
		type: 'posta-certificata',
		provider: provider.name,
		at,
		receiptContent: mail.receiptContent,
		withoutMsgid: !provider.style.msgid,
	});
	const content = { text: transportText(mail, at), certification, original: options.original };
	return {
		messageId: `<${mail.providerId}>`,
		raw: await writeSignedMessage(provider, headers, content, at),
	};
}

/**
 * The busta di anomalia round a mail that came from outside PEC (RFC 6109 3.2.2): the whole mail, and no
 * certification data.
 */
export async function writeAnomalyEnvelope(
	provider: Provider,
	mail: Buffer,
	options: { at: Date; recipient: string; error: string },
): Promise<WrittenEnvelope & { readonly returnPath: string }> {
	const { at } = options;
	const block = readHeaders(mail);
	const inherited = (name: string): string =>
		fieldsNamed(block, name)
			.map(({ raw }) => raw)
			.join('');
	const sender = addressesIn(block, 'From')[0]?.replace(/[\p{Cc}"\\<>]/gu, '') ?? '';
	const [messageId] = fieldsNamed(block, 'Message-ID');
	const ownId = `<${provider.identifiers.receipt(at)}>`;
	const headers = [
		inherited('Received'),
		headerField('Subject', `ANOMALIA MESSAGGIO: ${writtenSubject(block)}`),
		headerField('Date', romeTime(at).headerDate),
		messageId?.raw ?? headerField('Message-ID', ownId),
		inherited('Reply-To') || (sender === '' ? '' : headerField('Reply-To', sender)),
		headerField('X-Trasporto', 'errore'),
		inherited('To'),
		inherited('Cc'),
		headerField('From', `${onBehalfOf(sender)} <${provider.certifiedAddress}>`),
	].join('');
	const subject = readableValue(fieldsNamed(block, 'Subject')[0]) ?? '';
	const recipients = [...addressesIn(block, 'To'), ...addressesIn(block, 'Cc')];
	const text = anomalyText(
		{ sender, subject, recipients: recipients.length > 0 ? recipients : [options.recipient] },
		at,
		options.error,
	);
	return {
		messageId: messageId?.value ?? ownId,
		returnPath: reversePath(block) ?? sender,
		raw: await writeSignedMessage(provider, headers, { text, original: mail }, at),
	};
}

/** Of mail that was delivered once already; empty for a bounce (RFC 5321 4.5.5). */
function reversePath(block: HeaderBlock): string | undefined {
	return /^<([^\s<>]*)>$/.exec(fieldsNamed(block, 'Return-Path')[0]?.value ?? '')?.[1];
}

/** The client's Message-ID, when it sent one and the provider repeats it (RFC 6109 2.2.1). */
export function referenceField(provider: Provider, mail: PecMail): string {
	return mail.clientId === undefined || !provider.style.reference
		? ''
		: headerField('X-Riferimento-Message-ID', mail.clientId);
}

/** The display name of an envelope's From: one quoted string, an encoded word where ASCII does not do. */
function onBehalfOf(sender: string): string {
	const name = `Per conto di: ${sender}`;
	if (/^[\x20-\x7e]*$/.test(name)) return `"${name}"`;
	const bytes = Buffer.from(name, 'latin1');
	return libmime.encodeWord(isUtf8(bytes) ? bytes : name, 'Q', 52);
}

/**
 * The original Subject as providers repeat it: encoded words stay; bytes outside ASCII become encoded words, and so does
 * a word too long for a line (RFC 5322 2.1.1).
 */
export function writtenSubject(block: HeaderBlock): string {
	const field = fieldsNamed(block, 'Subject')[0];
	if (field === undefined) return '';
	const fits = /^[\t\x20-\x7e]*$/.test(field.value) && !/\S{900}/.test(field.value);
	return fits ? field.value : libmime.encodeWord(readableValue(field) ?? '', 'Q', 52);
}
