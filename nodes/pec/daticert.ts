import { XMLParser } from 'fast-xml-parser';
import { textOfUnlabelled } from './charset';
import { messageIdIn } from './header';
import { presentFields } from './presentFields';
import type { Certification, Finding, PecRecipient } from './types';
import {
	CERTIFICATION_ERRORS,
	CERTIFICATION_TYPES,
	RECEIPT_CONTENTS,
	RECIPIENT_TYPES,
	wordOf,
} from './vocabulary';

/** 500 recipients need about 60 kB. */
const DATICERT_LIMIT = 512 * 1024;

/** Predefined entities (XML 1.0 4.6) and character references only: what a DTD declares is never read. */
const ENTITIES: ReadonlyMap<string, string> = new Map([
	['lt', '<'],
	['gt', '>'],
	['amp', '&'],
	['quot', '"'],
	['apos', "'"],
]);

type Node = Readonly<Record<string, unknown>>;

const ATTRIBUTE = '@';

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

function isNode(value: unknown): value is Node {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** All values of a child element, as the parser gives them: text, or a node when it has attributes. */
function childrenOf(node: unknown, name: string): unknown[] {
	if (!isNode(node) || !Object.hasOwn(node, name)) return [];
	const value = node[name];
	return Array.isArray(value) ? value : [value];
}

/** An element's own text, trimmed; `undefined` when empty. */
function textIn(value: unknown): string | undefined {
	const text = isNode(value) ? value['#text'] : value;
	return typeof text === 'string' ? unescapeXml(text).trim() || undefined : undefined;
}

function textOfChild(node: unknown, name: string): string | undefined {
	return textIn(childrenOf(node, name)[0]);
}

function attributeOf(value: unknown, name: string): string | undefined {
	return isNode(value) ? textIn(value[ATTRIBUTE + name]) : undefined;
}

function recipientsOf(header: unknown): PecRecipient[] {
	return childrenOf(header, 'destinatari').flatMap((element) => {
		const address = textIn(element)?.toLowerCase();
		if (!address) return [];
		// daticert.dtd: `certificato` is the default.
		const type = attributeOf(element, 'tipo') ?? 'certificato';
		return [{ address, type: wordOf(RECIPIENT_TYPES, type) ?? 'unknown' }];
	});
}

/** `giorno` dd/mm/yyyy, `ora` hh:mm:ss, `zona` [+|-]hhmm. Both absent when any of them is not what it should be. */
function timeOf(data: unknown): { at?: string; local?: string } {
	const day = /^(\d\d)\/(\d\d)\/(\d{4})$/.exec(textOfChild(data, 'giorno') ?? '');
	const hour = /^(\d\d):(\d\d):(\d\d)$/.exec(textOfChild(data, 'ora') ?? '');
	const zone = /^([+-])(\d\d):?(\d\d)$/.exec(attributeOf(data, 'zona') ?? '');
	if (!day || !hour || !zone) return {};
	const [, dd, mm, yyyy] = day;
	const wallClock = new Date(`${yyyy}-${mm}-${dd}T${hour[0]}.000Z`);
	// A 31st of February is moved into March by some engines, refused by others.
	if (Number.isNaN(wallClock.getTime()) || wallClock.getUTCDate() !== Number(dd)) return {};
	const minutes = Number(zone[2]) * 60 + Number(zone[3]);
	const offset = (zone[1] === '-' ? -minutes : minutes) * 60_000;
	return {
		at: new Date(wallClock.getTime() - offset).toISOString(),
		local: `${yyyy}-${mm}-${dd} ${hour[0]} ${zone[1]}${zone[2]}${zone[3]}`,
	};
}

function parse(text: string): unknown {
	const parser = new XMLParser({
		ignoreAttributes: false,
		attributeNamePrefix: ATTRIBUTE,
		parseTagValue: false,
		parseAttributeValue: false,
		processEntities: false,
		ignoreDeclaration: true,
	});
	try {
		return parser.parse(text);
	} catch {
		return undefined;
	}
}

/**
 * Reads daticert.xml (RFC 6109 4.4, daticert.dtd) as far as it can be read: stray text and missing elements are
 * borne, UTF-8 is tried before Windows-1252, and no entity is ever expanded. Never throws.
 * @returns the certification data, absent when the bytes are not such, with findings on what was not as it should be
 */
export function readDaticert(bytes: Buffer): {
	certification?: Certification;
	findings: readonly Finding[];
} {
	if (bytes.length > DATICERT_LIMIT) {
		const message =
			'The certification data (daticert.xml) is too large to be genuine and was not read.';
		return { findings: [{ code: 'daticertTooLarge', message }] };
	}
	const root = childrenOf(parse(textOfUnlabelled(bytes)), 'postacert')[0];
	const header = childrenOf(root, 'intestazione')[0];
	const data = childrenOf(root, 'dati')[0];
	if (!isNode(root) || (!isNode(header) && !isNode(data))) {
		const message = 'The certification data (daticert.xml) cannot be read.';
		return { findings: [{ code: 'daticertUnreadable', message }] };
	}
	const findings: Finding[] = [];
	const time = timeOf(childrenOf(data, 'data')[0]);
	if (!time.at) {
		const message = 'The certification data states no readable date and time.';
		findings.push({ code: 'daticertTimeUnreadable', message });
	}
	const wireType = attributeOf(root, 'tipo');
	const receipt = attributeOf(childrenOf(data, 'ricevuta')[0], 'tipo');
	// daticert.dtd: `nessuno` is the default.
	const error = wordOf(CERTIFICATION_ERRORS, attributeOf(root, 'errore') ?? 'nessuno');
	const certification: Certification = presentFields({
		type: wordOf(CERTIFICATION_TYPES, wireType),
		wireType,
		error: error ?? 'unknown',
		sender: textOfChild(header, 'mittente'),
		recipients: recipientsOf(header),
		replyTo: textOfChild(header, 'risposte'),
		subject: textOfChild(header, 'oggetto'),
		provider: textOfChild(data, 'gestore-emittente'),
		...time,
		providerId: textOfChild(data, 'identificativo'),
		originalMessageId: messageIdIn(textOfChild(data, 'msgid')),
		receiptContent:
			receipt === undefined ? undefined : (wordOf(RECEIPT_CONTENTS, receipt) ?? 'unknown'),
		deliveredTo: textOfChild(data, 'consegna')?.toLowerCase(),
		receivedBy: childrenOf(data, 'ricezione').flatMap(
			(element) => textIn(element)?.toLowerCase() ?? [],
		),
		extendedError: textOfChild(data, 'errore-esteso'),
	});
	return { certification, findings };
}
