import { simpleParser } from 'mailparser';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readPecMessage } from '../../nodes/pec/message.ts';
import type { PecMessage } from '../../nodes/pec/types.ts';
import type { Dialect } from '../../sandbox/index.ts';
import { ANGLED, CLIENTE, PecDesk, STUDIO } from '../sandbox/pecDesk.ts';
import { NOW, PecGallery, SUBJECT } from '../sandbox/pecGallery.ts';
import { EVERY, type WrittenKind } from '../sandbox/pecKinds.ts';

/** What a message of one kind is, after RFC 6109 and daticert.dtd. */
interface Rule {
	readonly kind: PecMessage['kind'];
	/** X-Ricevuta and its name in code. */
	readonly receipt?: readonly [wireType: string, type: string, final: boolean];
	readonly content?: string;
	readonly error?: { readonly code: string; readonly reason: string; readonly status?: RegExp };
	/** Whether it speaks of one recipient (daticert.dtd, `consegna`). */
	readonly deliveredTo?: true;
	/** Names of the files in the original; absent when there is no original in it. */
	readonly files?: readonly string[];
}

const FAILURE = ['errore-consegna', 'nonDelivery', true] as const;
const DELIVERY = ['avvenuta-consegna', 'delivery', true] as const;
const failure = (code: string, reason: string, status: RegExp): Rule => ({
	kind: 'receipt',
	receipt: FAILURE,
	deliveredTo: true,
	error: { code, reason, status },
});
const delivery = (content: string, files?: readonly string[]): Rule => ({
	kind: 'receipt',
	receipt: DELIVERY,
	deliveredTo: true,
	content,
	...(files ? { files } : {}),
});
/** RFC 6109 3.3.2.1, 3.3.2.2: who is in Cc gets a concise receipt, whatever the sender asked for. */
const CONCISE = delivery('concise');

const RULES: Readonly<Record<WrittenKind, Rule>> = {
	'transport envelope': { kind: 'transportEnvelope', files: ['atto.pdf'] },
	// 3.2.2: nothing but the mail that came.
	'anomaly envelope': { kind: 'anomalyEnvelope', files: [] },
	acceptance: { kind: 'receipt', receipt: ['accettazione', 'acceptance', true] },
	'non-acceptance': {
		kind: 'receipt',
		receipt: ['non-accettazione', 'nonAcceptance', true],
		error: { code: 'other', reason: 'refused' },
	},
	'non-acceptance, virus': {
		kind: 'receipt',
		receipt: ['non-accettazione', 'nonAcceptance', true],
		error: { code: 'virus', reason: 'virus' },
	},
	'taken in charge': { kind: 'receipt', receipt: ['presa-in-carico', 'takenInCharge', false] },
	'delivery, completa, To': delivery('complete', ['atto.pdf']),
	'delivery, completa, Cc': CONCISE,
	'delivery, breve, To': delivery('brief', ['atto.pdf.hash']),
	'delivery, breve, Cc': CONCISE,
	'delivery, sintetica, To': CONCISE,
	'delivery, sintetica, Cc': CONCISE,
	// Both errors are met for a mailbox that does not exist.
	'non-delivery, 5.1.1': failure('noRecipient|other', 'addressUnknown', /^5\.1\.1$/),
	'non-delivery, 5.1.2': failure('noDomain', 'domainUnknown', /^5\.1\.2$/),
	'non-delivery, 5.2.1': failure('other', 'mailboxDisabled', /^5\.2\.1$/),
	'non-delivery, 5.2.2': failure('other', 'mailboxFull', /^5\.2\.2$/),
	'non-delivery, virus': failure('virus', 'virus', /./),
	'delay, 12h': {
		...failure('other', 'timeout12h', /^4\.4\.1$/),
		receipt: ['preavviso-errore-consegna', 'deliveryDelay', false],
	},
	'delay, 24h': {
		...failure('other', 'timeout24h', /^5\.4\.1$/),
		receipt: ['preavviso-errore-consegna', 'deliveryDelay', true],
	},
	'virus detected': {
		...failure('virus', 'virus', /./),
		receipt: ['rilevazione-virus', 'virusDetected', true],
	},
};

/** The original as another MIME reader gives it: the whole attached message, undecoded. */
async function originalBytes(raw: Buffer): Promise<Buffer | undefined> {
	const { attachments } = await simpleParser(raw, { ignoreEmbedded: true } as object);
	return attachments.find(({ contentType }) => contentType === 'message/rfc822')?.content;
}

