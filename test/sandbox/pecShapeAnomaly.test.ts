import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { fieldOf, partsOf } from './mimeShape.ts';
import { CLIENTE, PecDesk } from './pecDesk.ts';
import { NOW } from './pecGallery.ts';
import { verify, withoutOpenssl } from './pecOpenssl.ts';

let desk: PecDesk;

beforeAll(async () => {
	desk = await PecDesk.open({ now: () => NOW });
});

beforeEach(() => desk.startOver());

afterAll(async () => await desk.sandbox.stop());

async function delivered(mail: string, recipient = CLIENTE): Promise<Buffer> {
	await desk.sandbox.deliverOrdinary(Buffer.from(mail, 'latin1'), recipient);
	const [envelope] = desk.inbox(recipient);
	if (envelope === undefined) throw new Error('nothing came');
	return envelope;
}

const FROM = 'From: Tizio <t@example.com>\r\nTo: cliente01@pec.beta.test\r\n';

describe('an anomaly envelope, RFC 6109 3.2.2', () => {
	it('goes back to the Return-Path of the mail, which need not be its From', async () => {
		const { top } = partsOf(
			await delivered(`Return-Path: <liste-bounce@example.com>\r\n${FROM}\r\nciao\r\n`),
		);
		const paths = top.fields.filter(([name]) => name === 'Return-Path').map(([, value]) => value);
		expect(paths).toEqual(['<liste-bounce@example.com>']);
		expect(fieldOf(top, 'Reply-To')).toBe('t@example.com');
	});

	it('goes back to nobody when the mail does, as a delivery status notification', async () => {
		const { top } = partsOf(await delivered(`Return-Path: <>\r\n${FROM}\r\nciao\r\n`));
		expect(fieldOf(top, 'Return-Path')).toBe('<>');
	});

	it.each(['<a b@c>', 'senza.parentesi@example.com', '<a@b> (commento)'])(
		'has the Message-ID of the mail as it is: %s',
		async (id) => {
			const { top } = partsOf(await delivered(`${FROM}Message-ID: ${id}\r\n\r\nciao\r\n`));
			expect(fieldOf(top, 'Message-ID')).toBe(id);
		},
	);

	it('has a Message-ID of the provider when the mail has none', async () => {
		const { top } = partsOf(await delivered(`${FROM}\r\nciao\r\n`));
		expect(fieldOf(top, 'Message-ID')).toMatch(/^<opec.*@pec\.beta\.test>$/);
	});

	it('has Received, To, Cc and Reply-To of the mail as they are', async () => {
		const trace = 'Received: from a\r\n by b; oggi\r\nReceived: from c by a\r\n';
		const more =
			'Cc: "Caio, S." <c@example.com>,\r\n\t=?utf-8?Q?d?= <d@example.com>\r\nReply-To: r@example.com\r\n';
		const raw = await delivered(`${trace}${FROM}${more}\r\nciao\r\n`);
		const [head = ''] = raw.toString('latin1').split('\r\n\r\n');
		for (const lines of [
			trace,
			'To: cliente01@pec.beta.test\r\n',
			more.split('Reply')[0],
			'Reply-To: r@example.com\r\n',
		]) {
			expect(head).toContain(lines);
		}
		expect(head.match(/^Reply-To:/gm)).toHaveLength(1);
	});

	it('has no Reply-To when nobody is named', async () => {
		const { top } = partsOf(await delivered('To: a\r\nSubject: b\r\n\r\nciao\r\n'));
		expect(fieldOf(top, 'Reply-To')).toBeUndefined();
	});

	it('has no byte beyond ASCII in the From it writes', async () => {
		const raw = await delivered('From: perch\xc3\xa9@example.com\r\nTo: a\r\n\r\nciao\r\n');
		const { top } = partsOf(raw);
		expect(fieldOf(top, 'From')).toMatch(/^[\x20-\x7e]+$/);
		const { from } = await simpleParser(raw, { ignoreEmbedded: true } as object);
		expect(from?.value[0]).toEqual({
			name: 'Per conto di: perché@example.com',
			address: 'posta-certificata@pec.beta.test',
		});
	});

	it.each([
		['latin1', `${FROM}\r\nperch\xe9\r\n`],
		['a line of 2000 letters', `${FROM}\r\n${'x'.repeat(2000)}\r\n`],
		['no header', '\r\nciao\r\n'],
		[
			'the parts of a PEC',
			`${FROM}Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\na\r\n--b--\r\n`,
		],
	])('has a mail with %s whole', async (_, mail) => {
		const raw = await delivered(mail, 'alfa2@pec.alfa.test');
		const { attachments } = await simpleParser(raw, { ignoreEmbedded: true } as object);
		expect(attachments.map(({ filename }) => filename)).toEqual(['postacert.eml', 'smime.p7s']);
		expect(attachments[0]?.content.toString('latin1')).toBe(mail);
		if (withoutOpenssl) return;
		const { said } = verify(raw, { pecCa: desk.sandbox.pecCa, at: NOW });
		expect(said).toContain('CMS Verification successful');
	});
});
