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
	isXmlNode,
	parseXml,
	textIn,
	textOfChild,
} from './xml';

/** 500 recipients need about 60 kB. */
const DATICERT_LIMIT = 512 * 1024;

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
	const root = elementAt(parseXml(bytes, { prefixes: 'kept' }), 'postacert');
	const header = elementAt(root, 'intestazione');
	const data = elementAt(root, 'dati');
	if (!isXmlNode(root) || (!isXmlNode(header) && !isXmlNode(data))) {
		const message = 'The certification data (daticert.xml) cannot be read.';
		return { findings: [{ code: 'daticertUnreadable', message }] };
	}
	const findings: Finding[] = [];
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
		deliveredTo: textOfChild(data, 'consegna')?.toLowerCase(),
		receivedBy: childrenOf(data, 'ricezione').flatMap(
			(element) => textIn(element)?.toLowerCase() ?? [],
		),
		extendedError: textOfChild(data, 'errore-esteso'),
	});
	return { certification, findings };
}
