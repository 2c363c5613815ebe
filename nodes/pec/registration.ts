import { presentFields } from './presentFields';
import type { Attachment, Registration, RegistrationId } from './types';
import { attributeOf, elementAt, parseXml, textIn, textOfChild } from './xml';
import type { XmlElement } from './xml';

/**
 * Names the rules give the files (circolare AIPA 28/2001, circolare AgID 60/2013, AgID guidelines of 2020 annex 6):
 * which of the two a file is, its root element tells.
 */
const FILE_NAMES: ReadonlySet<string> = new Set(['segnatura.xml', 'conferma.xml']);

/** A message with hundreds of files, each with its digest, needs 100 kB. */
const SIZE_LIMIT = 512 * 1024;
/** One is the rule; a hostile message may be made of nothing else. */
const FILES_LIMIT = 5;

/**
 * `date`: the day as an ISO date, from `aaaa-mm-gg`, which all the rules prescribe (xs:date since 2013, whose zone is
 * dropped), and from the forms that are met instead. Absent when it is no day.
 */
function dayIn(written: string | undefined): string | undefined {
	const iso = /^(\d{4})[-/]?(\d\d)[-/]?(\d\d)(?!\d)/.exec(written ?? '');
	const italian = /^(\d\d)[-/.](\d\d)[-/.](\d{4})(?!\d)/.exec(written ?? '');
	const [, yyyy, mm, dd] = iso ?? (italian ? ['', italian[3], italian[2], italian[1]] : []);
	const day = new Date(`${yyyy}-${mm}-${dd}T00:00:00.000Z`);
	// A 31st of February is moved into March by some engines, refused by others.
	const exists = !Number.isNaN(day.getTime()) && day.getUTCDate() === Number(dd);
	return exists ? `${yyyy}-${mm}-${dd}` : undefined;
}

/** `Identificatore`, the same under all the rules. */
function identified(parent: XmlElement | undefined): RegistrationId {
	const element = elementAt(parent, 'Identificatore');
	const wireDate = textOfChild(element, 'DataRegistrazione');
	return presentFields({
		administration: textOfChild(element, 'CodiceAmministrazione'),
		area: textOfChild(element, 'CodiceAOO'),
		register: textOfChild(element, 'CodiceRegistro'),
		number: textOfChild(element, 'NumeroRegistrazione'),
		date: dayIn(wireDate),
		wireDate,
	});
}

/** The sender's name: 2001 and 2013 under Origine, 2020 under Descrizione, or beside the code. */
function senderName(root: XmlElement | undefined): string | undefined {
	const header = elementAt(root, 'Intestazione');
	const sender = elementAt(root, 'Descrizione', 'Mittente', 'Amministrazione');
	return (
		textIn(elementAt(header, 'Origine', 'Mittente', 'Amministrazione', 'Denominazione')) ??
		textOfChild(sender, 'DenominazioneAmministrazione') ??
		nameBesideCode(header)
	);
}

function nameBesideCode(parent: XmlElement | undefined): string | undefined {
	return attributeOf(elementAt(parent, 'Identificatore', 'CodiceAmministrazione'), 'descrizione');
}

function registrationIn(document: XmlElement | undefined): Registration | undefined {
	const signature = elementAt(document, 'SegnaturaInformatica') ?? elementAt(document, 'Segnatura');
	if (signature !== undefined) {
		const id = identified(elementAt(signature, 'Intestazione'));
		return presentFields<Registration>({
			type: 'sent',
			...id,
			administrationName: senderName(signature),
		});
	}
	const confirmation = elementAt(document, 'ConfermaRicezione');
	if (confirmation === undefined) return undefined;
	const received = elementAt(confirmation, 'MessaggioRicevuto');
	const confirms = presentFields({
		...identified(received),
		description: textOfChild(received, 'DescrizioneMessaggio'),
	});
	return presentFields<Registration>({
		type: 'received',
		...identified(confirmation),
		administrationName: nameBesideCode(confirmation),
		confirms: Object.keys(confirms).length > 0 ? confirms : undefined,
	});
}

/**
 * The registration in an administration's protocol (protocollo informatico, DPR 445/2000 art. 53-55) that is attached
 * as Segnatura.xml, when it registered what it sends, or as Conferma.xml, when it registered what it was sent. Sources:
 * DTD of circolare AIPA 28/2001, XSD of circolare AgID 60/2013, XSD of the AgID guidelines of 2020 (annex 6), all three
 * in github.com/AgID/protocollo-comunicazione-aoo. Read without validation: elements are known by their local name, and
 * the electronic seal (2020) is not checked. Never throws.
 * @returns the first that has a number; `undefined` when there is none
 */
export function registrationOf(attachments: readonly Attachment[]): Registration | undefined {
	const files = attachments
		.filter(({ fileName, size }) => FILE_NAMES.has(fileName.toLowerCase()) && size <= SIZE_LIMIT)
		.slice(0, FILES_LIMIT);
	for (const { content } of files) {
		const registration = registrationIn(parseXml(content, { prefixes: 'dropped' }));
		if (registration?.number !== undefined) return registration;
	}
	return undefined;
}
