import type { IndexedFile } from './packageIndex';
import { element, joined, textElement, xmlDocument, type XmlPiece } from './xmlWriter';

const NAMESPACE = 'http://www.uni.com/U3011/sincro-v2/';

/** Who hands the messages over; what a form was told. */
export interface PackageOwner {
	/** Organisation or person. */
	readonly name: string;
	/** `VATIT-01234567890`, `TINIT-RSSMRA…` (UNI 11386:2020, agentID). */
	readonly agentId?: string;
	/** What the owner keeps messages by, such as the manual of preservation. */
	readonly document: string;
}

/** UNI 11386:2020: what an agentID looks like. */
export const AGENT_ID = /^(?:PAS|IDC|PNO|TIN|VAT|NTR|[A-Za-z0-9]{2}:)[A-Z]{2}-[a-zA-Z0-9]+$/;

/** UNI 11386 standardises the index of the archive, which the preservation service makes and signs. */
const UNSIGNED =
	'Indice di scambio non firmato, preparato per il versamento: non è l’indice del pacchetto di archiviazione.';

const NOBODY = 'Nessuno: indice non firmato';

export interface PindexOptions {
	readonly id: string;
	readonly label: string;
	readonly owner: PackageOwner;
	readonly now: Date;
	readonly software: { readonly name: string; readonly version: string; readonly producer: string };
}

/** An unsigned PIndex (UNI 11386:2020 SInCRO, version 2) over the files of a bag, one FileGroup a thread. */
export function pindexOf(
	files: readonly IndexedFile[],
	{ id, label, owner, now, software }: PindexOptions,
): Buffer {
	const groups = new Map<string, IndexedFile[]>();
	for (const file of files) {
		const group = groups.get(file.thread.id);
		if (group) group.push(file);
		else groups.set(file.thread.id, [file]);
	}
	return xmlDocument(
		element(
			'PIndex',
			{
				xmlns: NAMESPACE,
				'xmlns:s': NAMESPACE,
				's:language': 'it',
				's:uri': `${NAMESPACE}PIndex.xsd`,
				's:sincroVersion': '2.0',
			},
			element(
				'SelfDescription',
				{},
				identifier(`PIndex-${id}`),
				element(
					'CreatingApplication',
					{},
					textElement('Name', software.name),
					textElement('Version', software.version),
					textElement('Producer', software.producer),
				),
			),
			element(
				'PVolume',
				{},
				identifier(`PVolume-${id}`),
				textElement('Label', label),
				textElement('Description', UNSIGNED),
			),
			joined([...groups].map(([name, group]) => fileGroup(name, group))),
			processOf(owner, now),
		),
	);
}

function identifier(value: string): XmlPiece {
	return element('ID', { 's:scheme': 'local' }, value);
}

function fileGroup(name: string, files: readonly IndexedFile[]): XmlPiece {
	const [first] = files;
	return element(
		'FileGroup',
		{},
		identifier(name),
		textElement('Label', first?.thread.thread.subject),
		textElement('Description', first?.thread.thread.complete ? undefined : 'Incompleto'),
		joined(files.map((file) => fileOf(file, first))),
	);
}

function fileOf({ bagged, planned }: IndexedFile, first: IndexedFile | undefined): XmlPiece {
	const main = first?.planned.part;
	const isReceiptOf = main && main !== planned.part && planned.part.kind === 'receipt';
	return element(
		'File',
		{ 's:encoding': 'binary', 's:extension': 'eml', 's:format': 'message/rfc822' },
		identifier(planned.part.pecKey),
		textElement('Path', bagged.path),
		element('Hash', { 's:canonicalXML': 'false', 's:hashFunction': 'SHA-256' }, bagged.sha256),
		isReceiptOf && main.role === 'sent'
			? element(
					'Relation',
					{},
					textElement('Type', 'ricevuta-di'),
					textElement('Value', main.pecKey),
				)
			: undefined,
	);
}

function processOf({ name, agentId, document }: PackageOwner, now: Date): XmlPiece {
	const agent = [
		textElement('AgentID', agentId),
		element('AgentName', {}, textElement('FormalName', name)),
		textElement('RelevantDocument', document),
	];
	return element(
		'Process',
		{},
		element('Submitter', { 's:agentType': 'legal person' }, ...agent),
		element(
			'Holder',
			{ 's:agentType': 'legal person', 's:holderRole': 'soggetto produttore' },
			...agent,
		),
		element(
			'AuthorizedSigner',
			{ 's:agentType': 'legal person', 's:signerRole': 'nessuno' },
			element('AgentName', {}, textElement('FormalName', NOBODY)),
			textElement('RelevantDocument', NOBODY),
		),
		element(
			'TimeReference',
			{},
			element('TimeInfo', { 's:attachedTimeStamp': 'false' }, now.toISOString()),
		),
	);
}
