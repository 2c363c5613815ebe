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
	whatItIs: [
		'The .eml files are the originals of the mailbox, the same byte by byte: they are the evidence, not this page. Their SHA-256 hashes let anybody check it.',
		'The attachments were taken out of the message to be read more easily.',
		'A verified seal says that the receipt comes from the provider and was not altered; revocation of certificates was not checked. This page is no receipt, no attestation and no preservation.',
	],
};

export const EVIDENCE_WORDS: Readonly<Record<EvidenceLanguage, EvidenceWords>> = { it: IT, en: EN };
