/** A piece of a document that is written already, so that it is not escaped again. */
export interface XmlPiece {
	readonly xml: string;
}

const SPECIAL: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
	// As they are they would come back as spaces from an attribute (XML 1.0, 3.3.3).
	'\t': '&#9;',
	'\n': '&#10;',
	'\r': '&#13;',
};

/** Text as XML 1.0 can carry it (2.2): what is no character there is replaced, the rest comes back as it was. */
export function escapedXml(text: string): string {
	return text
		.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
		.replace(/[&<>"'\t\n\r]/g, (character) => SPECIAL[character] ?? '');
}

type Child = XmlPiece | string | undefined;

/** One element. Names are ours, never a message's; children that do not apply are left out. */
export function element(
	name: string,
	attributes: Readonly<Record<string, string | undefined>>,
	...children: readonly Child[]
): XmlPiece {
	const written = Object.entries(attributes)
		.filter(([, value]) => value !== undefined)
		.map(([attribute, value]) => ` ${attribute}="${escapedXml(value ?? '')}"`)
		.join('');
	const inner = children
		.map((child) => (typeof child === 'string' ? escapedXml(child) : (child?.xml ?? '')))
		.join('');
	return { xml: inner === '' ? `<${name}${written}/>` : `<${name}${written}>${inner}</${name}>` };
}

/** An element that holds one text; absent without it. */
export function textElement(name: string, text: string | undefined): XmlPiece | undefined {
	return text === undefined ? undefined : element(name, {}, text);
}

export function joined(pieces: readonly XmlPiece[]): XmlPiece {
	return { xml: pieces.map(({ xml }) => xml).join('\n') };
}

export function xmlDocument(root: XmlPiece): Buffer {
	return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${root.xml}\n`, 'utf8');
}
