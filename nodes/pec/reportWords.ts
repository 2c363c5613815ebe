import type { ReportFinding, ReportTrouble } from './mailingReport';
import type { RecipientState } from './types';

export type ReportLanguage = 'it' | 'en';

/** The words of a report: an office worker's. */
export interface ReportWords {
	readonly locale: string;
	readonly title: string;
	readonly generated: string;
	readonly from: string;
	readonly total: string;
	readonly times: string;
	readonly states: Readonly<Record<RecipientState, string>>;
	readonly meanings: Readonly<Record<RecipientState, string>>;
	readonly reasons: Readonly<Record<string, string>>;
	readonly findings: Readonly<Record<ReportFinding, string>>;
	readonly troubles: Readonly<Record<ReportTrouble, string>>;
	readonly columns: {
		readonly recipient: string;
		readonly row: string;
		readonly state: string;
		readonly attempts: string;
		readonly submitted: string;
		readonly accepted: string;
		readonly delivered: string;
		readonly reason: string;
		readonly notes: string;
		readonly providerIds: string;
		readonly messageId: string;
		readonly verified: string;
		readonly replies: string;
	};
	readonly yes: string;
	readonly no: string;
	readonly reply: string;
	readonly whatStatesMean: string;
	readonly whatItIsNot: readonly string[];
}

const IT: ReportWords = {
	locale: 'it-IT',
	title: 'Rapporto di invio massivo PEC',
	generated: 'Generato il',
	from: 'Mittente',
	total: 'Destinatari',
	times: 'Date e ore di Roma (Europe/Rome).',
	states: {
		queued: 'Non ancora inviato',
		submitted: 'Inviato, in attesa di accettazione',
		accepted: 'Accettato, in attesa di consegna',
		delivered: 'Consegnato',
		rejected: 'Rifiutato dal server',
		inDoubt: 'Esito incerto: verificare prima di reinviare',
		delayed: 'In ritardo (preavviso 12 ore)',
		notAccepted: 'Non accettato',
		notDelivered: 'Non consegnato',
		infected: 'Bloccato per virus',
		notCertified: 'E-mail ordinaria: nessuna ricevuta di consegna',
	},
	meanings: {
		queued: 'Nessun messaggio è stato consegnato al server: un nuovo invio lo spedisce.',
		submitted:
			'Il server del gestore ha preso il messaggio; non è ancora arrivata la ricevuta di accettazione.',
		accepted: 'È arrivata la ricevuta di accettazione; non ancora quella di avvenuta consegna.',
		delivered:
			'È arrivata la ricevuta di avvenuta consegna: il messaggio è nella casella del destinatario. Non dice che sia stato letto.',
		rejected:
			'Il server ha rifiutato il messaggio al momento dell’invio: non esiste alcuna ricevuta PEC.',
		inDoubt:
			'L’invio è cominciato e non se ne conosce l’esito; nessuna ricevuta lo dimostra né lo esclude.',
		delayed:
			'È arrivato il preavviso di mancata consegna per superamento dei tempi: può ancora essere consegnato.',
		notAccepted: 'È arrivato l’avviso di non accettazione del gestore del mittente.',
		notDelivered: 'È arrivato l’avviso di mancata consegna.',
		infected: 'Un avviso segnala un virus nel messaggio.',
		notCertified:
			'L’accettazione indica il destinatario come posta ordinaria (esterno): non arriverà una ricevuta di consegna.',
	},
	reasons: {
		addressUnknown: 'indirizzo inesistente',
		mailboxFull: 'casella piena',
		mailboxDisabled: 'casella disattivata',
		domainUnknown: 'dominio inesistente o non PEC',
		timeout12h: 'non consegnato entro 12 ore',
		timeout24h: 'non consegnato entro 24 ore',
		virus: 'virus',
		refused: 'rifiutato dal gestore',
		rejected: 'rifiutato dal server',
		partlyRefused: 'rifiutato per alcuni destinatari',
		deferred: 'rinviato dal server',
		inDoubt: 'esito dell’invio non noto',
		notCertified: 'indirizzo di posta ordinaria',
		other: 'altro motivo: leggere l’avviso',
	},
	findings: {
		contradictory:
			'Una ricevuta si contraddice o è stata alterata: non è stata contata come prova.',
		unverified: 'Firma della ricevuta non verificata.',
		earlierOpen: 'Un tentativo precedente non ha ancora un esito.',
		overdue: 'Le ricevute attese non sono arrivate in tempo.',
	},
	troubles: {
		recordsUnreadable:
			'Alcune registrazioni nella casella non sono leggibili: possono mancare destinatari.',
		folderRefused: 'Una cartella della casella non è leggibile: possono mancare ricevute.',
	},
	columns: {
		recipient: 'Destinatario',
		row: 'Pratica/Protocollo',
		state: 'Esito',
		attempts: 'Tentativi',
		submitted: 'Inviato',
		accepted: 'Accettato',
		delivered: 'Consegnato',
		reason: 'Motivo',
		notes: 'Note',
		providerIds: 'Identificativi del gestore',
		messageId: 'Message-ID',
		verified: 'Firma verificata',
		replies: 'Risposte',
	},
	yes: 'sì',
	no: 'no',
	reply: 'Risposta',
	whatStatesMean: 'Che cosa significano gli esiti',
	whatItIsNot: [
		'Questo rapporto riassume le ricevute trovate nella casella e le registrazioni del programma al momento della generazione. Non è una ricevuta e non la sostituisce: fanno fede le ricevute originali, da conservare.',
		'“Firma verificata” significa che la firma del gestore sulla ricevuta è integra e di un emittente riconosciuto. La revoca dei certificati non è stata controllata. Dove è scritto “no” la firma non è stata verificata.',
		'Le risposte elencate sono quelle riconosciute dal messaggio a cui rispondono; possono essercene altre.',
	],
};

