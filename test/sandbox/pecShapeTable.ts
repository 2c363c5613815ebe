import { EVERY, type WrittenKind } from './pecKinds.ts';

/** What RFC 6109 asks of one kind of message, in the words real providers use. */
export interface ShapeRow {
	/** Of RFC 6109. */
	readonly section: string;
	readonly wireType: string;
	readonly subject: string;
	/** Whose address stands in To; an envelope has its original's. */
	readonly to: 'sender' | 'service' | 'inherited';
	/** Fields beside those of every message of its family. */
	readonly fields?: Readonly<Record<string, string>>;
	/** Of the readable text: its title, and what it says. */
	readonly title: string;
	readonly words: readonly string[];
	readonly original: 'whole' | 'brief' | 'absent';
	readonly data: {
		readonly error: string;
		readonly receipt?: string;
		/** `consegna`. */
		readonly recipient?: true;
		/** `ricezione`. */
		readonly received?: true;
		/** What `errore-esteso` begins with. */
		readonly status?: string;
	};
}

export type ReceiptKind = Exclude<WrittenKind, 'transport envelope' | 'anomaly envelope'>;

const VIRUS = { 'X-VerificaSicurezza': 'errore' };
const VIRUS_WORDS = 'è stato rilevato un problema di sicurezza [Eicar-Test-Signature].';
const DELIVERED = ['è stato correttamente consegnato al destinatario.'];
const REFUSED = [
	'è stato rilevato il seguente errore:',
	'Il messaggio è stato rifiutato dal sistema.',
];

function delivery(section: string, receipt: string, original: ShapeRow['original']): ShapeRow {
	const kind = receipt === 'completa' ? '' : `${receipt} `;
	return {
		section,
		wireType: 'avvenuta-consegna',
		subject: 'CONSEGNA: ',
		to: 'sender',
		title: `Ricevuta ${kind}di avvenuta consegna`,
		words: DELIVERED,
		original,
		data: { error: 'nessuno', receipt, recipient: true },
	};
}

/** RFC 6109 3.3.3; 4.4 has errors of their own for a wrong recipient and a wrong domain. */
function nonDelivery(status: string, error: string): ShapeRow {
	return {
		section: '3.3.3',
		wireType: 'errore-consegna',
		subject: 'AVVISO DI MANCATA CONSEGNA: ',
		to: 'sender',
		title: 'Avviso di mancata consegna',
		words: REFUSED,
		original: 'absent',
		data: { error, recipient: true, status },
	};
}

function delay(status: string, words: readonly string[]): ShapeRow {
	return {
		section: '3.1.6',
		wireType: 'preavviso-errore-consegna',
		subject: 'AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO: ',
		to: 'sender',
		title: 'Avviso di mancata consegna per superamento del tempo massimo',
		words,
		original: 'absent',
		data: { error: 'altro', recipient: true, status },
	};
}

