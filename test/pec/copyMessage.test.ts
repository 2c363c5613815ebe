import { simpleParser } from 'mailparser';
import { describe, expect, it } from 'vitest';
import {
	composeCopy,
	copyMessageIdOf,
	enclosedMessageOf,
	enclosedNameOf,
} from '../../nodes/pec/copyMessage.ts';
import { readPecMessage } from '../../nodes/pec/message.ts';
import { pecKeyOf } from '../../nodes/pec/pecKey.ts';
import { mail, receiptMail } from '../servers/mails.ts';

const NOW = new Date('2026-02-03T04:05:06.000Z');

async function copyOf(raw: Buffer, form: 'enclosed' | 'readable') {
	const read = await readPecMessage(raw, { trust: { issuers: [] }, now: NOW });
	return { copy: await composeCopy(raw, read, form), pecKey: read.pecKey };
}

const receipt = receiptMail({
	type: 'avvenuta-consegna',
	originalId: 'lettera@pec.alfa.test',
	recipient: 'cliente@pec.beta.test',
	providerId: 'opec1',
});

describe('a composed copy', () => {
	const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
	it.each([
		['a receipt', receipt],
		['line ends in LF', Buffer.from(receipt.toString('latin1').replaceAll('\r\n', '\n'), 'latin1')],
		['every byte', Buffer.concat([mail({ subject: 'byte' }), every, every])],
		['no header at all', Buffer.from('\r\nsolo testo')],
		['header values that hold controls', mail({ subject: 'a\tb', headers: 'Cc: \x01<x@y>\r\n' })],
	])('carries %s to the byte, in both forms', async (_, raw) => {
		for (const form of ['enclosed', 'readable'] as const) {
			const { copy, pecKey } = await copyOf(raw, form);
			expect(pecKey).toBe(pecKeyOf(raw, raw.length));
			expect(enclosedMessageOf(copy, pecKey)?.equals(raw)).toBe(true);
			const read = await simpleParser(copy);
			expect(read.messageId).toBe(copyMessageIdOf(pecKey, form));
			const file = read.attachments.find(({ filename }) => filename === enclosedNameOf(pecKey));
			expect(file?.content.equals(raw)).toBe(true);
			// As mailparser sees it, by its name, it is a message.
			expect(copy.toString('latin1')).toMatch(
				/^Content-Type: application\/octet-stream;\s+name=busta-/m,
			);
		}
	});

	it('is taken for no copy of another message, nor when one byte of its file has changed', async () => {
		const { copy, pecKey } = await copyOf(receipt, 'enclosed');
		const other = mail({ subject: 'altro' });
		expect(enclosedMessageOf(copy, pecKeyOf(other, other.length))).toBeUndefined();
		const text = copy.toString('latin1');
		const [first] = receipt.subarray(0, 48).toString('base64').match(/.{10}/) ?? [];
		if (first === undefined) throw new Error('no text');
		expect(text).toContain(first);
		const spoilt = Buffer.from(text.replace(first, first.replace(/.$/, '/')), 'latin1');
		expect(enclosedMessageOf(spoilt, pecKey)).toBeUndefined();
		expect(enclosedMessageOf(copy.subarray(0, -200), pecKey)).toBeUndefined();
	});

	it('shows subject, sender and date of the envelope, and its certified facts', async () => {
		const read = await simpleParser((await copyOf(receipt, 'enclosed')).copy);
		expect(read.subject).toBe('RICEVUTA: Prova');
		expect(read.from?.value[0]?.address).toBe('posta-certificata@pec.alfa.test');
		expect(read.references).toContain('<opec1.avvenuta-consegna>');
		expect(read.text).toMatch(/Consegnato a \(delivered to\): cliente@pec\.beta\.test/);
		expect(read.text).toContain('2026-02-01 00:30:12 +0100');
	});

	it('of a receipt refers to the letter it is about, which a mail program shows it with', async () => {
		const read = await simpleParser((await copyOf(receipt, 'readable')).copy);
		expect(read.inReplyTo).toBe('<lettera@pec.alfa.test>');
		expect(read.references).toEqual(['<lettera@pec.alfa.test>', '<opec1.avvenuta-consegna>']);
	});

	it('belongs to the conversation of the other mailbox that it is given', async () => {
		const letter = mail({ subject: 'Re: lettera', headers: 'In-Reply-To: <opec9@pec>\r\n' });
		for (const [raw, known] of [
			[receipt, '<lettera@pec.alfa.test>'],
			[letter, '<Relettera@test>'],
		] as const) {
			const message = await readPecMessage(raw, { trust: { issuers: [] }, now: NOW });
			const copy = await composeCopy(raw, message, 'readable', '<bozza@studio.test>');
			const read = await simpleParser(copy);
			expect(read.inReplyTo).toBe('<bozza@studio.test>');
			expect(read.references?.slice(0, 2)).toEqual(['<bozza@studio.test>', known]);
			expect(enclosedMessageOf(copy, message.pecKey)?.equals(raw)).toBe(true);
		}
	});

	it('is the same for the same message', async () => {
		const [one, other] = await Promise.all([
			copyOf(receipt, 'enclosed'),
			copyOf(receipt, 'enclosed'),
		]);
		const withoutDate = (copy: Buffer) => copy.toString('latin1').replace(/^Date: .*$/m, '');
		expect(withoutDate(one.copy)).toBe(withoutDate(other.copy));
	});
});
