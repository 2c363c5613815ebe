import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { elementOf } from './daticertShape.ts';
import { contentOf, fieldOf, outlineOf, partsOf, readEntity } from './mimeShape.ts';
import { ANGLED, PecGallery } from './pecGallery.ts';
import { EVERY } from './pecKinds.ts';
import {
	ANOMALY,
	ANOMALY_ROWS,
	ENVELOPE_ROWS,
	RECEIPT_ROWS,
	SLIPS,
	STYLES,
} from './pecShapeTable.ts';

let gallery: PecGallery;

beforeAll(async () => {
	gallery = await PecGallery.open();
});

afterAll(async () => await gallery.sandbox.stop());

const ONE = '(?:\\S+@\\S+)';
const DATE = /^(?:Sun|Mon), [12] Feb 2026 \d\d:30:12 \+0100$/;
const RECEIPT_ID = /^<opec\d+\.\d{14}\.\d{5}\.\d+\.1\.\d+\.1@pec\.(?:alfa|beta)\.test>$/;
const TRACE = ['Return-Path', 'Delivered-To', 'Received'];
/** SUBJECT as the sandbox's webmail and nodemailer write it. */
const WRITTEN_SUBJECT = /^[A-Z. ]+: (?:=\?UTF-8\?[QB]\?\S+\?= ?)+$/;

describe('the header', () => {
	it.each(RECEIPT_ROWS)(
		'has the fields of RFC 6109 $section and no others: $kind of $issuer',
		({ name, issuer, row }) => {
			const { raw, mailbox } = gallery.exhibit(name);
			const top = readEntity(raw);
			const sender = elementOf(gallery.raw(name), 'mittente');
			const more = Object.entries(row.fields ?? {});
			expect(top.fields.map(([field]) => field)).toEqual([
				...TRACE,
				...['Subject', 'X-Riferimento-Message-ID', 'Date', 'Message-ID', 'To', 'From'],
				...['X-Ricevuta', ...more.map(([field]) => field), 'MIME-Version', 'Content-Type'],
			]);
			expect(fieldOf(top, 'X-Ricevuta')).toBe(row.wireType);
			expect(fieldOf(top, 'Subject')).toMatch(WRITTEN_SUBJECT);
			expect(fieldOf(top, 'Subject')?.startsWith(`${row.subject}=?`)).toBe(true);
			expect(fieldOf(top, 'X-Riferimento-Message-ID')).toBe(ANGLED);
			expect(fieldOf(top, 'Date')).toMatch(DATE);
			expect(fieldOf(top, 'Message-ID')).toMatch(RECEIPT_ID);
			expect(fieldOf(top, 'From')).toBe(`posta-certificata@${STYLES[issuer].domain}`);
			const service = `servizio-pec@${sender.split('@')[1]}`;
			expect(fieldOf(top, 'To')).toBe(row.to === 'sender' ? sender : service);
			expect(fieldOf(top, 'To')).toBe(mailbox);
			for (const [field, value] of more) {
				expect(fieldOf(top, field)).toBe(value.replace('{sender}', sender));
			}
		},
	);

	it.each(ENVELOPE_ROWS)(
		'has the fields of RFC 6109 $section and no others: $kind of $issuer',
		({ name, issuer, row }) => {
			const { top, original } = partsOf(gallery.raw(name));
			const inner = original?.children[0];
			const sender = elementOf(gallery.raw(name), 'mittente');
			const from = `"Per conto di: ${sender}" <posta-certificata@${STYLES[issuer].domain}>`;
			// RFC 6109 2.1: Sender, where it is written, says the same as From; real envelopes have none
			const senderField = issuer === 'beta' ? ['Sender'] : [];
			const cc = inner !== undefined && fieldOf(inner, 'Cc') !== undefined ? ['Cc'] : [];
			expect(top.fields.map(([field]) => field)).toEqual([
				...[...TRACE, 'Received', 'Subject', 'X-Riferimento-Message-ID', 'Date', 'Message-ID'],
				...['Reply-To', 'X-Trasporto', 'To', ...cc, 'From', ...senderField, 'X-Tiporicevuta'],
				...['MIME-Version', 'Content-Type'],
			]);
			expect(fieldOf(top, 'X-Trasporto')).toBe(row.wireType);
			expect(fieldOf(top, 'X-Tiporicevuta')).toBe(row.data.receipt);
			expect(fieldOf(top, 'Subject')?.startsWith(`${row.subject}=?`)).toBe(true);
			expect(fieldOf(top, 'X-Riferimento-Message-ID')).toBe(ANGLED);
			expect(fieldOf(top, 'Date')).toMatch(DATE);
			expect(fieldOf(top, 'Message-ID')).toBe(
				`<${elementOf(gallery.raw(name), 'identificativo')}>`,
			);
			expect(fieldOf(top, 'Reply-To')).toBe(sender);
			expect(fieldOf(top, 'From')).toBe(from);
			if (issuer === 'beta') expect(fieldOf(top, 'Sender')).toBe(from);
			expect(fieldOf(top, 'Return-Path')).toBe(`<${sender}>`);
			// inherited unmodified, RFC 6109 2.1.1.2
			for (const field of ['To', 'Cc']) {
				expect(fieldOf(top, field)).toBe(inner && fieldOf(inner, field));
			}
			const trace = top.fields.filter(([field]) => field === 'Received').map(([, value]) => value);
			expect(trace.slice(1)).toEqual([inner && fieldOf(inner, 'Received')]);
		},
	);

	it.each(ANOMALY_ROWS)(
		'has the fields of RFC 6109 3.2.2 and no others: $kind of $issuer',
		(each) => {
			const { top } = partsOf(gallery.raw(each.name));
			const from = `"Per conto di: t@example.com" <posta-certificata@${STYLES[each.issuer].domain}>`;
			expect(top.fields.slice(3, -1)).toEqual([
				['Subject', `${ANOMALY.subject}Offerta`],
				['Date', expect.stringMatching(DATE)],
				// of the mail that came, RFC 6109 3.2.2
				['Message-ID', '<o@e>'],
				['Reply-To', 't@example.com'],
				['X-Trasporto', ANOMALY.wireType],
				['To', 's'],
				['From', from],
				['MIME-Version', '1.0'],
			]);
		},
	);
});

it.each(SLIPS)('no message follows the slip of RFC 6109 $section, where $text', ({ never }) => {
	for (const { name } of EVERY) {
		const { top, text: plain } = partsOf(gallery.raw(name));
		const head = top.fields.map(([field, value]) => `${field}: ${value}\n`).join('');
		expect(
			`${head}${outlineOf(top).join('\n')}${plain === undefined ? '' : contentOf(plain).toString('latin1')}`,
		).not.toMatch(never);
	}
});

it('a message goes to one address where the table says one', () => {
	for (const { name } of RECEIPT_ROWS) {
		expect(fieldOf(readEntity(gallery.raw(name)), 'To')).toMatch(new RegExp(`^${ONE}$`));
	}
});
