import type { MissingPart, PartRole } from './threadTypes';

export type EvidenceLanguage = 'it' | 'en';

export interface EvidenceWords {
	readonly locale: string;
	readonly title: string;
	readonly sender: string;
	readonly recipient: string;
	readonly subject: string;
	readonly mailing: string;
	readonly row: string;
	readonly generated: string;
	readonly complete: string;
	readonly incomplete: string;
	readonly files: string;
	readonly file: string;
	readonly what: string;
	readonly when: string;
	readonly bytes: string;
	readonly verified: string;
	readonly yes: string;
	readonly no: string;
	readonly attachments: string;
	readonly elsewhere: string;
	readonly roles: Readonly<Record<PartRole, string>>;
	readonly missing: Readonly<Record<MissingPart['part'], string>>;
	readonly outcome: string;
	/** Neither a record nor a receipt tells anything. */
	readonly noOutcome: string;
	/** What a delivery receipt proves that does not hold the message. */
	readonly brief: string;
	readonly concise: string;
	/** Where the message itself is, which is needed then. */
	readonly sentHere: string;
	readonly sentNotHere: string;
	readonly sentPartial: string;
	/** Of the page about a whole ZIP. */
	readonly summary: {
		readonly title: string;
		readonly part: string;
		readonly of: string;
		readonly inThisPart: string;
		readonly inAll: string;
		readonly folder: string;
		readonly who: string;
		readonly delivered: string;
		readonly attempt: string;
		readonly whole: string;
		readonly parts: string;
		readonly from: string;
		readonly to: string;
		readonly hashes: string;
	};
	readonly whatItIs: readonly string[];
}

const IT: EvidenceWords = {
	locale: 'it-IT',
	title: 'Fascicolo di un invio PEC',
	sender: 'Mittente',
	recipient: 'Destinatario',
	subject: 'Oggetto',
	mailing: 'Invio',
	row: 'Pratica/Protocollo',
	generated: 'Generato il',
	complete: 'Nessuna parte risulta mancante.',
	incomplete: 'Mancano',
	files: 'Messaggi e ricevute',
	file: 'File',
	what: 'Che cos’è',
	when: 'Data e ora (Roma)',
	bytes: 'Byte',
	verified: 'Firma del gestore integra e riconosciuta',
	yes: 'sì',
	no: 'no o non presente',
	attachments: 'Allegati del messaggio',
	elsewhere: 'Non più nella casella; copia in',
	roles: {
		sent: 'Messaggio inviato',
		received: 'Messaggio ricevuto (busta di trasporto)',
		acceptance: 'Ricevuta di accettazione',
		nonAcceptance: 'Avviso di non accettazione',
		takenInCharge: 'Ricevuta di presa in carico',
		delivery: 'Ricevuta di avvenuta consegna',
		nonDelivery: 'Avviso di mancata consegna',
		deliveryDelay: 'Preavviso di mancata consegna',
		virusDetected: 'Avviso di virus',
		unknown: 'Ricevuta di altro tipo',
	},
	missing: {
		acceptance: 'la ricevuta di accettazione',
		outcome: 'l’esito della consegna (ricevuta o avviso)',
		sentMessage: 'il messaggio inviato: le ricevute non lo contengono per intero',
	},
	outcome: 'Esito',
	noOutcome: 'non noto: né ricevute né registrazioni dicono che cosa ne è stato',
	brief:
		'La ricevuta di consegna è breve: al posto degli allegati contiene le loro impronte. Da sola non prova il contenuto: occorre il messaggio inviato, identico byte per byte a quello spedito.',
	concise:
		'La ricevuta di consegna è sintetica: non contiene il messaggio. Prova che un messaggio con questo identificativo è stato consegnato, non che cosa contenesse: occorre il messaggio inviato.',
	sentHere:
		'Il messaggio inviato è in questa cartella; la sua impronta SHA-256 è nella tabella qui sotto.',
	sentNotHere:
		'Il messaggio inviato non è nella casella: unire a questa cartella il file .eml conservato al momento dell’invio.',
	sentPartial:
		'La copia nella casella è senza allegati e non è il messaggio inviato: unire a questa cartella il file .eml conservato al momento dell’invio.',
	summary: {
		title: 'Fascicolo PEC: riepilogo',
		part: 'Parte',
		of: 'di',
		inThisPart: 'Cartelle in questa parte',
		inAll: 'Cartelle in tutto il fascicolo',
		folder: 'Cartella',
		who: 'Destinatario o mittente',
		delivered: 'Consegnato (Roma)',
		attempt: 'tentativo',
		whole: 'Completa',
		parts: 'Le parti del fascicolo',
		from: 'dalla cartella',
		to: 'alla cartella',
		hashes:
			'L’impronta accanto a ogni cartella è quella del suo file impronte-sha256.txt, che contiene l’impronta di ogni altro file della cartella, salvo la pagina riepilogo.html.',
	},
	whatItIs: [
		'I file .eml sono gli originali della casella, identici byte per byte: fanno fede essi, non questa pagina. Le impronte SHA-256 permettono di verificarlo.',
		'Gli allegati sono estratti dal messaggio per comodità di lettura.',
		'La verifica della firma dice che la ricevuta proviene dal gestore e non è stata alterata; la revoca dei certificati non è stata controllata. Questa pagina non è una ricevuta, né un’attestazione di conformità, né conservazione.',
	],
};

