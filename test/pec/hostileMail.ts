/** Messages that cost a careless reader its time or its memory: how they are made, and what is to be said of them. */

import { writeMultipart, writeOrdinary } from './pecWriter.ts';

export interface Hostile {
	readonly name: string;
	/** @param share of the full size, up to 1 */
	readonly write: (share: number) => Buffer;
	/** At full size. */
	readonly findings: readonly string[];
}

export const KB = 1024;
export const MB = 1024 * 1024;

/** A text of one byte a character, so many times over. */
export function times(text: string, count: number): Buffer {
	const bytes = Buffer.from(text, 'latin1');
	return Buffer.alloc(bytes.length * Math.round(count), bytes);
}

function mixed(body: string | Buffer): Buffer {
	return writeOrdinary([['Content-Type', 'multipart/mixed; boundary=b']], body);
}

function field(name: string, value: string | Buffer): Buffer {
	return Buffer.concat([
		Buffer.from(`From: a@b.it\r\n${name}: `),
		Buffer.from(value),
		Buffer.from('\r\n\r\nciao'),
	]);
}

function text(type: string, body: Buffer, encoding = '8bit'): Buffer {
	return writeOrdinary(
		[
			['Content-Type', type],
			['Content-Transfer-Encoding', encoding],
		],
		body,
	);
}

function nestedMultiparts(levels: number): Buffer {
	return Buffer.concat(
		Array.from({ length: levels }, (_, level) =>
			Buffer.from(`Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\n`),
		),
	);
}

const PARTS: readonly Hostile[] = [
	{
		name: '10,000 nested parts',
		write: (share) => nestedMultiparts(10_000 * share),
		findings: ['tooDeep'],
	},
	{
		name: '10,000 nested messages',
		write: (share) => times('Content-Type: message/rfc822\r\n\r\n', 10_000 * share),
		findings: ['tooDeep'],
	},
	{
		name: 'a million parts',
		write: (share) => mixed(times('--b\r\n\r\nx\r\n', 1e6 * share)),
		findings: ['tooManyParts'],
	},
	{
		name: 'a million boundaries',
		write: (share) => mixed(times('--b\n', 1e6 * share)),
		findings: ['tooManyParts'],
	},
	{
		name: 'two million ends',
		write: (share) => mixed(times('--b--\n', 2e6 * share)),
		findings: ['textTooLarge'],
	},
	{
		name: 'two million lines almost a boundary',
		write: (share) => mixed(times('--bb\n', 2e6 * share)),
		findings: ['textTooLarge'],
	},
	{
		name: '50 MB of dashes',
		write: (share) => mixed(times('-', 50 * MB * share)),
		findings: ['textTooLarge'],
	},
	{
		name: '1,900 files of one byte with long names',
		write: (share) =>
			mixed(
				times(
					`--b\r\nContent-Disposition: attachment; filename="${'=?utf-8?Q?a?= '.repeat(100)}"\r\n\r\nx\r\n`,
					1900 * share,
				),
			),
		findings: [],
	},
	{
		name: '1,900 texts',
		write: (share) => mixed(times('--b\r\nContent-Type: text/html\r\n\r\n<p>\r\n', 1900 * share)),
		findings: [],
	},
];

