import { ImapFlow } from 'imapflow';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { readPecMessage } from '../../nodes/pec/message.ts';
import { EICAR } from '../../sandbox/index.ts';
import { ANGLED, CLIENTE, message, PecDesk, STUDIO } from './pecDesk.ts';
import { NOW } from './pecGallery.ts';
import { verify, withoutOpenssl } from './pecOpenssl.ts';
import { bounce, forgedEnvelope, forgedHeader, forgedReceipt, listCopy } from './pecPretenders.ts';

let desk: PecDesk;

beforeAll(async () => {
	desk = await PecDesk.open({ now: () => NOW });
});

afterAll(async () => await desk.sandbox.stop());

beforeEach(() => desk.startOver());

async function read(raw: Buffer): ReturnType<typeof readPecMessage> {
	return await readPecMessage(raw, { trust: { issuers: [] }, now: NOW });
}

function headerOf(raw: Buffer): string {
	return raw.toString('latin1').split('\r\n\r\n')[0] ?? '';
}

/** The values of a top-level field, in any case of its name. */
function valuesOf(raw: Buffer, name: string): string[] {
	const lines = headerOf(raw).split('\r\n');
	const prefix = `${name.toLowerCase()}:`;
	return lines
		.filter((line) => line.toLowerCase().startsWith(prefix))
		.map((line) => line.slice(prefix.length).trim());
}

/** The trace fields a delivery puts in front are not the message's. */
function withoutTrace(raw: Buffer): Buffer {
	return raw.subarray(raw.indexOf('Subject:'));
}

/** What CLIENTE got when STUDIO wrote, and the delivery receipt of it. */
async function genuine(): Promise<{ envelope: Buffer; receipt: Buffer }> {
	await desk.sandbox.sendAs(STUDIO, { to: CLIENTE, subject: 'Prova', text: 'ciao' });
	await desk.sandbox.settled();
	const [envelope] = desk.inbox(CLIENTE);
	const receipt = desk.inbox(STUDIO)[1];
	if (envelope === undefined || receipt === undefined) throw new Error('nothing came');
	desk.startOver();
	return { envelope: withoutTrace(envelope), receipt: withoutTrace(receipt) };
}

const PRETENDERS: readonly [string, () => Promise<string | Buffer>][] = [
	['a header that says acceptance', async () => forgedHeader()],
	['a header that says non-delivery', async () => forgedHeader('errore-consegna')],
	['a header that says transport envelope', async () => forgedEnvelope()],
	['a receipt with certification data', async () => forgedReceipt()],
	['a genuine receipt sent on by a stranger', async () => (await genuine()).receipt],
	['a genuine envelope sent on by a stranger', async () => (await genuine()).envelope],
	['a genuine envelope from a mailing list', async () => listCopy((await genuine()).envelope)],
	['a bounce from outside', async () => bounce()],
];

describe.each(PRETENDERS)('%s, by ordinary mail', (_, write) => {
	let pretender: Buffer;
	let envelope: Buffer;

	beforeEach(async () => {
		pretender = Buffer.from(await write());
		await desk.sandbox.deliverOrdinary(pretender, CLIENTE);
		envelope = desk.inbox(CLIENTE)[0] ?? Buffer.of();
	});

	it('comes in an anomaly envelope, and nobody is told', () => {
		expect(desk.deliveries()).toEqual([`${CLIENTE} anomalyEnvelope`]);
		expect(valuesOf(envelope, 'X-Trasporto')).toEqual(['errore']);
		expect(valuesOf(envelope, 'X-Ricevuta')).toEqual([]);
		expect(valuesOf(envelope, 'X-Riferimento-Message-ID')).toEqual([]);
		expect(valuesOf(envelope, 'X-Tiporicevuta')).toEqual([]);
	});

	it('is inside to the byte, and all that is', async () => {
		expect(envelope.includes(pretender)).toBe(true);
		const message = await read(envelope);
		expect(message.kind).toBe('anomalyEnvelope');
		expect(message.receipt).toBeUndefined();
		expect(message.certification).toBeUndefined();
	});

	it.skipIf(withoutOpenssl)('is in an envelope that verifies with openssl', () => {
		const { said } = verify(envelope, { pecCa: desk.sandbox.pecCa, at: NOW });
		expect(said).toContain('CMS Verification successful');
	});
});

describe('ordinary mail', () => {
	const ordinary = (text: string): Buffer =>
		Buffer.from(message({ From: 'tizio@example.com', To: CLIENTE, Subject: 'Offerta' }, text));

	it('to a disabled mailbox is refused, as by SMTP', async () => {
		const delivering = desk.sandbox.deliverOrdinary(ordinary('ciao\r\n'), 'Sospeso@pec.beta.test');
		await expect(delivering).rejects.toThrow('disabled');
		expect(desk.deliveries()).toEqual([]);
	});

	// RFC 6109 2.2.2: discarded before it enters the PEC system
	it('with a virus is refused, as by SMTP, unless nobody looks', async () => {
		const infected = ordinary(`${EICAR}\r\n`);
		const delivering = desk.sandbox.deliverOrdinary(infected, CLIENTE);
		await expect(delivering).rejects.toThrow('virus');
		expect(desk.deliveries()).toEqual([]);
		const careless = await PecDesk.open({ virusScan: { beta: false } });
		try {
			await careless.sandbox.deliverOrdinary(infected, CLIENTE);
			expect(careless.deliveries()).toEqual([`${CLIENTE} anomalyEnvelope`]);
		} finally {
			await careless.sandbox.stop();
		}
	});
});

