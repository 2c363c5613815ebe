import { createHash } from 'node:crypto';

import { simpleParser } from 'mailparser';

import { partsOf, type Entity } from './mimeShape.ts';
import { CLIENTE, message, STUDIO, type PecDesk } from './pecDesk.ts';

const PDF = Buffer.from(
	'%PDF-1.4 \xe4\xfc\xf6 contenuto che occupa più di una riga, per le interruzioni',
);
/** In lines of 24: whoever breaks them anew gets another hash. */
export const ENCODED = PDF.toString('base64').replace(/.{24}(?=.)/g, '$&\r\n');
export const TEXT =
	'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nciao è\r\n';

export function sha1(bytes: string): string {
	return createHash('sha1').update(bytes, 'latin1').digest('hex');
}

export function multipart(
	type: string,
	boundary: string,
	parts: readonly string[],
): [string, string] {
	const body = parts.map((each) => `--${boundary}\r\n${each}\r\n`).join('');
	return [
		`multipart/${type}; boundary="${boundary}"`,
		`preambolo\r\n${body}--${boundary}--\r\nepilogo\r\n`,
	];
}

/** A file as a mailer attaches it; `type` and `disposition` carry its name. */
export function file(
	type: string,
	disposition?: string,
	more: Readonly<Record<string, string>> = {},
): string {
	const fields = {
		'Content-Type': type,
		'Content-Transfer-Encoding': 'base64',
		...(disposition === undefined ? {} : { 'Content-Disposition': disposition }),
		...more,
	};
	return message(fields, ENCODED);
}

export const ATTACHED_MESSAGE = message(
	{
		From: 'altro@pec.beta.test',
		Subject: 'Inoltrato',
		'Content-Type': multipart('mixed', 'in', [])[0],
	},
	multipart('mixed', 'in', [TEXT, file('application/pdf; name=interno.pdf')])[1],
);

/** What the brief receipt has in place of an original with that type and body, and the envelope's own original. */
export async function brief(
	desk: PecDesk,
	contentType: string,
	body: string,
	more: Readonly<Record<string, string>> = {},
): Promise<{ receipt: Buffer; postacert: Entity; whole: Entity }> {
	const head = {
		From: STUDIO,
		To: CLIENTE,
		Subject: 'Prova',
		'X-TipoRicevuta': 'breve',
		'MIME-Version': '1.0',
	};
	const raw = Buffer.from(
		message({ ...head, 'Content-Type': contentType, ...more }, body),
		'latin1',
	);
	await desk.send({ raw, envelope: { from: STUDIO, to: [CLIENTE] } });
	const [receipt = Buffer.of()] = desk.inbox(STUDIO).slice(1);
	const [envelope = Buffer.of()] = desk.inbox(CLIENTE);
	const postacert = partsOf(receipt).original?.children[0];
	const whole = partsOf(envelope).original?.children[0];
	if (postacert === undefined || whole === undefined) throw new Error('there is no original');
	return { receipt, postacert, whole };
}

/** Each leaf by mailparser's reading: its name, type and content. */
export async function filesIn(
	receipt: Buffer,
): Promise<{ name?: string; type: string; content: string }[]> {
	const outer = await simpleParser(receipt, { ignoreEmbedded: true } as object);
	const original = outer.attachments.find(({ filename }) => filename === 'postacert.eml');
	const { attachments } = await simpleParser(original?.content ?? '');
	return attachments.map(({ filename, contentType, content }) => ({
		name: filename,
		type: contentType,
		content: content.toString('latin1'),
	}));
}
