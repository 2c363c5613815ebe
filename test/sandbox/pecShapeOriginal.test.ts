import { createHash } from 'node:crypto';

import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { daticertOf, daticertShape, invalidDaticerts, withoutXmllint } from './daticertShape.ts';
import { fieldOf, partsOf } from './mimeShape.ts';
import { ANGLED, CLIENTE, PecDesk, STUDIO } from './pecDesk.ts';
import { NOW } from './pecGallery.ts';
import { verify, withoutOpenssl } from './pecOpenssl.ts';

const ALFA2 = 'alfa2@pec.alfa.test';
const HEAD = `From: ${STUDIO}\r\nTo: ${CLIENTE}, ${ALFA2}\r\n`;
const ID = `Message-ID: ${ANGLED}\r\n`;
const MIME = 'MIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-8859-1\r\n';
const EIGHT_BIT = `${MIME}Content-Transfer-Encoding: 8bit\r\n`;

/** Originals as bytes, and the transfer encoding that is true of them (RFC 2045 2.7 to 2.9). */
const ORIGINALS = [
	['a body in latin1', `${HEAD}${ID}Subject: a\r\n${EIGHT_BIT}\r\nperch\xe9 no\r\n`, '8bit'],
	['a header in latin1', `${HEAD}${ID}Subject: perch\xe9 no\r\n\r\nciao\r\n`, '8bit'],
	['a body in UTF-8', `${HEAD}${ID}Subject: a\r\n\r\nperch\xc3\xa9 \xe2\x82\xac\r\n`, '8bit'],
	['a line of 998 characters', `${HEAD}${ID}Subject: a\r\n\r\n${'x'.repeat(998)}\r\n`, '7bit'],
	['a line of 999 characters', `${HEAD}${ID}Subject: a\r\n\r\n${'x'.repeat(999)}\r\n`, 'binary'],
	[
		'binary lines of thousands',
		`${HEAD}${ID}Subject: a\r\n${MIME}\r\n${`${'\x01\xff\x80~'.repeat(3000)}\r\n`.repeat(3)}`,
		'binary',
	],
	['NUL bytes', `${HEAD}${ID}Subject: a\r\n\r\na\0b\0\r\n`, 'binary'],
	[
		'nothing of MIME',
		`${HEAD}${ID}Subject: a\r\nDate: oggi\r\n\r\nciao\r\n\r\n--\r\nfirma\r\n`,
		'7bit',
	],
	['neither subject nor Message-ID', `${HEAD}\r\nciao\r\n`, '7bit'],
	['no body', `${HEAD}${ID}Subject: a\r\n\r\n`, '7bit'],
	['a header alone', `${HEAD}${ID}Subject: a\r\n`, '7bit'],
	[
		'a boundary that never comes',
		`${HEAD}${ID}Content-Type: multipart/mixed; boundary=b\r\n\r\nciao\r\n`,
		'7bit',
	],
	[
		'empty lines and dots at its end',
		`${HEAD}${ID}Subject: a\r\n\r\n.\r\n..\r\n \r\n\r\n\r\n`,
		'7bit',
	],
] as const;

let desk: PecDesk;

beforeAll(async () => {
	desk = await PecDesk.open({ now: () => NOW });
});

beforeEach(() => desk.startOver());

afterAll(async () => await desk.sandbox.stop());

/** Envelope of one provider, receipts of both. */
async function written(raw: string): Promise<Buffer[]> {
	const envelope = { from: STUDIO, to: [CLIENTE, ALFA2] };
	await desk.send({ raw: Buffer.from(raw, 'latin1'), envelope });
	return [...desk.inbox(CLIENTE), ...desk.inbox(STUDIO).slice(1)];
}

/** postacert.eml by mailparser's reading. */
async function postacert(message: Buffer): Promise<string> {
	const { attachments } = await simpleParser(message, { ignoreEmbedded: true } as object);
	const found = attachments.find(({ filename }) => filename === 'postacert.eml');
	if (found === undefined) throw new Error('there is no original');
	return found.content.toString('latin1');
}

describe('postacert.eml in an envelope and in complete receipts of both providers', () => {
	it.each(ORIGINALS)('has every byte of an original with %s', async (_, raw) => {
		const messages = await written(raw);
		expect(messages).toHaveLength(3);
		const [submission] = desk.ofType('submission');
		const own = `Message-ID: <${submission?.providerId}>\r\n`;
		const additions = /^Received: from .*\r\n\t.*\r\n\t.*\r\n/;
		for (const message of messages) {
			const text = await postacert(message);
			expect(text).toMatch(additions);
			const before = text
				.replace(additions, '')
				.replace(`${own}X-Riferimento-Message-ID: ${ANGLED}\r\n`, ID)
				.replace(own, '');
			expect(before).toBe(raw.endsWith('\r\n') ? raw : `${raw}\r\n`);
			const sha256 = createHash('sha256').update(before, 'latin1').digest('hex');
			expect(sha256).toBe(submission?.sha256);
		}
	});

	it.each(ORIGINALS)('has a true transfer encoding for %s', async (_, raw, encoding) => {
		for (const message of await written(raw)) {
			const { original } = partsOf(message);
			expect(original && fieldOf(original, 'Content-Transfer-Encoding')).toBe(encoding);
		}
	});

	it.skipIf(withoutOpenssl).each(ORIGINALS)('verifies with openssl for %s', async (_, raw) => {
		for (const message of await written(raw)) {
			const { said } = verify(message, { pecCa: desk.sandbox.pecCa, at: NOW });
			expect(said).toContain('CMS Verification successful');
		}
	});

	it.skipIf(withoutXmllint).each(ORIGINALS)(
		'goes with valid certification data for %s',
		async (_, raw) => {
			const messages = await written(raw);
			expect(invalidDaticerts(messages.map(daticertOf))).toBe('');
		},
	);
});

it('what a client left out is left out: reference, msgid and subject', async () => {
	for (const message of await written(`${HEAD}\r\nciao\r\n`)) {
		const { top } = partsOf(message);
		expect(fieldOf(top, 'X-Riferimento-Message-ID')).toBeUndefined();
		expect(fieldOf(top, 'Subject')).toMatch(/^(?:POSTA CERTIFICATA|CONSEGNA):$/);
		const shape = daticertShape(daticertOf(message)).join('\n');
		expect(shape).not.toContain('msgid');
		expect(shape).not.toContain('oggetto');
	}
});

it('a subject of thousands of letters makes no line beyond 998 (RFC 5322 2.1.1)', async () => {
	const subject = `${'a'.repeat(3000)} fine`;
	for (const message of await written(`${HEAD}${ID}Subject: ${subject}\r\n\r\nciao\r\n`)) {
		const { subject: read } = await simpleParser(message, { ignoreEmbedded: true } as object);
		expect(read?.replace(/^[A-Z ]+: /, '')).toBe(subject);
		const [block = ''] = message.toString('latin1').split('\r\n\r\n');
		const longest = Math.max(...block.split('\r\n').map((line) => line.length));
		expect(longest).toBeLessThanOrEqual(998);
	}
});