const EN: ReportWords = {
	locale: 'en-GB',
	title: 'Report of a PEC mailing',
	generated: 'Generated on',
	from: 'Sender',
	total: 'Recipients',
	times: 'Dates and times of Rome (Europe/Rome).',
	states: {
		queued: 'Not sent yet',
		submitted: 'Handed over, acceptance awaited',
		accepted: 'Accepted, delivery awaited',
		delivered: 'Delivered',
		rejected: 'Refused by the mail server',
		inDoubt: 'Unclear: check before resending',
		delayed: 'Delayed (12 hour notice)',
		notAccepted: 'Not accepted',
		notDelivered: 'Not delivered',
		infected: 'Stopped for a virus',
		notCertified: 'Ordinary e-mail: no delivery receipt',
	},
	meanings: {
		queued: 'No message was handed over: a new run sends it.',
		submitted: 'The provider’s server took the message; the acceptance receipt has not come yet.',
		accepted: 'The acceptance receipt came; the delivery receipt has not yet.',
		delivered:
			'The delivery receipt came: the message is in the recipient’s mailbox. It does not say that it was read.',
		rejected: 'The server refused the message as it was sent: there is no PEC receipt.',
		inDoubt:
			'Its sending was begun and what came of it is not known; no receipt proves or excludes it.',
		delayed: 'The first notice of non-delivery in time came: it may still be delivered.',
		notAccepted: 'The sender’s provider gave notice of non-acceptance.',
		notDelivered: 'The notice of non-delivery came.',
		infected: 'A notice tells of a virus in the message.',
		notCertified:
			'The acceptance names the recipient as ordinary e-mail: no delivery receipt will come.',
	},
	reasons: {
		addressUnknown: 'no such address',
		mailboxFull: 'mailbox full',
		mailboxDisabled: 'mailbox disabled',
		domainUnknown: 'domain unknown or no PEC domain',
		timeout12h: 'not delivered within 12 hours',
		timeout24h: 'not delivered within 24 hours',
		virus: 'virus',
		refused: 'refused by the provider',
		rejected: 'refused by the mail server',
		partlyRefused: 'refused for some recipients',
		deferred: 'put off by the server',
		inDoubt: 'not known what came of it',
		notCertified: 'ordinary e-mail address',
		other: 'another reason: read the notice',
	},
	findings: {
		contradictory: 'A receipt contradicts itself or was altered: it did not count as proof.',
		unverified: 'The receipt’s signature was not verified.',
		earlierOpen: 'An earlier attempt has no end yet.',
		overdue: 'The receipts that are due have not come in time.',
	},
	troubles: {
		recordsUnreadable: 'Some records in the mailbox cannot be read: recipients may be missing.',
		folderRefused: 'A folder of the mailbox cannot be read: receipts may be missing.',
	},
	columns: {
		recipient: 'Recipient',
		row: 'Row key',
		state: 'State',
		attempts: 'Attempts',
		submitted: 'Handed over',
		accepted: 'Accepted',
		delivered: 'Delivered',
		reason: 'Reason',
		notes: 'Notes',
		providerIds: 'Provider’s ids',
		messageId: 'Message-ID',
		verified: 'Signature verified',
		replies: 'Replies',
	},
	yes: 'yes',
	no: 'no',
	reply: 'Reply',
	whatStatesMean: 'What the states mean',
	whatItIsNot: [
		'This report sums up the receipts found in the mailbox and the program’s records when it was generated. It is no receipt and stands for none: the original receipts are what counts, and are to be kept.',
		'“Signature verified” means that the provider’s signature on the receipt is intact and of a known issuer. Revocation of certificates was not checked. Where it says “no” the signature was not verified.',
		'The replies listed are those recognised by the message they answer; there may be others.',
	],
};

export const REPORT_WORDS: Readonly<Record<ReportLanguage, ReportWords>> = { it: IT, en: EN };