it('a bounce keeps its empty reverse path', async () => {
	await desk.sandbox.deliverOrdinary(Buffer.from(bounce()), CLIENTE);
	expect(headerOf(desk.inbox(CLIENTE)[0] ?? Buffer.of())).toMatch(/^Return-Path: <>\r\n/);
});

// RFC 6109 3.1.1 checks none of these fields, and 3.1.5 lets the envelope inherit none
describe.each([
	['X-Ricevuta', 'accettazione'],
	['X-Trasporto', 'errore'],
	['X-Trasporto', 'posta-certificata'],
	['X-VerificaSicurezza', 'errore'],
	['X-Mittente', 'altri@example.com'],
	['X-Riferimento-Message-ID', '<altra@example.com>'],
])('a PEC user who submits %s: %s', (name, value) => {
	let submitted: string;

	beforeEach(async () => {
		submitted = message({
			From: STUDIO,
			To: CLIENTE,
			Subject: 'Prova',
			'Message-ID': ANGLED,
			[name]: value,
		});
		await desk.send({ raw: submitted, envelope: { from: STUDIO, to: [CLIENTE] } });
	});

	it('sends an ordinary message, with the usual receipts', () => {
		expect(desk.deliveries().map((line) => line.split(' ').slice(1, 2).join())).toEqual([
			'accettazione',
			'presa-in-carico',
			'transportEnvelope',
			'avvenuta-consegna',
		]);
	});

	it('finds it in the original alone', () => {
		const [envelope = Buffer.of()] = desk.inbox(CLIENTE);
		expect(valuesOf(envelope, 'X-Trasporto')).toEqual(['posta-certificata']);
		expect(valuesOf(envelope, 'X-Ricevuta')).toEqual([]);
		expect(valuesOf(envelope, 'X-VerificaSicurezza')).toEqual([]);
		expect(valuesOf(envelope, 'X-Mittente')).toEqual([]);
		expect(valuesOf(envelope, 'X-Riferimento-Message-ID')).toEqual([ANGLED]);
		const body = envelope.subarray(headerOf(envelope).length).toString('latin1');
		expect(body).toContain(`\r\n${name}: ${value}\r\n`);
	});
});

describe('what is planted', () => {
	it('lies in the folder to the byte, and the log says who put it there', async () => {
		const raw = Buffer.from('X-Ricevuta: accettazione\n\r\0\xff no message at all', 'latin1');
		desk.sandbox.deliverRaw(raw, STUDIO, { folder: 'Archivio' });
		expect(desk.entries()).toEqual([
			expect.objectContaining({
				type: 'planted',
				mailbox: STUDIO,
				folder: 'Archivio',
				size: raw.length,
				at: NOW.toISOString(),
			}),
		]);
		const { sandbox } = desk;
		const client = new ImapFlow({
			...sandbox.imap,
			auth: { user: STUDIO, pass: 'prova-alfa' },
			tls: { ca: sandbox.tlsCa },
			logger: false,
		});
		await client.connect();
		await client.mailboxOpen('Archivio');
		const found = await client.fetchOne('*', { source: true });
		await client.logout();
		expect(found === false ? undefined : found.source?.equals(raw)).toBe(true);
	});

	it('may be a list copy, whose own header still says transport envelope', async () => {
		const { envelope } = await genuine();
		desk.sandbox.deliverRaw(listCopy(envelope), CLIENTE);
		const [stored = Buffer.of()] = desk.inbox(CLIENTE);
		expect(valuesOf(stored, 'X-Trasporto')).toEqual(['posta-certificata']);
		expect(valuesOf(stored, 'Subject')[0]).toMatch(/^\[lista\] POSTA CERTIFICATA/);
		expect(headerOf(stored)).not.toContain('multipart/signed');
	});

	it('is no delivery', () => {
		desk.sandbox.deliverRaw(Buffer.from('a'), STUDIO);
		expect(desk.deliveries()).toEqual([]);
		expect(desk.inbox(STUDIO)).toHaveLength(1);
	});

	it.each([
		['nessuno@pec.alfa.test', undefined],
		[STUDIO, { folder: 'Non c’è' }],
		['pieno@pec.beta.test', undefined],
	])('is refused where it cannot lie: %s, %j', (to, options) => {
		expect(() => desk.sandbox.deliverRaw(Buffer.alloc(2000), to, options)).toThrow(Error);
		expect(desk.entries()).toEqual([]);
	});
});