describe('every kind of message of both providers', () => {
	let gallery: PecGallery;

	beforeAll(async () => {
		gallery = await PecGallery.open();
	});

	afterAll(async () => await gallery.sandbox.stop());

	it.each(EVERY)('$kind of $issuer is what the rules say', async ({ kind, name }) => {
		const { raw, pecCa, at, recipient } = gallery.exhibit(name);
		const now = new Date(at.getTime() + 60_000);
		const message = await readPecMessage(raw, { trust: { issuers: [pecCa] }, now });
		const rule = RULES[kind];
		const { receipt, certification } = message;
		expect(message).toMatchObject({ kind: rule.kind, verified: true, findings: [] });

		const [wireType, type, final] = rule.receipt ?? [];
		expect([receipt?.wireType, receipt?.type, receipt?.final]).toEqual([wireType, type, final]);
		expect(receipt?.content).toBe(rule.content);
		expect(receipt?.error?.code ?? '').toMatch(new RegExp(`^(?:${rule.error?.code ?? ''})$`));
		expect(receipt?.error?.reason).toBe(rule.error?.reason);
		if (rule.error?.status) expect(receipt?.error?.status).toMatch(rule.error.status);
		expect(receipt?.deliveredTo).toBe(rule.deliveredTo && recipient);
		if (rule.receipt) expect(receipt?.originalMessageId).toBe(ANGLED);
		if (kind === 'taken in charge') expect(certification?.receivedBy.length).toBeGreaterThan(0);

		expect(certification?.wireType).toBe(
			rule.kind === 'transportEnvelope' ? 'posta-certificata' : wireType,
		);
		if (certification) {
			expect(certification.subject).toBe(SUBJECT);
			expect(certification.at).toBe(new Date(Math.floor(at.getTime() / 1000) * 1000).toISOString());
		}

		expect(message.original?.attachments.map(({ fileName }) => fileName)).toEqual(rule.files);
		const bytes = await originalBytes(raw);
		expect(message.original === undefined).toBe(bytes === undefined);
		if (bytes) expect(message.original?.raw.equals(bytes)).toBe(true);
	});
});

const DIALECTS: readonly [string, Dialect][] = [
	['no msgid in the certification data', { msgid: false }],
	['no X-Riferimento-Message-ID', { reference: false }],
	['SHA-1, and micalg without quotation marks', { digest: 'sha1', quotedMicalg: false }],
	['parts attached', { disposition: 'attachment' }],
	['parts inline, the original first', { disposition: 'inline', originalFirst: true }],
	['an HTML alternative', { html: true }],
	['plain text alone', { html: false }],
	['identifiers of hexadecimal groups', { identifierShape: 'postecert' }],
	['header names in small letters', { headerSpelling: 'lower' }],
	['header names in capitals', { headerSpelling: 'upper' }],
	['header names of the RFC', { headerSpelling: 'rfc' }],
	['certification data as text/xml', { certificationType: 'text/xml' }],
	['a Sender field', { senderField: true }],
	['the older signature type', { signatureType: 'application/x-pkcs7-signature' }],
	['the newer signature type', { signatureType: 'application/pkcs7-signature' }],
	['an unknown mailbox as no-dest', { unknownMailbox: 'no-dest' }],
	['an unknown mailbox as altro', { unknownMailbox: 'altro' }],
	['duplicate receipts', { duplicateReceipts: true }],
];

describe('every dialect of a provider', () => {
	let desk: PecDesk;

	afterEach(async () => await desk.sandbox.stop());

	it.each(DIALECTS)('says the same: %s', async (_, dialect) => {
		desk = await PecDesk.open({ now: () => NOW, dialects: dialect });
		const to = [CLIENTE, 'nessuno@pec.beta.test'];
		const attachments = [{ filename: 'atto.pdf', content: Buffer.from('%PDF \x00\xff') }];
		const mail = { to, subject: SUBJECT, text: 'ciao', messageId: ANGLED, attachments };
		await desk.sandbox.sendAs(STUDIO, mail);
		await desk.sandbox.settled();
		const options = { trust: { issuers: [desk.sandbox.pecCa] }, now: NOW };
		const read = async (mailbox: string) =>
			await Promise.all(desk.inbox(mailbox).map((raw) => readPecMessage(raw, options)));

		const [envelope] = await read(CLIENTE);
		expect(envelope).toMatchObject({
			kind: 'transportEnvelope',
			verified: true,
			findings: [],
			certification: { sender: STUDIO, receiptContent: 'complete', subject: SUBJECT },
			original: { attachments: [{ fileName: 'atto.pdf', size: 8 }] },
		});

		// Which message they answer is then said outside of what is signed.
		const expected = dialect.msgid === false ? ['messageIdUncertified'] : [];
		const receipts = await read(STUDIO);
		for (const { kind, verified, findings, receipt } of receipts) {
			expect({ kind, verified }).toEqual({ kind: 'receipt', verified: true });
			expect(findings.map(({ code }) => code)).toEqual(expected);
			expect(receipt?.originalMessageId).toBe(ANGLED);
		}
		const told = new Set(
			receipts.map(({ receipt }) =>
				[receipt?.type, receipt?.deliveredTo, receipt?.error?.reason].filter(Boolean).join(' '),
			),
		);
		expect(told).toEqual(
			new Set(['acceptance', `delivery ${CLIENTE}`, `nonDelivery ${to[1]} addressUnknown`]),
		);
		const original = receipts.find(({ receipt }) => receipt?.type === 'delivery')?.original;
		expect(original?.raw.equals(envelope?.original?.raw ?? Buffer.of())).toBe(true);
	});
});
