import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';

import { XMLParser } from 'fast-xml-parser';
import { simpleParser, type ParsedMail } from 'mailparser';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { readPecMessage } from '../../nodes/pec/message.ts';
import { ScriptedLmtp } from '../servers/scriptedLmtp.ts';
import { ANGLED, CLIENTE, PecDesk, STUDIO } from './pecDesk.ts';
import { NOW } from './pecGallery.ts';
import { verify, withoutOpenssl } from './pecOpenssl.ts';

const SUBJECT = 'Perché <no> & sì';
const withoutXmllint = spawnSync('xmllint', ['--version']).status !== 0;

let desk: PecDesk;

beforeAll(async () => {
	desk = await PecDesk.open({ now: () => NOW });
});

afterAll(async () => await desk.sandbox.stop());

beforeEach(() => desk.startOver());

/** Sends and answers what is in the mailbox, CLIENTE's unless it is another's. */
async function inboxAfter(to: string | string[], mailbox: string): Promise<Buffer[]> {
	await desk.sandbox.sendRem(STUDIO, { to, subject: SUBJECT, text: 'ciao', messageId: ANGLED });
	return desk.inbox(mailbox);
}

async function parsed(raw: Buffer): Promise<ParsedMail> {
	return await simpleParser(raw, { ignoreEmbedded: true } as object);
}

async function attachment(raw: Buffer, fileName: string): Promise<Buffer> {
	const { attachments } = await parsed(raw);
	const found = attachments.find(({ filename }) => filename === fileName);
	if (found === undefined) throw new Error(`there is no ${fileName}`);
	return found.content;
}

describe('a REM message', () => {
	it('brings a dispatch to the recipient and two receipts to the sender', async () => {
		await inboxAfter(CLIENTE, STUDIO);
		expect(desk.deliveries()).toEqual([
			`${STUDIO} SubmissionAcceptance`,
			`${CLIENTE} remDispatch`,
			`${STUDIO} ContentConsignment ${CLIENTE}`,
		]);
	});

	it.each([
		['nessuno@pec.beta.test', 'ContentConsignmentFailure', 'casella inesistente'],
		['sospeso@pec.beta.test', 'ContentConsignmentFailure', 'casella disabilitata'],
		['pieno@pec.beta.test', 'ContentConsignmentFailure', 'casella piena'],
		['uno@dismesso.pec.beta.test', 'RelayRejection', 'dominio non gestito'],
	])('to %s ends in %s, and says why', async (to, event, reason) => {
		const [, receipt = Buffer.of()] = await inboxAfter(to, STUDIO);
		expect(desk.deliveries()).toEqual([
			`${STUDIO} SubmissionAcceptance`,
			`${STUDIO} ${event} ${to}`,
		]);
		const evidence = (await attachment(receipt, `${event}.xml`)).toString('utf8');
		expect(evidence).toContain(`http://uri.etsi.org/19522/Event/${event}<`);
		expect(evidence).toContain(`<Details>${reason}</Details>`);
		expect(evidence).toContain(`<Identifier>${to}</Identifier>`);
	});

	it('is refused as a whole when a recipient is at no provider', async () => {
		const mail = { to: [CLIENTE, 'a@example.com'], subject: 'Prova', text: 'ciao' };
		await expect(desk.sandbox.sendRem(STUDIO, mail)).rejects.toThrow('no provider');
		await expect(desk.sandbox.sendRem('x@pec.alfa.test', mail)).rejects.toThrow('no such account');
		expect(desk.entries()).toEqual([]);
	});
});

