import { repairedDaticert } from './daticertRepair';
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
import {
	attributeOf,
	childrenOf,
	elementAt,
	parseXml,
	textIn,
	textOfChild,
	xmlTextOf,
} from './xml';
import type { XmlElement } from './xml';

/** 500 recipients need about 60 kB. */
const DATICERT_LIMIT = 512 * 1024;

/** An address in the form that identifies it, without angle brackets and the name before them. */
function addressIn(value: XmlElement | undefined): string | undefined {
	const text = textIn(value)?.toLowerCase();
	return text === undefined ? undefined : (/<([^<>\s]+@[^<>\s]+)>$/.exec(text)?.[1] ?? text);
}

function recipientsOf(header: XmlElement | undefined): PecRecipient[] {
	return childrenOf(header, 'destinatari').flatMap((element) => {
		const address = addressIn(element);
		if (!address) return [];
		// daticert.dtd: `certificato` is the default.
		const type = attributeOf(element, 'tipo') ?? 'certificato';
		return [{ address, type: wordOf(RECIPIENT_TYPES, type) ?? 'unknown' }];
	});
}

/** Minutes east of UTC, from [+|-]hhmm; `undefined` when there is no such zone. */
function offsetIn(zone: string): number | undefined {
	const [, sign, hh, mm] = /^([+-])(\d\d)([0-5]\d)$/.exec(zone) ?? [];
	const minutes = Number(hh) * 60 + Number(mm);
	// Kiribati is the furthest, at +1400.
	if (sign === undefined || minutes > 14 * 60) return undefined;
	return sign === '-' ? -minutes : minutes;
}

/** `giorno` dd/mm/yyyy, `ora` hh:mm:ss, `zona` [+|-]hhmm. Both absent when any of them is not what it should be. */
function timeOf(data: XmlElement | undefined): { at?: string; local?: string } {
	const zone = (attributeOf(data, 'zona') ?? '').replace(':', '');
	const day = /^(\d\d?)\/(\d\d?)\/(\d{4})$/.exec(textOfChild(data, 'giorno') ?? '');
	// RFC 6109 4.2: a minute may have a leap second, its 60th.
	const hour = /^([01]?\d|2[0-3]):([0-5]\d):([0-5]\d|60)$/.exec(textOfChild(data, 'ora') ?? '');
	const offset = offsetIn(zone);
	if (!day || !hour || offset === undefined) return {};
	const [dd = 0, mm = 0, yyyy = 0] = day.slice(1).map(Number);
	const [hh = 0, minute = 0, second = 0] = hour.slice(1).map(Number);
	// A 31st of February would be taken for one in March.
	if (mm < 1 || mm > 12 || dd < 1 || (dd > 28 && dd > lastDayOf(yyyy, mm))) return {};
	const date = [yyyy, twoDigits(mm), twoDigits(dd)].join('-');
	const clock = [hh, minute, second].map(twoDigits).join(':');
	return {
		at: new Date(Date.UTC(yyyy, mm - 1, dd, hh, minute - offset, second)).toISOString(),
		local: `${date} ${clock} ${zone}`,
	};
}

/** @param month from 1 */
function lastDayOf(year: number, month: number): number {
	return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function twoDigits(number: number): string {
	return String(number).padStart(2, '0');
}

/** Whether an XML file is certification data, whatever its name: by its root element. */
export function isDaticert(bytes: Buffer): boolean {
	if (bytes.length > DATICERT_LIMIT) return false;
	return rootOf(parseXml(bytes, { prefixes: 'dropped' })) !== undefined;
}

function rootOf(document: XmlElement | undefined): XmlElement | undefined {
	return elementAt(document, 'postacert');
}

/** Whether it states what daticert.dtd wants of all and a reader needs. */
function isComplete(root: XmlElement | undefined): boolean {
	const header = elementAt(root, 'intestazione');
	const data = elementAt(root, 'dati');
	return (
		textOfChild(header, 'mittente') !== undefined &&
		elementAt(header, 'destinatari') !== undefined &&
		elementAt(data, 'data') !== undefined &&
		textOfChild(data, 'identificativo') !== undefined
	);
}

/** The root of damaged data put in order; `written` where that does not help, or where they declare entities. */
function mendedRoot(bytes: Buffer, written: XmlElement | undefined): XmlElement | undefined {
	const text = xmlTextOf(bytes);
	if (text.includes('<!ENTITY')) return written;
	const repaired = Buffer.from(repairedDaticert(text));
	const mended = rootOf(parseXml(repaired, { prefixes: 'kept' }));
	return isComplete(mended) || (mended && !written) ? mended : written;
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
	const document = parseXml(bytes, { prefixes: 'dropped' });
	const written = rootOf(document);
	const isSound = document?.isWellFormed === true && isComplete(written);
	const root = isSound ? written : mendedRoot(bytes, written);
	const header = elementAt(root, 'intestazione');
	const data = elementAt(root, 'dati');
	if (!header?.children.length && !data?.children.length) {
		const message = 'The certification data (daticert.xml) cannot be read.';
		return { findings: [{ code: 'daticertUnreadable', message }] };
	}
	const findings: Finding[] = [];
	if (!isComplete(root)) {
		const message = 'The certification data lack the sender, the recipients or the identifier.';
		findings.push({ code: 'daticertIncomplete', message });
	}
	if (!document?.isWellFormed || root !== written) {
		const message = 'The certification data are damaged: they were read as far as they go.';
		findings.push({ code: 'daticertDamaged', message });
	}
	const time = timeOf(elementAt(data, 'data'));
	if (!time.at) {
		const message = 'The certification data states no readable date and time.';
		findings.push({ code: 'daticertTimeUnreadable', message });
	}
	const wireType = attributeOf(root, 'tipo');
	const receipt = attributeOf(elementAt(data, 'ricevuta'), 'tipo');
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
		deliveredTo: addressIn(elementAt(data, 'consegna')),
		receivedBy: childrenOf(data, 'ricezione').flatMap((element) => addressIn(element) ?? []),
		extendedError: textOfChild(data, 'errore-esteso'),
	});
	return { certification, findings };
}
