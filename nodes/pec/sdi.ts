import type { Mailaddress, PecHeaders, PecMessage, SdiFile, SdiType } from './types';

const AT_DOMAIN = '@pec.fatturapa.it';

/**
 * Name of a FatturaPA file without its ending: country, transmitter's tax code, progressive.
 * Source: fatturapa.gov.it, "Predisporre la FatturaPA" (technical specifications of DM 55/2013 annex B, 2.2; of the
 * measure of 30 April 2018, 1.2.2). Capital letters, it says; small ones are in use and are other names.
 */
const INVOICE_NAME = /^(?:IT[A-Z0-9]{11,16}|(?!IT)[A-Z]{2}[A-Z0-9]{2,28})_[A-Z0-9]{1,5}$/i;

/** The same with its ending: signed within (XAdES) or not at all, signed around (CAdES), or several in an archive. */
const INVOICE_FILE = /^([^.]{1,36})\.(?:(xml|xml\.p7m)|zip)$/i;

/**
 * A message file: the invoice's name, the type, and up to three characters that tell such files apart.
 * Source: fatturapa.gov.it, "Esplicitare l'esito per la FatturaPA" (the same specifications, 3.3 and 3.4).
 */
const MESSAGE_FILE = /^(.{1,36})_([A-Z]{2})_[A-Z0-9]{1,3}\.xml$/i;

/** What the exchange writes: receipts and notices, and the data (MT) that go with an invoice it hands over. */
const WRITTEN_BY_EXCHANGE: ReadonlySet<string> = new Set<SdiType>([
	'RC',
	'NS',
	'MC',
	'NE',
	'MT',
	'SE',
	'DT',
	'AT',
]);

/** What it is written: the outcome that a customer states. */
const WRITTEN_TO_EXCHANGE: ReadonlySet<string> = new Set<SdiType>(['EC']);

type Traffic = Pick<PecMessage, 'kind' | 'receipt' | 'certification' | 'original'>;

function isExchange(address: string | undefined): boolean {
	return address?.slice(address.lastIndexOf('@')).toLowerCase() === AT_DOMAIN;
}

/**
 * Message files that may come in such a message; `undefined` when the exchange is neither sender nor recipient.
 * The certification data say who wrote to whom; without them the original does, as its From is the sender's (RFC 6109
 * 3.1.1). The exchange writes by PEC only: whatever else bears its name as the sender's is not its own.
 */
function typesOf({ kind, certification, original }: Traffic): ReadonlySet<string> | undefined {
	const addresses = (list: readonly Mailaddress[] = []) => list.map(({ address }) => address);
	const certified = kind === 'transportEnvelope' || kind === 'receipt';
	if (!certified && kind !== 'ordinary') return undefined;
	const sender = certification?.sender ?? original?.from?.address;
	if (certified && isExchange(sender)) return WRITTEN_BY_EXCHANGE;
	const recipients = certification
		? addresses(certification.recipients)
		: [...addresses(original?.to), ...addresses(original?.cc)];
	return recipients.some(isExchange) ? WRITTEN_TO_EXCHANGE : undefined;
}

/** The address in a header entry, with or without a display name; in what a provider writes "by order of" stands before it. */
/** One of the exchange's. */
export const EXCHANGE_ADDRESS = 'sdi01@pec.fatturapa.it';

function isNamedIn(entry: string | undefined): boolean {
	return entry !== undefined && /@pec\.fatturapa\.it(?![\w.-])/i.test(entry);
}

/**
 * Whether a message is traffic of the invoice exchange, as far as addresses tell: header and certification data are enough, and
 * which file it carries is not asked. For what is to be kept apart: rather too much than too little.
 */
export function isExchangeTraffic({ certification, envelope }: PecHeaders): boolean {
	if (certification) {
		const { sender, recipients } = certification;
		if (isExchange(sender) || recipients.some(({ address }) => isExchange(address))) return true;
	}
	const { from, replyTo, to, cc } = envelope;
	return [from, replyTo, ...to, ...cc].some(isNamedIn);
}

function messageFile(fileName: string, allowed: ReadonlySet<string>): SdiFile | undefined {
	const [, invoice = '', written = ''] = MESSAGE_FILE.exec(fileName) ?? [];
	const type = written.toUpperCase();
	// A file may be refused because of its name: then the notice has that name in front, cut after 36 characters.
	const named = type === 'NS' || INVOICE_NAME.test(invoice);
	return allowed.has(type) && named ? { type: type as SdiType, fileName } : undefined;
}

function invoiceFile(fileName: string): SdiFile | undefined {
	const [, name = '', xml] = INVOICE_FILE.exec(fileName) ?? [];
	if (!INVOICE_NAME.test(name)) return undefined;
	return { type: xml === undefined ? 'archive' : 'invoice', fileName };
}

/** The first answer that is one. */
function first<T, U>(list: readonly T[], find: (item: T) => U | undefined): U | undefined {
	for (const item of list) {
		const found = find(item);
		if (found !== undefined) return found;
	}
	return undefined;
}

/**
 * What passes between the owner of the mailbox and the invoice exchange (Sistema di Interscambio), in either direction,
 * told by the certified addresses and by the names of the original's attachments alone. Never throws.
 * @returns the first message file, else the first invoice; `undefined` when there is none
 */
export function sdiOf(message: Traffic): SdiFile | undefined {
	const allowed = typesOf(message);
	if (!allowed) return undefined;
	// RFC 6109 3.3.2.2: a brief receipt has `<name>.hash` in place of the file.
	const ending = message.receipt?.content === 'brief' ? /\.hash$/i : /$/;
	const names = (message.original?.attachments ?? []).map(({ fileName }) =>
		fileName.replace(ending, ''),
	);
	return first(names, (name) => messageFile(name, allowed)) ?? first(names, invoiceFile);
}