const HEADERS: readonly Hostile[] = [
	{
		name: 'a header line of 100 MB',
		write: (share) => field('X-Long', times('x', 100 * MB * share)),
		findings: [],
	},
	{
		name: 'a subject of 100 MB',
		write: (share) => field('Subject', times('x ', 50 * MB * share)),
		findings: [],
	},
	{
		name: 'a content type of 20 MB',
		write: (share) => field('Content-Type', times('a/b; c="d', 2 * MB * share)),
		findings: [],
	},
	{
		name: '50 MB of recipients in one field',
		write: (share) => field('Cc', times('a@b.it, ', 6 * MB * share)),
		findings: [],
	},
	{
		name: '20 MB of recipients in many fields',
		write: (share) =>
			Buffer.concat([
				times(`To: ${'a@b.it, '.repeat(25_000)}c@d.it\r\n`, 100 * share),
				Buffer.from('\r\nciao'),
			]),
		findings: [],
	},
	{
		name: '2 MB of =?',
		write: (share) => field('Subject', times('=?', MB * share)),
		findings: [],
	},
	{
		name: '10 MB of encoded words',
		write: (share) => field('Subject', times('=?utf-8?Q?a?= ', 0.7 * MB * share)),
		findings: [],
	},
	...['(', '"', '<', 'a:', '"a\\"', 'a (b) ', '\\', '=?utf-8?B?w6g?= <a@b>, '].map((token) => ({
		name: `200 kB of ${token} in an address field`,
		write: (share: number) => field('To', times(token, (200 * KB * share) / token.length)),
		findings: [],
	})),
	{
		name: 'a million RFC 2231 continuations',
		write: (share) => {
			const all = Array.from({ length: 1e6 * share }, (_, index) => `;name*${index}*=x`);
			return field('Content-Type', `a/b${all.join('')}`);
		},
		findings: [],
	},
	{
		name: 'a million parameters of one name',
		write: (share) => field('Content-Type', times(';a*1=x', 1e6 * share)),
		findings: [],
	},
	{
		name: 'a million header fields',
		write: (share) => times('A: b\r\n', 1e6 * share),
		findings: ['tooManyFields'],
	},
	{
		name: 'a million lines that are no field',
		write: (share) => times('x\n', 1e6 * share),
		findings: ['headerUnreadable'],
	},
	{
		name: 'two million lines of folding',
		write: (share) => Buffer.concat([Buffer.from('A: b\r\n'), times(' \r\n', 2e6 * share)]),
		findings: [],
	},
	{
		name: '50 MB of NUL',
		write: (share) => times('\0', 50 * MB * share),
		findings: ['headerUnreadable'],
	},
	{ name: '50 MB with bare CR', write: (share) => times('A: b\r', 10 * MB * share), findings: [] },
];

const TEXTS: readonly Hostile[] = [
	...[
		['flowed lines', 'text/plain; format=flowed', 'a \n'],
		['flowed quotes', 'text/plain; format=flowed', '> a \n'],
		['flowed depths', 'text/plain; format=flowed', '>'],
		['flowed blanks to delete', 'text/plain; format=flowed; delsp=yes', '  \n'],
		['flowed signatures', 'text/plain; format=flowed', '-- \n'],
		['blanks', 'text/plain; format=flowed', ' '],
		['UTF-7', 'text/plain; charset=utf-7', '+AGE-'],
		['ISO-2022-JP', 'text/plain; charset=iso-2022-jp', '\x1b$B$"\x1b(B'],
		['escapes of ISO-2022-JP', 'text/plain; charset=iso-2022-jp', '\x1b'],
		['half characters', 'text/plain; charset=gb18030', '\x81\x30\x81'],
		['NUL', 'text/plain', '\0\r\n'],
		['CR', 'text/plain', '\r'],
		['UTF-16', 'text/plain; charset=utf-16', '\0\r\0\n'],
		['tags', 'text/html', '<p>'],
	].map(([name = '', type = '', token = '']) => ({
		name: `4 MB of text: ${name}`,
		write: (share: number) => text(type, times(token, (3.9 * MB * share) / token.length)),
		findings: [],
	})),
];

const ENCODED: readonly Hostile[] = [
	...[
		['base64 with garbage', 'base64', 'QU!J\0\xffD'],
		['base64, most of it garbage', 'base64', 'Q!!!!!!!'],
		['padding', 'base64', '='],
		['quoted-printable', 'quoted-printable', '=E8= \r\n'],
		['blanks', 'quoted-printable', ' '],
		['escapes that are none', 'quoted-printable', '='],
		['breaks that are none', 'quoted-printable', '=                    x'],
		['lines of one blank', 'quoted-printable', ' \n'],
	].map(([name = '', encoding = '', token = '']) => ({
		name: `20 MB encoded: ${name}`,
		write: (share: number) =>
			text('application/pdf', times(token, (20 * MB * share) / token.length), encoding),
		findings: [],
	})),
	{
		name: '100 MB of quoted-printable',
		write: (share) =>
			text('application/pdf', times('=E8 perch=\r\n', 7.6 * MB * share), 'quoted-printable'),
		findings: [],
	},
	{
		name: 'messages in base64, one inside the other',
		write: (share) => {
			let inner = writeOrdinary();
			for (let level = 0; level < 24 * share; level += 1) {
				const part = {
					headers: [
						['Content-Type', 'message/rfc822'],
						['Content-Transfer-Encoding', 'base64'],
					] as const,
					body: inner.toString('base64'),
				};
				inner = writeOrdinary(
					[['Content-Type', 'multipart/mixed; boundary=b']],
					writeMultipart('b', [part]),
				);
			}
			return inner;
		},
		findings: [],
	},
];

export const HOSTILE_MAIL: readonly Hostile[] = [...PARTS, ...HEADERS, ...TEXTS, ...ENCODED];
