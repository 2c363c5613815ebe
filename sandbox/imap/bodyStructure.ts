import { addressesText } from './addressList.ts';
import { parseParameterValue } from './contentType.ts';
import { valueOf } from './headerBlock.ts';
import type { ByteRange } from './headerBlock.ts';
import type { MimePart } from './mimeTree.ts';
import { imapString, nilOrString } from './responseText.ts';

/** ENVELOPE of a message (RFC 3501 7.4.2), in latin1; `raw` need hold no more than its header. */
export function envelopeText(raw: Buffer, message: Pick<MimePart, 'fields'>): string {
	const value = (name: string): string | undefined => valueOf(raw, message.fields, name);
	const from = value('from');
	const fields = [
		nilOrString(value('date')),
		nilOrString(value('subject')),
		addressesText(from),
		// RFC 3501 7.4.2: an absent or empty Sender or Reply-To defaults to From.
		addressesText(value('sender') || from),
		addressesText(value('reply-to') || from),
		addressesText(value('to')),
		addressesText(value('cc')),
		addressesText(value('bcc')),
		nilOrString(value('in-reply-to')),
		nilOrString(value('message-id')),
	];
	return `(${fields.join(' ')})`;
}

/** BODYSTRUCTURE (`extended`) or BODY of a part (RFC 3501 7.4.2), in latin1. */
export function bodyStructureText(raw: Buffer, part: MimePart, extended: boolean): string {
	if (part.type === 'multipart') return multipartText(raw, part, extended);
	const value = (name: string): string | undefined => valueOf(raw, part.fields, name);
	const fields = [
		imapString(part.type),
		imapString(part.subtype),
		parametersText(part.parameters),
		nilOrString(value('content-id')),
		nilOrString(value('content-description')),
		imapString(value('content-transfer-encoding')?.toLowerCase() || '7bit'),
		String(part.body.end - part.body.start),
	];
	if (part.message !== undefined) {
		fields.push(
			envelopeText(raw, part.message),
			bodyStructureText(raw, part.message, extended),
			String(lineCount(raw, part.body)),
		);
	} else if (part.type === 'text') {
		fields.push(String(lineCount(raw, part.body)));
	}
	if (extended) fields.push(nilOrString(value('content-md5')), ...placementTexts(raw, part));
	return `(${fields.join(' ')})`;
}

function multipartText(raw: Buffer, part: MimePart, extended: boolean): string {
	const children = part.children.map((child) => bodyStructureText(raw, child, extended));
	// The grammar wants at least one part; Dovecot makes up this one too.
	if (children.length === 0) children.push('("text" "plain" NIL NIL NIL "7bit" 0 0)');
	const fields = [imapString(part.subtype)];
	if (extended) fields.push(parametersText(part.parameters), ...placementTexts(raw, part));
	return `(${children.join('')} ${fields.join(' ')})`;
}

/** Disposition, language and location. */
function placementTexts(raw: Buffer, part: MimePart): string[] {
	const disposition = valueOf(raw, part.fields, 'content-disposition');
	const language = valueOf(raw, part.fields, 'content-language');
	return [
		disposition === undefined ? 'NIL' : dispositionText(disposition),
		nilOrString(language),
		nilOrString(valueOf(raw, part.fields, 'content-location')),
	];
}

function dispositionText(written: string): string {
	const { value, parameters } = parseParameterValue(written);
	return `(${imapString(value)} ${parametersText(parameters)})`;
}

function parametersText(parameters: MimePart['parameters']): string {
	if (parameters.length === 0) return 'NIL';
	return `(${parameters.flat().map(imapString).join(' ')})`;
}

function lineCount(raw: Buffer, range: ByteRange): number {
	let lines = 0;
	let lineFeed = raw.indexOf(0x0a, range.start);
	while (lineFeed !== -1 && lineFeed < range.end) {
		lines += 1;
		lineFeed = raw.indexOf(0x0a, lineFeed + 1);
	}
	return lines;
}
