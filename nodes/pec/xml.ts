import { SaxesParser } from 'saxes';
import { textInCharset, textOfUnlabelled } from './charset';

/** Those of PEC nest four deep, an administration's registration ten. */
const DEPTH_LIMIT = 100;
/** What is wrong in a document is borne, but each wrong thing costs time. */
const ERRORS_LIMIT = 1_000;

/** RFC 6109's and the administrations' DTDs declare none; one that names a file is none of theirs. */
const EXTERNAL_ENTITY = /<!ENTITY\s[^>]*\s(?:SYSTEM|PUBLIC)\s/;

/** An element as far as things are looked up in it. */
export interface XmlElement {
	readonly name: string;
	readonly attributes: Readonly<Record<string, string>>;
	readonly children: readonly XmlElement[];
	/** Its own, around its children; references replaced by what they stand for. */
	readonly text: string;
}

/** Without a name of its own; the root element is its child. */
export interface XmlDocument extends XmlElement {
	readonly isWellFormed: boolean;
}

interface OpenElement extends XmlElement {
	children: OpenElement[];
	text: string;
}

/** All child elements of a name. */
export function childrenOf(element: XmlElement | undefined, name: string): readonly XmlElement[] {
	return element?.children.filter((child) => child.name === name) ?? [];
}

/** The first element below `element` along a path of names. */
export function elementAt(
	element: XmlElement | undefined,
	...path: readonly string[]
): XmlElement | undefined {
	return path.reduce(
		(parent, name) => parent?.children.find((child) => child.name === name),
		element,
	);
}

/** An element's own text, trimmed; `undefined` when empty. */
export function textIn(element: XmlElement | undefined): string | undefined {
	return element?.text.trim() || undefined;
}

export function textOfChild(element: XmlElement | undefined, name: string): string | undefined {
	return textIn(elementAt(element, name));
}

export function attributeOf(element: XmlElement | undefined, name: string): string | undefined {
	return element?.attributes[name]?.trim() || undefined;
}

/** UTF-16 where its mark stands (XML 1.0 4.3.3), else UTF-8, else Windows-1252, whatever is declared. */
export function xmlTextOf(bytes: Buffer): string {
	const mark = bytes.subarray(0, 2).toString('latin1');
	return mark === '\xff\xfe' || mark === '\xfe\xff'
		? textInCharset(bytes, 'utf-16')
		: textOfUnlabelled(bytes);
}

/** Most documents have none. */
const PREFIX = /[<\s/][\w-]+:[\w-]/;

function localName(name: string): string {
	return name.slice(name.indexOf(':') + 1);
}

function withLocalNames(
	attributes: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
	return Object.fromEntries(
		Object.entries(attributes).map(([name, value]) => [localName(name), value]),
	);
}

/** Throws what the limits above exceed. */
function read(text: string, dropsPrefixes: boolean): XmlDocument {
	const document: OpenElement = { name: '', attributes: {}, children: [], text: '' };
	const open = [document];
	let errors = 0;
	const parser = new SaxesParser<{ position: false; xmlns: false }>({
		position: false,
		xmlns: false,
	});
	parser.on('error', (error) => {
		errors += 1;
		if (errors > ERRORS_LIMIT) throw error;
	});
	parser.on('doctype', (doctype) => {
		if (EXTERNAL_ENTITY.test(doctype)) throw new Error('An external entity');
	});
	parser.on('opentag', ({ name, attributes }) => {
		const element: OpenElement = dropsPrefixes
			? { name: localName(name), attributes: withLocalNames(attributes), children: [], text: '' }
			: { name, attributes, children: [], text: '' };
		if (open.length > DEPTH_LIMIT) throw new RangeError('Elements are nested too deep');
		open.at(-1)?.children.push(element);
		open.push(element);
	});
	const addText = (piece: string): void => {
		const element = open.at(-1);
		if (element) element.text += piece;
	};
	parser.on('text', addText);
	parser.on('cdata', addText);
	parser.on('closetag', () => {
		open.pop();
	});
	parser.write(text).close();
	return { ...document, isWellFormed: errors === 0 };
}

/**
 * Parses a document far enough to look things up: what is not well-formed is borne, no entity is expanded, no DTD
 * loaded. The caller bounds the size.
 * @param options.prefixes `dropped`: elements and attributes are known by their local name
 * @returns `undefined` when it cannot be parsed
 */
export function parseXml(
	bytes: Buffer,
	options: { readonly prefixes: 'kept' | 'dropped' },
): XmlDocument | undefined {
	try {
		const text = xmlTextOf(bytes);
		return read(text, options.prefixes === 'dropped' && PREFIX.test(text));
	} catch {
		return undefined;
	}
}