/** `{unknown}` stands for what the provider calls a mailbox that does not exist. */
export const RECEIPTS: Readonly<Record<ReceiptKind, ShapeRow>> = {
	acceptance: {
		section: '3.1.4',
		wireType: 'accettazione',
		subject: 'ACCETTAZIONE: ',
		to: 'sender',
		title: 'Ricevuta di accettazione',
		words: ['("posta certificata")', 'è stato accettato dal sistema ed inoltrato.'],
		original: 'absent',
		data: { error: 'nessuno' },
	},
	'non-acceptance': {
		section: '3.1.2',
		wireType: 'non-accettazione',
		subject: 'AVVISO DI NON ACCETTAZIONE: ',
		to: 'sender',
		title: "Errore nell'accettazione del messaggio",
		words: ["un problema che ne impedisce l'accettazione", 'Il messaggio non è stato accettato.'],
		original: 'absent',
		data: { error: 'altro', status: '5.6.0' },
	},
	'non-acceptance, virus': {
		section: '3.1.3',
		wireType: 'non-accettazione',
		subject: 'AVVISO DI NON ACCETTAZIONE PER VIRUS: ',
		to: 'sender',
		fields: VIRUS,
		title: "Errore nell'accettazione del messaggio per presenza di virus",
		words: [VIRUS_WORDS, 'Il messaggio non è stato accettato.'],
		original: 'absent',
		data: { error: 'virus', status: '5.7.0' },
	},
	'taken in charge': {
		section: '3.2.1',
		wireType: 'presa-in-carico',
		subject: 'PRESA IN CARICO: ',
		to: 'service',
		title: 'Ricevuta di presa in carico',
		words: ['è stato accettato dal sistema.'],
		original: 'absent',
		data: { error: 'nessuno', received: true },
	},
	'delivery, completa, To': delivery('3.3.2.1', 'completa', 'whole'),
	'delivery, completa, Cc': delivery('3.3.2.1', 'sintetica', 'absent'),
	'delivery, breve, To': delivery('3.3.2.2', 'breve', 'brief'),
	'delivery, breve, Cc': delivery('3.3.2.2', 'sintetica', 'absent'),
	'delivery, sintetica, To': delivery('3.3.2.3', 'sintetica', 'absent'),
	'delivery, sintetica, Cc': delivery('3.3.2.3', 'sintetica', 'absent'),
	'non-delivery, 5.1.1': nonDelivery('5.1.1', '{unknown}'),
	'non-delivery, 5.1.2': nonDelivery('5.1.2', 'no-dominio'),
	'non-delivery, 5.2.1': nonDelivery('5.2.1', 'altro'),
	'non-delivery, 5.2.2': nonDelivery('5.2.2', 'altro'),
	'non-delivery, virus': {
		section: '3.2.4',
		wireType: 'errore-consegna',
		subject: 'AVVISO DI MANCATA CONSEGNA PER VIRUS: ',
		to: 'sender',
		fields: VIRUS,
		title: 'Avviso di mancata consegna per virus',
		words: [VIRUS_WORDS, 'Il messaggio non è stato consegnato.'],
		original: 'absent',
		data: { error: 'virus', recipient: true, status: '5.7.0' },
	},
	'delay, 12h': delay('4.4.1', ['nelle prime dodici ore', 'un ulteriore avviso']),
	'delay, 24h': delay('5.4.1', ['nelle prime ventiquattro ore', 'non andato a buon fine']),
	'virus detected': {
		section: '3.2.3',
		wireType: 'rilevazione-virus',
		subject: 'PROBLEMA DI SICUREZZA: ',
		to: 'service',
		fields: { 'X-Mittente': '{sender}' },
		title: 'Avviso di rilevazione virus',
		words: [VIRUS_WORDS],
		original: 'absent',
		data: { error: 'virus', recipient: true, status: '5.7.0' },
	},
};

/** RFC 6109 3.1.5. */
export const TRANSPORT: ShapeRow = {
	section: '3.1.5',
	wireType: 'posta-certificata',
	subject: 'POSTA CERTIFICATA: ',
	to: 'inherited',
	title: 'Messaggio di posta certificata',
	words: ['è stato inviato dal mittente', 'e indirizzato a:', 'Il messaggio originale è incluso'],
	original: 'whole',
	data: { error: 'nessuno', receipt: 'completa' },
};

/** RFC 6109 3.2.2, which has no certification data. */
export const ANOMALY = {
	section: '3.2.2',
	wireType: 'errore',
	subject: 'ANOMALIA MESSAGGIO: ',
	title: 'Anomalia nel messaggio',
	words: ['Tali dati non sono stati certificati per il seguente errore:'],
} as const;

/** Where real messages contradict the text of RFC 6109, they are followed. */
export const SLIPS = [
	{ section: '4.3.3', text: 'the file is certdata.xml', never: /certdata\.xml/ },
	{ section: '3.2.2', text: 'the field is X-Trasplorto', never: /^X-Trasplorto:/im },
	{ section: '2.1', text: 'the display name is On behalf of', never: /^From:.*On behalf of/im },
	{ section: '3.1.5', text: 'the address is certified-mail@', never: /^From:.*certified-mail@/im },
	{ section: '4.2', text: 'the zone has a colon', never: /alle ore [\d:]+ ?\([+-]\d\d:\d\d\)/ },
	{
		section: '3.1.6',
		text: 'a timeout notice goes to the recipient',
		never: /^To: (?:cliente01|alfa2)@[\s\S]*^X-Ricevuta: preavviso/m,
	},
] as const;

/** What differs between the two providers on purpose, within the rules (RFC 6109 4.3). */
export const STYLES = {
	alfa: {
		name: 'Gestore Alfa S.p.A.',
		domain: 'pec.alfa.test',
		unknown: 'altro',
		disposition: 'inline',
		signature: 'application/x-pkcs7-signature',
	},
	beta: {
		name: 'Gestore Beta S.r.l.',
		domain: 'pec.beta.test',
		unknown: 'no-dest',
		disposition: 'attachment',
		signature: 'application/pkcs7-signature',
	},
} as const;

/** Every message of the gallery with its row. */
export const RECEIPT_ROWS = EVERY.filter(({ kind }) => kind in RECEIPTS).map((each) => {
	const row = RECEIPTS[each.kind as ReceiptKind];
	return { ...each, section: row.section, row };
});
export const ENVELOPE_ROWS = EVERY.filter(({ kind }) => kind === 'transport envelope').map(
	(each) => ({ ...each, section: TRANSPORT.section, row: TRANSPORT }),
);
export const ANOMALY_ROWS = EVERY.filter(({ kind }) => kind === 'anomaly envelope');
