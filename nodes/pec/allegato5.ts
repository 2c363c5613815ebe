import { kindWord } from './messageName';
import type { IndexedFile } from './packageIndex';
import { element, joined, textElement, xmlDocument, type XmlPiece } from './xmlWriter';

/** Art. 2220 and 2214 c.c.: commercial correspondence. */
const YEARS = '10';

/**
 * What Allegato 5 of the AgID guidelines wants to be known of each document, under the names of its elements. There is no
 * public schema: a preservation service maps them to its own.
 */
export function allegato5Of(files: readonly IndexedFile[]): Buffer {
	return xmlDocument(element('DocumentiInformatici', {}, joined(files.map(documentOf))));
}

function documentOf({ bagged, planned: { part }, thread: { id, thread } }: IndexedFile): XmlPiece {
	const isIncoming = thread.direction === 'received' || part.kind === 'receipt';
	const isSealed = part.kind === 'receipt' || part.kind === 'transportEnvelope';
	return element(
		'DocumentoInformatico',
		{},
		element(
			'IdDoc',
			{},
			element(
				'ImprontaCrittograficaDelDocumento',
				{},
				textElement('Impronta', bagged.sha256),
				textElement('Algoritmo', 'SHA-256'),
			),
			textElement('Identificativo', part.pecKey),
		),
		textElement('NomeDelDocumento', bagged.path),
		textElement(
			'ModalitaDiFormazione',
			'acquisizione per via telematica di un documento informatico',
		),
		textElement('TipologiaDocumentale', `PEC: ${kindWord(part.headers)}`),
		element(
			'DatiDiRegistrazione',
			{},
			textElement('TipologiaDiFlusso', isIncoming ? 'E' : 'U'),
			textElement('TipoRegistro', 'Nessuno'),
			textElement('DataRegistrazione', part.at),
		),
		element(
			'Soggetti',
			{},
			role('Mittente', thread.sender),
			joined(
				(part.recipient === undefined
					? thread.recipients.map(({ address }) => address)
					: [part.recipient]
				).flatMap((address) => role('Destinatario', address) ?? []),
			),
		),
		element('ChiaveDescrittiva', {}, textElement('Oggetto', thread.subject ?? '')),
		element('Allegati', {}, textElement('NumeroAllegati', '0')),
		textElement('Riservato', 'false'),
		element(
			'IdentificativoDelFormato',
			{},
			textElement('Formato', 'message/rfc822'),
			textElement('Estensione', 'eml'),
		),
		element(
			'Verifica',
			{},
			textElement('FirmatoDigitalmente', 'false'),
			textElement('SigillatoElettronicamente', String(isSealed)),
			textElement('MarcaturaTemporale', 'false'),
			textElement('ConformitaCopieImmagineSuSupportoInformatico', 'false'),
		),
		element(
			'IdAgg',
			{},
			textElement('TipoAggregazione', 'Fascicolo'),
			textElement('IdAggregazione', id),
		),
		textElement('VersioneDelDocumento', '1'),
		textElement('TempoDiConservazione', YEARS),
	);
}

function role(name: string, address: string | undefined): XmlPiece | undefined {
	return address === undefined
		? undefined
		: element(
				'Ruolo',
				{},
				textElement('TipoRuolo', name),
				textElement('IndirizziDigitaliDiRiferimento', address),
			);
}