describe('each of its messages', () => {
	const PLACES = [
		['the receipt of the submission', STUDIO, 0, ['SubmissionAcceptance.xml']],
		[
			'the receipt of the consignment',
			STUDIO,
			1,
			['SubmissionAcceptance.xml', 'ContentConsignment.xml'],
		],
		['the dispatch', CLIENTE, 0, ['AttachedMimeMessage', 'SubmissionAcceptance.xml']],
	] as const;

	it.skipIf(withoutOpenssl).each(PLACES)('verifies with openssl: %s', async (_, mailbox, index) => {
		const raw = (await inboxAfter(CLIENTE, mailbox))[index] ?? Buffer.of();
		const { said, entity } = verify(raw, { pecCa: desk.sandbox.pecCa, at: NOW });
		expect(said).toContain('CMS Verification successful');
		expect(raw.includes(entity)).toBe(true);
	});

	it.each(PLACES)('has its sections and no PEC header: %s', async (_, mailbox, index, sections) => {
		const raw = (await inboxAfter(CLIENTE, mailbox))[index] ?? Buffer.of();
		const { attachments, headers } = await parsed(raw);
		expect(attachments.map(({ filename }) => filename)).toEqual([...sections, 'smime.p7s']);
		expect(headers.get('rem-uamessageidentifier')).toBe(ANGLED);
		expect(headers.has('x-ricevuta') || headers.has('x-trasporto')).toBe(false);
	});

	it.each(PLACES)('is REM to a reader: %s', async (_, mailbox, index) => {
		const raw = (await inboxAfter(CLIENTE, mailbox))[index] ?? Buffer.of();
		const read = await readPecMessage(raw, { trust: { issuers: [] }, now: NOW });
		expect(read.kind).toBe('rem');
		expect(read.receipt).toBeUndefined();
	});
});

describe('the evidence', () => {
	let xml: string;

	beforeEach(async () => {
		const [receipt = Buffer.of()] = await inboxAfter([CLIENTE, 'alfa2@pec.alfa.test'], STUDIO);
		xml = (await attachment(receipt, 'SubmissionAcceptance.xml')).toString('utf8');
	});

	it.skipIf(withoutXmllint)('is well-formed, whatever its namespaces', () => {
		const { status, stderr } = spawnSync('xmllint', ['--noout', '--nonet', '-'], { input: xml });
		expect({ status, said: String(stderr) }).toEqual({ status: 0, said: '' });
	});

	it('says who, what and when', () => {
		const { Evidence } = new XMLParser({ removeNSPrefix: true }).parse(xml) as {
			Evidence: Record<string, unknown>;
		};
		const [submission] = desk.ofType('delivery');
		expect(submission?.originalMessageId).toBe(ANGLED);
		expect(Evidence).toMatchObject({
			ERDSEventId: 'http://uri.etsi.org/19522/Event/SubmissionAcceptance',
			EventTime: '2026-01-31T23:30:12Z',
			SubmissionTime: '2026-01-31T23:30:12Z',
			EvidenceIssuerDetails: {
				Identity: { Attribute: { AttributeValue: 'Gestore Alfa S.p.A.' } },
			},
			SenderDetails: { Identifier: STUDIO },
			RecipientDetails: [{ Identifier: CLIENTE }, { Identifier: 'alfa2@pec.alfa.test' }],
		});
	});

	it('holds the SHA-256 of the message as it is attached to the dispatch', async () => {
		const [dispatch = Buffer.of()] = desk.inbox(CLIENTE);
		const original = await attachment(dispatch, 'AttachedMimeMessage');
		expect(original.toString('latin1')).toContain(`\r\nREM-UAMessageIdentifier: ${ANGLED}\r\n`);
		const digest = createHash('sha256').update(original).digest('base64');
		expect(xml).toContain(`<ds:DigestValue>${digest}</ds:DigestValue>`);
	});
});

it('evidence of what was deferred is of the moment it was consigned', async () => {
	const lmtp = await ScriptedLmtp.start();
	const waiting = await PecDesk.open({ now: () => NOW, ...lmtp.options() });
	try {
		lmtp.answers.set(CLIENTE, '451 4.3.0 later');
		await waiting.sandbox.sendRem(STUDIO, { to: CLIENTE, subject: 'a', text: 'ciao' });
		lmtp.answers.clear();
		await waiting.sandbox.advance(5 * 60_000);
		const receipt = lmtp.server.received.slice(lmtp.server.received.lastIndexOf('DATA') + 1);
		const raw = Buffer.from(receipt.join('\r\n'), 'latin1');
		expect(String(raw)).toContain('Date: Sun, 1 Feb 2026 00:35:12 +0100');
		const xml = String(await attachment(raw, 'ContentConsignment.xml'));
		expect(xml).toMatch(/EventTime>2026-01-31T23:35:12Z</);
		expect(xml).toMatch(/SubmissionTime>2026-01-31T23:30:12Z</);
	} finally {
		await waiting.sandbox.stop();
		await lmtp.server.stop();
	}
});
