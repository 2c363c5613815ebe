import { XMLParser } from 'fast-xml-parser';
import { textInCharset, textOfUnlabelled } from './charset';

/** Predefined entities (XML 1.0 4.6) and character references only: what a DTD declares is never read. */
const ENTITIES: ReadonlyMap<string, string> = new Map([
	['lt', '<'],
	['gt', '>'],
	['amp', '&'],
	['quot', '"'],
	['apos', "'"],
]);

const ATTRIBUTE = '@';

/** An element with attributes or children, as the parser gives it. */
export type XmlNode = Readonly<Record<string, unknown>>;

function characterOf(reference: string): string | undefined {
	const hexadecimal = reference[1] === 'x' || reference[1] === 'X';
	const code = Number.parseInt(reference.slice(hexadecimal ? 2 : 1), hexadecimal ? 16 : 10);
	return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

function unescapeXml(text: string): string {
	return text.replace(
		/&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-z]{2,4});/g,
		(whole, reference: string) =>
			(reference.startsWith('#') ? characterOf(reference) : ENTITIES.get(reference)) ?? whole,
	);
}

export function isXmlNode(value: unknown): value is XmlNode {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** All values of a child element, as the parser gives them: text, or a node when it has attributes. */
export function childrenOf(node: unknown, name: string): unknown[] {
	if (!isXmlNode(node) || !Object.hasOwn(node, name)) return [];
	const value = node[name];
	return Array.isArray(value) ? value : [value];
}

/** The first element below `node` along a path of names. */
export function elementAt(node: unknown, ...path: readonly string[]): unknown {
	return path.reduce((parent, name) => childrenOf(parent, name)[0], node);
}

/** An element's own text, trimmed; `undefined` when empty. */
export function textIn(value: unknown): string | undefined {
	const text = isXmlNode(value) ? value['#text'] : value;
	return typeof text === 'string' ? unescapeXml(text).trim() || undefined : undefined;
}

export function textOfChild(node: unknown, name: string): string | undefined {
	return textIn(elementAt(node, name));
}

export function attributeOf(value: unknown, name: string): string | undefined {
	return isXmlNode(value) ? textIn(value[ATTRIBUTE + name]) : undefined;
}

/** UTF-16 where its mark stands (XML 1.0 4.3.3), else UTF-8, else Windows-1252, whatever is declared. */
export function xmlTextOf(bytes: Buffer): string {
	const mark = bytes.subarray(0, 2).toString('latin1');
	return mark === '\xff\xfe' || mark === '\xfe\xff'
		? textInCharset(bytes, 'utf-16')
		: textOfUnlabelled(bytes);
}

/**
 * Parses a document far enough to look things up: no entity is expanded, no DTD loaded, values stay texts. The caller
 * bounds the size.
 * @param options.prefixes `dropped`: elements and attributes are known by their local name
 * @returns a node with the root element as its child; `undefined` when it cannot be parsed
 */
export function parseXml(
	bytes: Buffer,
	options: { readonly prefixes: 'kept' | 'dropped' },
): unknown {
	const parser = new XMLParser({
		ignoreAttributes: false,
		attributeNamePrefix: ATTRIBUTE,
		removeNSPrefix: options.prefixes === 'dropped',
		parseTagValue: false,
		parseAttributeValue: false,
		processEntities: false,
		ignoreDeclaration: true,
	});
	try {
		return parser.parse(xmlTextOf(bytes));
	} catch {
		return undefined;
	}
}
