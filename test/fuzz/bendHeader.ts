import { allOf } from './entity.ts';
import type { Entity } from './entity.ts';
import type { Random } from './random.ts';

/** Changes one message in place. */
export type Bend = (root: Entity, random: Random) => void;

const TYPES = [
	...['text/plain', 'text/html', 'message/rfc822', 'multipart/mixed', 'multipart/signed', 'x', '/'],
	...['multipart/digest', 'application/xml', 'application/pkcs7-mime; smime-type=signed-data'],
	...['multipart/report; report-type=delivery-status; boundary=r', 'text/plain; charset=utf-16'],
	...['text/plain; charset=iso-2022-jp', 'text/plain; charset=utf-7', 'text/plain; format=flowed'],
	...[
		'text/html; charset=windows-1252',
		'text/plain; charset=x-none',
		'application/x-pkcs7-signature',
	],
	...[
		'text/plain; charset="utf-8',
		'multipart/mixed; boundary=""',
		'text/plain; format=flowed; delsp=yes',
	],
	...["a/b; name*0*=utf-8''%e8; name*1=b; name*3=d", 'a/b; name="=?utf-8?B?w6g?="', 'a/b;;;=;"'],
];
const ADDRESSES = [
	...[
		'posta-certificata@pec.alfa.test',
		'posta-certificata@pec.beta.test',
		'<>',
		'',
		'@',
		'a@b, c@d',
	],
	...[
		'"Per conto di: x@y.it" <posta-certificata@pec.alfa.test>',
		'gruppo: a@b.it, c@d.it;',
		'=?utf-8?Q?=E8?= <a@b>',
	],
];
const RECEIPTS = [
	...[
		'accettazione',
		'non-accettazione',
		'presa-in-carico',
		'avvenuta-consegna',
		'errore-consegna',
	],
	...[
		'preavviso-errore-consegna',
		'rilevazione-virus',
		'mancata-consegna',
		' ACCETTAZIONE ',
		'',
		'accettazione x',
	],
];

/** Values that mean something to a reader, and some that ought not to. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
	'X-Ricevuta': RECEIPTS,
	'X-Trasporto': ['posta-certificata', 'errore', 'altro', '', 'Posta-Certificata'],
	'X-TipoRicevuta': ['completa', 'breve', 'sintetica', 'x'],
	'X-VerificaSicurezza': ['errore', 'x'],
	'X-Riferimento-Message-ID': ['<altro@pec.alfa.test>', '<>', 'x', ' <a\r\n b@c>'],
	'Content-Type': TYPES,
	'Content-Transfer-Encoding': [
		'base64',
		'quoted-printable',
		'7bit',
		'BASE64 ',
		'x',
		'base64; x=y',
		'',
	],
	'Content-Disposition': [
		'attachment',
		'inline; filename=daticert.xml',
		'attachment; filename="../a\0b"',
		'x;=',
	],
	From: ADDRESSES,
	To: ADDRESSES,
	Subject: ['=?utf-8?B?w6g?= =?utf-8?Q?=', '=?iso-2022-jp?B?GyRC?=', 'POSTA CERTIFICATA: x', ''],
	'Message-ID': ['<x@y>', 'x', '<<>>'],
	Date: ['', 'Sun, 31 Feb 2026 25:61:00 +9999', 'ieri'],
};

function bent(change: (fields: string[], random: Random) => void): Bend {
	return (root, random) => {
		const entity = random.chance(0.5) ? root : random.pick(allOf(root));
		const fields = entity.head.split(/\r\n(?![ \t])/);
		change(fields, random);
		entity.head = fields.join('\r\n');
	};
}

function written(random: Random): string {
	const name = random.pick(Object.keys(VALUES));
	return `${name}: ${random.pick(VALUES[name] ?? [''])}`;
}

function replaced(change: (field: string, random: Random) => string): Bend {
	return bent((fields, random) => {
		const at = random.below(fields.length);
		fields[at] = change(fields[at] ?? '', random);
	});
}

export const HEADER_BENDS: Readonly<Record<string, Bend>> = {
	'a field dropped': bent((fields, random) => void fields.splice(random.below(fields.length), 1)),
	'a field doubled': bent((fields, random) => void fields.push(random.pick(fields))),
	'a field added': bent((fields, random) => {
		fields.splice(random.below(fields.length + 1), 0, written(random));
	}),
	'a field of another value': bent((fields, random) => {
		const field = written(random);
		const name = field.slice(0, field.indexOf(':')).toLowerCase();
		const at = fields.findIndex((each) => each.toLowerCase().startsWith(`${name}:`));
		fields[at === -1 ? fields.length : at] = field;
	}),
	'fields in another order': bent((fields) => void fields.reverse()),
	'a field folded': replaced((field, random) => {
		const at = field.indexOf(':') + 1 + random.below(field.length);
		return `${field.slice(0, at)}\r\n${random.pick([' ', '\t', ' \r\n '])}${field.slice(at)}`;
	}),
	'a field name in other letters': replaced((field, random) =>
		random.chance(0.5) ? field.toUpperCase() : field.replace(':', ' \t:'),
	),
	'a field cut': replaced((field, random) => field.slice(0, random.below(field.length))),
	'a long field': replaced(
		(field, random) => field + random.pick(['x', '; a=b', ', a@b', '=?a?Q?b?= ']).repeat(3000),
	),
	'no header': (root, random) => {
		random.pick(allOf(root)).head = '';
	},
};

/** Sizes beyond the reader's limits. Rare: they cost time. */
export const HEADER_BLOW_UPS: Readonly<Record<string, Bend>> = {
	'25,000 fields': bent((fields) => void fields.push('A: b\r\n'.repeat(25_000).trimEnd())),
	'a field of 400 kB': replaced(
		(field, random) => field + random.pick(['x', '(', '"', '=?a?Q?b?= ', ';a*1=x']).repeat(80_000),
	),
};
