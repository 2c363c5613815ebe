import { describe, expect, it } from 'vitest';
import { readPecMessage } from '../../nodes/pec/message.ts';
import { listCopy } from '../sandbox/pecPretenders.ts';
import {
	daticertPart,
	postacertPart,
	RECIPIENT,
	SENDER,
	TEXT_PART,
	TRUST,
	withLf,
	writeDaticert,
	writeEnvelope,
	writeMultipart,
	writeOrdinary,
	writeReceipt,
} from './pecWriter.ts';

const read = async (raw: Buffer) =>
	await readPecMessage(raw, { trust: TRUST, now: new Date('2026-03-01T00:00:00Z') });
const codes = async (raw: Buffer) => (await read(raw)).findings.map(({ code }) => code);

describe('a PEC sent on by a mailing list', () => {
	it.each([
		['CRLF', (raw: Buffer) => raw],
		['LF', withLf],
	])('is described, with what it holds: %s', async (_, ends) => {
		const message = await read(ends(listCopy(writeEnvelope(writeOrdinary()))));
		expect(message).toMatchObject({
			kind: 'transportEnvelope',
			consistent: false,
			verified: false,
			signature: { integrity: 'absent' },
			certification: { sender: SENDER },
			original: { subject: 'Avviso' },
		});
		expect(message.findings.map(({ code }) => code)).toEqual([
			'signatureMissing',
			'signatureOnInnerPart',
		]);
	});
});

describe('a PEC within another message', () => {
	const receipt = writeReceipt('avvenuta-consegna', { consegna: RECIPIENT });
	const returned = { headers: [['Content-Type', 'message/rfc822']] as const, body: receipt };

	it('is no receipt in the report of a mail server that could not deliver it', async () => {
		const status = {
			headers: [['Content-Type', 'message/delivery-status']] as const,
			body: 'a: b',
		};
		const message = await read(
			writeOrdinary(
				[['Content-Type', 'multipart/report; report-type=delivery-status; boundary=b']],
				writeMultipart('b', [TEXT_PART, status, returned]),
			),
		);
		expect(message.kind).toBe('deliveryStatus');
		expect(message).not.toHaveProperty('receipt');
		expect(message.original?.attachments[1]?.content.equals(receipt)).toBe(true);
	});

	it('is not taken for the original, where that bears its name', async () => {
		const original = writeOrdinary([['X-Mark', 'own']]);
		const daticert = daticertPart(writeDaticert({ tipo: 'posta-certificata' }));
		const raw = writeEnvelope(original, [TEXT_PART, returned, daticert, postacertPart(original)]);
		expect((await read(raw)).original?.raw.equals(original)).toBe(true);
		expect(await codes(raw)).toEqual([]);
	});
});

describe('a read receipt', () => {
	it('is ordinary mail', async () => {
		const raw = writeOrdinary(
			[['Content-Type', 'multipart/report; report-type=disposition-notification; boundary=b']],
			writeMultipart('b', [TEXT_PART]),
		);
		expect((await read(raw)).kind).toBe('ordinary');
	});
});

describe('REM evidence', () => {
	const evidence = '<!-- a --><ns:Evidence xmlns:ns="http://uri.etsi.org/19522/v1#"/>';

	it.each([
		[
			'as octets, by its name',
			'application/octet-stream; name=Evidence.XML',
			Buffer.from(evidence),
		],
		['in UTF-16', 'application/xml', Buffer.from(`\ufeff${evidence}`, 'utf16le')],
	])('is recognised %s', async (_, type, body) => {
		const part = { headers: [['Content-Type', type]] as const, body };
		const raw = writeOrdinary(
			[['Content-Type', 'multipart/mixed; boundary=b']],
			writeMultipart('b', [TEXT_PART, part]),
		);
		expect(await read(raw)).toMatchObject({ kind: 'rem', verified: false });
	});
});