const EN: EvidenceWords = {
	locale: 'en-GB',
	title: 'Evidence of a certified sending (PEC)',
	sender: 'Sender',
	recipient: 'Recipient',
	subject: 'Subject',
	mailing: 'Mailing',
	row: 'Row key',
	generated: 'Generated on',
	complete: 'Nothing is known to be missing.',
	incomplete: 'Missing',
	files: 'Messages and receipts',
	file: 'File',
	what: 'What it is',
	when: 'Date and time (Rome)',
	bytes: 'Bytes',
	verified: 'Provider’s seal intact and recognized',
	yes: 'yes',
	no: 'no, or there is none',
	attachments: 'Attachments of the message',
	elsewhere: 'Not in the mailbox any more; copy in',
	roles: {
		sent: 'Message sent',
		received: 'Message received (transport envelope)',
		acceptance: 'Acceptance receipt',
		nonAcceptance: 'Non-acceptance notice',
		takenInCharge: 'Taken-in-charge receipt',
		delivery: 'Delivery receipt',
		nonDelivery: 'Non-delivery notice',
		deliveryDelay: 'Delivery-delay notice',
		virusDetected: 'Virus notice',
		unknown: 'Receipt of another type',
	},
	missing: {
		acceptance: 'the acceptance receipt',
		outcome: 'the outcome of the delivery (receipt or notice)',
		sentMessage: 'the message sent: the receipts do not hold the whole of it',
	},
	outcome: 'Outcome',
	noOutcome: 'not known: neither receipts nor records tell what became of it',
	brief:
		'The delivery receipt is brief: in the place of the attachments it holds their hashes. By itself it does not prove the content: that takes the message sent, the same byte by byte.',
	concise:
		'The delivery receipt is concise: it does not hold the message. It proves that a message with this identifier was delivered, not what was in it: that takes the message sent.',
	sentHere: 'The message sent is in this folder; its SHA-256 is in the table below.',
	sentNotHere:
		'The message sent is not in the mailbox: add to this folder the .eml file that was kept when it was sent.',
	sentPartial:
		'The copy in the mailbox is without attachments, and is not the message sent: add to this folder the .eml file that was kept when it was sent.',
	summary: {
		title: 'Evidence of PEC: summary',
		part: 'Part',
		of: 'of',
		inThisPart: 'Folders in this part',
		inAll: 'Folders in all',
		folder: 'Folder',
		who: 'Recipient or sender',
		delivered: 'Delivered (Rome)',
		attempt: 'attempt',
		whole: 'Complete',
		parts: 'The parts of this evidence',
		from: 'from folder',
		to: 'to folder',
		hashes:
			'The hash beside each folder is that of its file impronte-sha256.txt, which holds the hash of every other file of the folder but the page riepilogo.html.',
	},
	whatItIs: [
		'The .eml files are the originals of the mailbox, the same byte by byte: they are the evidence, not this page. Their SHA-256 hashes let anybody check it.',
		'The attachments were taken out of the message to be read more easily.',
		'A verified seal says that the receipt comes from the provider and was not altered; revocation of certificates was not checked. This page is no receipt, no attestation and no preservation.',
	],
};

export const EVIDENCE_WORDS: Readonly<Record<EvidenceLanguage, EvidenceWords>> = { it: IT, en: EN };
