import type { Random } from './random.ts';

/** A change to a text of one character a byte. */
export type TextChange = (text: string, random: Random) => string;

const TOKENS = [
	...[
		'\r\n',
		'\n',
		'\r',
		'\n\n',
		'\0',
		'\t',
		' ',
		'--',
		'"',
		'<',
		'>',
		'&',
		';',
		'=',
		'\\',
		'(',
		'@',
	],
	...[
		'=?utf-8?B?',
		'?=',
		'=?utf-7?Q?+ADw-?=',
		"*0*=utf-8''%",
		'\x1b$B',
		'\xff\xfe',
		'\xc3',
		'\xef\xbb\xbf',
	],
	...[
		'X-Ricevuta: accettazione\r\n',
		'X-Trasporto: errore\r\n',
		'Content-Type: message/rfc822\r\n\r\n',
	],
	...[
		'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n',
		'-----BEGIN CERTIFICATE-----',
		'&#x0;',
	],
];

function range(text: string, random: Random): { from: number; to: number } {
	const from = random.below(text.length + 1);
	return { from, to: Math.min(text.length, from + random.below(random.chance(0.8) ? 8 : 800)) };
}

function put(text: string, at: number, inserted: string, removed = 0): string {
	return text.slice(0, at) + inserted + text.slice(at + removed);
}

export const BYTE_CHANGES: Readonly<Record<string, TextChange>> = {
	'a bit flipped': (text, random) => {
		const at = random.below(text.length);
		const code = (text.charCodeAt(at) || 0) ^ (1 << random.below(8));
		return put(text, at, String.fromCharCode(code & 0xff), 1);
	},
	'a byte replaced': (text, random) => put(text, random.below(text.length), random.bytes(1), 1),
	'bytes inserted': (text, random) =>
		put(text, random.below(text.length), random.bytes(1 + random.below(20))),
	'a token inserted': (text, random) => put(text, random.below(text.length), random.pick(TOKENS)),
	'bytes removed': (text, random) => {
		const { from, to } = range(text, random);
		return put(text, from, '', to - from);
	},
	'bytes doubled': (text, random) => {
		const { from, to } = range(text, random);
		return put(text, to, text.slice(from, to));
	},
	'bytes moved': (text, random) => {
		const { from, to } = range(text, random);
		const rest = put(text, from, '', to - from);
		return put(rest, random.below(rest.length), text.slice(from, to));
	},
	'cut short': (text, random) => text.slice(0, random.below(text.length)),
	'the beginning cut off': (text, random) => text.slice(random.below(text.length)),
	'all line ends LF': (text) => text.replace(/\r\n/g, '\n'),
	'all line ends CR': (text) => text.replace(/\r\n/g, '\r'),
	'one line end changed': (text, random) => {
		const at = text.indexOf('\r\n', random.below(text.length));
		return at === -1 ? text : put(text, at, random.pick(['\n', '\r', '\r\r\n', '\n\r', '']), 2);
	},
	'a line doubled': (text, random) => {
		const at = text.indexOf('\n', random.below(text.length)) + 1;
		return put(text, at, text.slice(at, text.indexOf('\n', at) + 1));
	},
	'a line removed': (text, random) => {
		const at = text.indexOf('\n', random.below(text.length)) + 1;
		return put(text, at, '', Math.max(0, text.indexOf('\n', at) + 1 - at));
	},
	'NULs all over': (text, random) => {
		const { from } = range(text, random);
		return put(text, from, '\0'.repeat(1 + random.below(2000)));
	},
};

/** Sizes where work that is not linear shows. Rare: they cost time. */
export const BLOW_UPS: Readonly<Record<string, TextChange>> = {
	'bytes repeated for 300 kB': (text, random) => {
		const { from, to } = range(text, random);
		const piece = text.slice(from, to) || 'x';
		return put(text, to, piece.repeat(Math.ceil(300_000 / piece.length)));
	},
	'a token repeated for 300 kB': (text, random) => {
		const token = random.pick(TOKENS);
		return put(text, random.below(text.length), token.repeat(Math.ceil(300_000 / token.length)));
	},
};
