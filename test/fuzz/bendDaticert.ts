import type { Bend } from './bendHeader.ts';
import { allOf, base64Lines, fileNameOf } from './entity.ts';
import type { Entity } from './entity.ts';
import type { Random } from './random.ts';
import type { TextChange } from './bytes.ts';

const TEXTS = [
	...[
		'',
		' ',
		'x',
		'&lt;altro@pec.alfa.test&gt;',
		'a@b.it',
		'01/01/2020',
		'31/02/2026',
		'01/01/2090',
		'12:00:00',
	],
	...[
		'5.1.1 - x',
		'4.4.1 - dodici ore',
		'5.4.1 - un giorno',
		'IP 5.1.1.2',
		'&e;',
		'&#0;',
		'&#x1F600;',
		'<![CDATA[<x>]]>',
	],
];
const ATTRIBUTES = [
	...[
		'tipo="accettazione"',
		'tipo="avvenuta-consegna"',
		'tipo="posta-certificata"',
		'tipo="errore-consegna"',
	],
	...[
		'tipo="completa"',
		'tipo="breve"',
		'tipo="esterno"',
		'errore="virus"',
		'errore="no-dest"',
		'errore="x"',
	],
	...[
		'zona="+0200"',
		'zona="x"',
		'zona="-9999"',
		'tipo=accettazione',
		'tipo="a" tipo="b"',
		'__proto__="x"',
	],
];
const DOCTYPES = [
	'<!DOCTYPE p [<!ENTITY e "x">]>',
	'<!DOCTYPE p SYSTEM "http://127.0.0.1/x">',
	`<!DOCTYPE p [<!ENTITY a "aaaa">${Array.from({ length: 20 }, () => '<!ENTITY e "&a;&a;">').join('')}]>`,
	'<!DOCTYPE p [<!ENTITY % e SYSTEM "file:///etc/passwd">%e;]>',
];

function element(xml: string, random: Random): { from: number; to: number } {
	const tags = [...xml.matchAll(/<([\w-]+)[^<>]*(?:\/>|>[^<]*<\/\1>)/g)];
	if (tags.length === 0) return { from: 0, to: 0 };
	const { index, 0: text } = random.pick(tags);
	return { from: index, to: index + text.length };
}

const XML_BENDS: Readonly<Record<string, TextChange>> = {
	'an element dropped': (xml, random) => {
		const { from, to } = element(xml, random);
		return xml.slice(0, from) + xml.slice(to);
	},
	'an element doubled': (xml, random) => {
		const { from, to } = element(xml, random);
		return xml.slice(0, to) + xml.slice(from);
	},
	'an element nested': (xml, random) => {
		const { from, to } = element(xml, random);
		return `${xml.slice(0, from)}<a>${xml.slice(from, to)}</a>${xml.slice(to)}`;
	},
	'another text': (xml, random) => {
		const { from, to } = element(xml, random);
		const bent = xml.slice(from, to).replace(/>[^<]*</, () => `>${random.pick(TEXTS)}<`);
		return xml.slice(0, from) + bent + xml.slice(to);
	},
	'another attribute': (xml, random) => {
		const attributes = [...xml.matchAll(/[\w-]+="[^"]*"/g)].slice(1);
		if (attributes.length === 0) return xml;
		const { index, 0: text } = random.pick(attributes);
		return xml.slice(0, index) + random.pick(ATTRIBUTES) + xml.slice(index + text.length);
	},
	'another day': (xml, random) =>
		xml.replace(
			/<giorno>[^<]*/,
			() => `<giorno>${random.pick(['01/01/2020', '31/02/2026', '01/01/2090'])}`,
		),
	'an error': (xml, random) =>
		xml.replace(
			/errore="[^"]*"/,
			() => `errore="${random.pick(['virus', 'altro', 'no-dest', 'x'])}"`,
		),
	'another element': (xml, random) =>
		xml.replace(
			random.pick([/intestazione/g, /dati(?!c)/g, /postacert/g, /mittente/, /giorno/]),
			'altro',
		),
	'a document type': (xml, random) => xml.replace('?>', () => `?>${random.pick(DOCTYPES)}`),
	'a byte changed': (xml, random) => {
		const at = random.below(xml.length);
		return xml.slice(0, at) + random.bytes(1) + xml.slice(at + 1);
	},
	'cut short': (xml, random) => xml.slice(0, random.below(xml.length)),
	'in UTF-16': (xml) => `\xff\xfe${Buffer.from(xml, 'utf16le').toString('latin1')}`,
	'a thousand recipients': (xml) =>
		xml.replace(
			'<intestazione>',
			`<intestazione>${'<destinatari>a@b.it</destinatari>'.repeat(1000)}`,
		),
	deep: (xml) => xml.replace('<dati>', () => `<dati>${'<a>'.repeat(3000)}`),
};

const XML_BLOW_UPS: Readonly<Record<string, TextChange>> = {
	'600 kB': (xml) => xml + ' '.repeat(600_000),
	'500 kB of elements': (xml) =>
		xml.replace('<dati>', `<dati>${'<ricezione>a@b</ricezione>'.repeat(19_000)}`),
};

function daticertIn(root: Entity): Entity | undefined {
	return allOf(root).find((part) => fileNameOf(part) === 'daticert.xml');
}

function bends(changes: Readonly<Record<string, TextChange>>): Readonly<Record<string, Bend>> {
	const all = Object.entries(changes).map(([name, change]): [string, Bend] => [
		`certification data: ${name}`,
		(root, random) => {
			const part = daticertIn(root);
			if (!part) return;
			const isBase64 = /encoding:\s*base64/i.test(part.head);
			const xml = isBase64 ? Buffer.from(part.body, 'base64').toString('latin1') : part.body;
			const changed = change(xml, random);
			part.body = isBase64 ? base64Lines(changed) : changed;
		},
	]);
	return Object.fromEntries(all);
}

export const DATICERT_BENDS = bends(XML_BENDS);
export const DATICERT_BLOW_UPS = bends(XML_BLOW_UPS);
