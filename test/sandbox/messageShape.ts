import { daticertShape } from './daticertShape.ts';
import { contentOf, outlineOf, partsOf, type Entity } from './mimeShape.ts';

/** Values that differ from message to message; what stays is what a provider writes. In this order. */
const VALUES: readonly (readonly [RegExp, string])[] = [
	[/boundary="[^"]*"/g, 'boundary="…"'],
	[/\w{3}, +\d{1,2} \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}(?: \(\w+\))?/g, '{date}'],
	[
		/giorno \d\d\/\d\d\/\d{4} alle ore \d\d:\d\d:\d\d \([+-]\d{4}\)/g,
		'giorno {day} alle ore {time} ({zone})',
	],
	[/\d\.\d\.\d - [^-]+ - .*$/gm, '{status - provider - words}'],
	// the identifiers of the software most providers use, and those of an envelope are shorter than those of a receipt
	[/opec\d+\.\d{14}\.\d+\.\d+\.1\.\d+\.\d+@[\w.-]+/g, '{receipt id}'],
	[/opec\d+\.\d{14}\.\d+\.\d+\.1\.\d+@[\w.-]+/g, '{envelope id}'],
	[/"Per conto di: [^"]*" <[^>]*>/g, '"Per conto di: {address}" <{address}>'],
	[/posta-certificata@[\w.-]+/g, '{certified address}'],
	[/(?<=X-Riferimento-Message-ID: )<[^<>]+>/g, '<{client id}>'],
	[/[\w$.+-]+@[\w.-]+/g, '{address}'],
];

function valueless(text: string): string {
	return VALUES.reduce((shape, [value, name]) => shape.replace(value, name), text);
}

function headerShape(top: Entity): string[] {
	return top.fields
		.filter(([name]) => !/^(?:content-|mime-version)/i.test(name))
		.map(([name, value]) => {
			if (name === 'Received') return 'Received: {trace}';
			if (name === 'Subject') return `Subject: ${/^[A-Z .]+: /.exec(value)?.[0] ?? ''}{subject}`;
			return valueless(`${name}: ${value}`);
		});
}

/** The lines of the readable text; what stands between quotation marks is one value. */
function textShape(part: Entity | undefined): string[] {
	if (part === undefined) return [];
	const text = contentOf(part).toString('latin1').replaceAll('\r\n', '\n').trimEnd();
	return valueless(text)
		.replace(/^"[^\n]*" (?=inviato|(?:è|e') stato inviato)/gm, '"{subject}" ')
		.split('\n');
}

/**
 * What a message of a provider is like but for names, numbers and times: header, parts, certification data and plain
 * text, one fact a line. Nothing of a person is left in it.
 */
export function messageShape(raw: Buffer): string {
	const { top, text, daticert } = partsOf(raw);
	return [
		...['# header', ...headerShape(top)],
		...['# parts', ...outlineOf(top).map(valueless)],
		'# certification data',
		...(daticert === undefined ? [] : daticertShape(contentOf(daticert).toString('utf8'))),
		...['# text', ...textShape(text)],
		'',
	].join('\n');
}
