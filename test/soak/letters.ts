import { randomBytes } from 'node:crypto';

/** A message as a provider would wrap it, by its header; its body is one letter. */
export function envelope(name: string): Buffer {
	return Buffer.from(
		[
			`From: "Per conto di: a@pec.beta.test" <posta-certificata@pec.beta.test>`,
			`To: studio@pec.alfa.test`,
			`Subject: POSTA CERTIFICATA: ${name}`,
			`Message-ID: <${name}.${randomBytes(6).toString('hex')}@pec.beta.test>`,
			'X-Trasporto: posta-certificata',
			'MIME-Version: 1.0',
			'Content-Type: text/plain; charset=utf-8',
			'',
			'x',
			'',
		].join('\r\n'),
		'latin1',
	);
}

function nested(depth: number): string {
	let body = 'Content-Type: text/plain\r\n\r\nx\r\n';
	for (let level = 0; level < depth; level += 1) {
		body = `Content-Type: multipart/mixed; boundary="b${level}"\r\n\r\n--b${level}\r\n${body}\r\n--b${level}--\r\n`;
	}
	return body;
}

const header = (name: string) =>
	`Subject: ${name}\r\nX-Trasporto: posta-certificata\r\nFrom: <posta-certificata@pec.beta.test>\r\n`;

type Write = (name: string) => Buffer;

const noHeader: Write = (name) => Buffer.from(`\0\xff\x01${name}\r\n\r\n\xc8\x07`, 'latin1');

export const HOSTILE_WITH_SUBJECT: readonly Write[] = [
	(name) => Buffer.from(`${header(name)}Content-Type: multipart/signed\r\n\r\n--\r\n`, 'latin1'),
	(name) => Buffer.from(`${header(name)}${nested(200)}`, 'latin1'),
	(name) =>
		Buffer.from(
			`${header(name)}Content-Type: application/xml; name="daticert.xml"\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%\xff\xfe==\r\n`,
			'latin1',
		),
	(name) =>
		Buffer.from(
			`${header(name)}Subject: =?x-unknown?B?////?=\r\nContent-Type: text/plain; charset="\0"\r\nDate: never\r\n\r\n\0\0\r\n`,
			'latin1',
		),
	(name) => Buffer.from(`${header(name)}${'X-Long: y\r\n'.repeat(2_000)}\r\nx\r\n`, 'latin1'),
];

/** Messages that no provider writes, and that are to start a run all the same; each has a name in it, so no two are alike. */
export const HOSTILE: readonly Write[] = [noHeader, ...HOSTILE_WITH_SUBJECT];
