/** Writes miniature PEC messages for these tests. Shares no code with nodes/: a common bug would pass unseen. */

import { createHash } from 'node:crypto';
import { signDetached } from '../../sandbox/pki/cms.ts';
import { createPki } from '../../sandbox/pki/hierarchy.ts';

export type Headers = readonly (readonly [string, string])[];

export interface Daticert {
	tipo?: string;
	errore?: string;
	mittente?: string;
	destinatari?: readonly { address: string; tipo?: string }[];
	oggetto?: string;
	zona?: string;
	giorno?: string;
	ora?: string;
	identificativo?: string;
	msgid?: string | null;
	ricevuta?: string;
	consegna?: string;
	ricezione?: readonly string[];
	esteso?: string;
	/** Put between two elements, as in a damaged file. */
	stray?: string;
}

export const ORIGINAL_ID = '<first@sender.example>';
export const SENDER = 'sender@pec.sender.example';
export const RECIPIENT = 'rossi@pec.recipient.example';

function escaped(text: string): string {
	return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

function element(name: string, text: string | undefined | null): string {
	return text === undefined || text === null ? '' : `<${name}>${escaped(text)}</${name}>`;
}

export function writeDaticert(data: Daticert = {}): string {
	const recipients = data.destinatari ?? [{ address: RECIPIENT, tipo: 'certificato' }];
	return [
		'<?xml version="1.0" encoding="UTF-8"?>',
		`<postacert${data.tipo === '' ? '' : ` tipo="${data.tipo ?? 'avvenuta-consegna'}"`} errore="${data.errore ?? 'nessuno'}">`,
		'<intestazione>',
		element('mittente', data.mittente ?? SENDER),
		...recipients.map(
			({ address, tipo }) =>
				`<destinatari${tipo === undefined ? '' : ` tipo="${tipo}"`}>${escaped(address)}</destinatari>`,
		),
		`${element('risposte', SENDER)}${data.stray ?? ''}`,
		element('oggetto', data.oggetto ?? 'Avviso'),
		'</intestazione>',
		'<dati>',
		element('gestore-emittente', 'Provider S.p.A.'),
		`<data zona="${data.zona ?? '+0100'}">${element('giorno', data.giorno ?? '01/02/2026')}${element('ora', data.ora ?? '00:30:12')}</data>`,
		element('identificativo', data.identificativo ?? 'opec1.1@pec.provider.example'),
		element('msgid', data.msgid === undefined ? ORIGINAL_ID : data.msgid),
		data.ricevuta === undefined ? '' : `<ricevuta tipo="${data.ricevuta}" />`,
		element('consegna', data.consegna),
		...(data.ricezione ?? []).map((address) => element('ricezione', address)),
		element('errore-esteso', data.esteso),
		'</dati>',
		'</postacert>',
	].join('\n');
}

export interface Part {
	headers: Headers;
	body: string | Buffer;
}

function block(headers: Headers): string {
	return headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
}

/** The bytes of one part or message: header, empty line, body. */
export function writePart({ headers, body }: Part): Buffer {
	return Buffer.concat([Buffer.from(`${block(headers)}\r\n`), Buffer.from(body)]);
}

/** The body of a multipart, CRLF. */
export function writeMultipart(boundary: string, parts: readonly (Part | Buffer)[]): Buffer {
	return Buffer.concat([
		...parts.flatMap((part) => [
			Buffer.from(`--${boundary}\r\n`),
			Buffer.isBuffer(part) ? part : writePart(part),
			Buffer.from('\r\n'),
		]),
		Buffer.from(`--${boundary}--\r\n`),
	]);
}

export function daticertPart(xml: string | Buffer, headers: Headers = []): Part {
	const lines = Buffer.from(xml)
		.toString('base64')
		.replace(/(.{60})/g, '$1\r\n');
	return {
		headers:
			headers.length > 0
				? headers
				: [
						['Content-Type', 'application/xml; name="daticert.xml"'],
						['Content-Disposition', 'inline; filename="daticert.xml"'],
						['Content-Transfer-Encoding', 'base64'],
					],
		body: lines,
	};
}

export function postacertPart(original: Buffer, headers: Headers = []): Part {
	return {
		headers:
			headers.length > 0
				? headers
				: [
						['Content-Type', 'message/rfc822; name="postacert.eml"'],
						['Content-Disposition', 'inline; filename="postacert.eml"'],
						['Content-Transfer-Encoding', '7bit'],
					],
		body: original,
	};
}

export const TEXT_PART: Part = {
	headers: [
		['Content-Type', 'text/plain; charset="iso-8859-1"'],
		['Content-Transfer-Encoding', 'quoted-printable'],
	],
	body: 'Il messaggio =E8 stato trattato.',
};

const SIGNED_AT = new Date('2026-01-31T23:30:12Z');
const DOMAIN = 'pec.provider.example';
const pki = await createPki({
	providers: [{ name: 'Provider S.p.A.', domain: DOMAIN }],
	now: SIGNED_AT,
	tls: 'valid',
});
/** Whose signature on these messages counts. */
export const TRUST = { issuers: [pki.pecCa] };

function signaturePart(content: Buffer): Part {
	const signer = pki.signers.get(DOMAIN);
	if (!signer) throw new Error('no signer');
	// RFC 8551 3.1.1: what is signed has CRLF line ends, whatever the message has.
	const canonical = Buffer.from(content.toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1');
	const signature = signDetached(signer, canonical, { at: SIGNED_AT, digest: 'sha256' });
	return {
		headers: [
			['Content-Type', 'application/x-pkcs7-signature; name="smime.p7s"'],
			['Content-Transfer-Encoding', 'base64'],
		],
		body: signature.toString('base64').replace(/(.{64})/g, '$1\r\n'),
	};
}

/** A message as a provider sends it: multipart/signed round multipart/mixed (RFC 6109 4.3). */
export function writeProviderMessage(headers: Headers, parts: readonly Part[]): Buffer {
	// A message may be put into another: their boundaries must differ.
	const mark = createHash('sha256')
		.update(JSON.stringify([headers, parts]))
		.digest('hex')
		.slice(0, 8);
	const mixed: Part = {
		headers: [['Content-Type', `multipart/mixed; boundary="----------=_${mark}"`]],
		body: writeMultipart(`----------=_${mark}`, parts),
	};
	return writePart({
		headers: [
			['Date', 'Sun, 1 Feb 2026 00:30:12 +0100'],
			// RFC 6109 2.2.1: an envelope's is the identifier that its certification data state; a receipt has its own.
			...(headers.some(([name]) => name === 'X-Trasporto')
				? ([['Message-ID', '<opec1.1@pec.provider.example>']] as const)
				: ([['Message-ID', '<opec1.1.receipt@pec.provider.example>']] as const)),
			...headers,
			['MIME-Version', '1.0'],
			[
				'Content-Type',
				`multipart/signed; protocol="application/x-pkcs7-signature"; micalg="sha-256"; boundary="----${mark}"`,
			],
		],
		body: Buffer.concat([
			Buffer.from('This is an S/MIME signed message\r\n\r\n'),
			writeMultipart(`----${mark}`, [mixed, signaturePart(writePart(mixed))]),
		]),
	});
}

/** A receipt; `null` daticert leaves the certification data out. */
export function writeReceipt(
	ricevuta: string,
	daticert: Daticert | string | null = {},
	extra: { headers?: Headers; parts?: readonly Part[]; riferimento?: string | null } = {},
): Buffer {
	const riferimento = extra.riferimento === undefined ? ORIGINAL_ID : extra.riferimento;
	const xml =
		typeof daticert === 'string'
			? daticert
			: daticert && writeDaticert({ tipo: ricevuta, ...daticert });
	return writeProviderMessage(
		[
			['From', 'posta-certificata@pec.provider.example'],
			['To', SENDER],
			['Subject', 'CONSEGNA: Avviso'],
			['X-Ricevuta', ricevuta],
			...(riferimento === null ? [] : ([['X-Riferimento-Message-ID', riferimento]] as const)),
			...(extra.headers ?? []),
		],
		[TEXT_PART, ...(xml === null ? [] : [daticertPart(xml)]), ...(extra.parts ?? [])],
	);
}

export function writeEnvelope(original: Buffer, parts?: readonly Part[]): Buffer {
	return writeProviderMessage(
		[
			['From', `"Per conto di: ${SENDER}" <posta-certificata@pec.provider.example>`],
			['To', RECIPIENT],
			['Subject', 'POSTA CERTIFICATA: Avviso'],
			['X-Trasporto', 'posta-certificata'],
			['X-Riferimento-Message-ID', ORIGINAL_ID],
		],
		parts ?? [
			TEXT_PART,
			daticertPart(writeDaticert({ tipo: 'posta-certificata' })),
			postacertPart(original),
		],
	);
}

export function writeOrdinary(headers: Headers = [], body: string | Buffer = 'ciao\r\n'): Buffer {
	return writePart({
		headers: [
			['From', `Mario Rossi <${SENDER}>`],
			['To', RECIPIENT],
			['Subject', 'Avviso'],
			['Message-ID', ORIGINAL_ID],
			...headers,
		],
		body,
	});
}

/** The same message with LF line ends, as some stores keep it. */
export function withLf(raw: Buffer): Buffer {
	return Buffer.from(raw.toString('latin1').replace(/\r\n/g, '\n'), 'latin1');
}
