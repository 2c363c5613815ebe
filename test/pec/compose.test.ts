import { describe, expect, it } from 'vitest';
import { composeMessage, encodeAttachment } from '../../nodes/pec/compose.ts';
import type { MessageDraft } from '../../nodes/pec/compose.ts';
import { ComposeError } from '../../nodes/pec/errors.ts';
import { readPecMessage } from '../../nodes/pec/message.ts';

const DRAFT: MessageDraft = {
	from: 'ufficio@pec.comune.example',
	to: ['Rossi@pec.example'],
	cc: [],
	subject: 'Avviso TARI – città',
	text: 'Buongiorno,\nè un avviso.\n.\nFrom here\n',
	attachments: [],
	messageId: '<pec1.a.b.1@pec.comune.example>',
	date: new Date('2026-02-01T10:00:00Z'),
};
const read = async (draft: MessageDraft) => {
	const raw = await composeMessage(draft);
	return readPecMessage(raw, { trust: { issuers: [] }, now: DRAFT.date });
};

describe('composeMessage', () => {
	it('writes what was drafted', async () => {
		const draft = { ...DRAFT, cc: ['c@x.it'], replyTo: 'r@x.it', html: '<p>città</p>' };
		const { original, kind } = await read(draft);
		expect(kind).toBe('ordinary');
		expect(original).toMatchObject({
			from: { address: DRAFT.from },
			to: [{ address: 'rossi@pec.example' }],
			cc: [{ address: 'c@x.it' }],
			replyTo: [{ address: 'r@x.it' }],
			subject: DRAFT.subject,
			messageId: DRAFT.messageId,
			text: DRAFT.text,
			html: '<p>città</p>',
			date: 'Sun, 01 Feb 2026 10:00:00 +0000',
		});
	});

	it('keeps attachments byte by byte, with their names, text files too', async () => {
		const attachments = [
			{
				fileName: 'città "1".pdf',
				mimeType: 'application/pdf',
				content: Buffer.from([0, 13, 10, 255]),
			},
			{ fileName: 'fattura.xml', mimeType: 'text/xml', content: Buffer.from('<a>\n<b>\r\n') },
			{
				fileName: `${'lungo '.repeat(30)}.p7m`,
				mimeType: 'application/pkcs7-mime; smime-type=x',
				content: Buffer.alloc(0),
			},
			{
				fileName: 'ricevuta.eml',
				mimeType: 'message/rfc822',
				content: Buffer.from('A: b\r\n\r\nx\r\n'),
			},
		];
		const { original } = await read({ ...DRAFT, attachments });
		expect(
			original?.attachments.map(({ fileName, content }) => [fileName, content.toString('latin1')]),
		).toEqual(attachments.map(({ fileName, content }) => [fileName, content.toString('latin1')]));
		expect(original?.text).toBe(DRAFT.text);
	});

	it('ends every line in CRLF', async () => {
		const attachments = [
			{ fileName: 'a.eml', mimeType: 'message/rfc822', content: Buffer.from('A: b\n\nx\n') },
		];
		const raw = await composeMessage({ ...DRAFT, attachments });
		expect(raw.toString('latin1')).not.toMatch(/[^\r]\n|\r[^\n]/);
	});

	it.each([
		['7-bit lines in CRLF', 'A: b\r\n\r\nx\r\n', 'message/rfc822', '7bit'],
		['LF alone', 'A: b\n\nx\n', 'application/octet-stream', 'base64'],
		['8-bit text', 'A: b\r\n\r\ncittà\r\n', 'application/octet-stream', 'base64'],
		[
			'a line that is too long',
			`A: b\r\n\r\n${'x'.repeat(999)}`,
			'application/octet-stream',
			'base64',
		],
		['a NUL', 'A: b\r\n\r\n\0', 'application/octet-stream', 'base64'],
		['nothing', '', 'application/octet-stream', 'base64'],
	])('attaches a message of %s so that every byte arrives', async (_, text, mimeType, encoding) => {
		const content = Buffer.from(text);
		const file = { fileName: 'busta.eml', mimeType: 'message/rfc822', content };
		const encoded = encodeAttachment(file);
		expect(encoded.mimeType).toBe(mimeType);
		expect(encoded.part.toString()).toContain(`Content-Transfer-Encoding: ${encoding}\r\n`);
		const { original } = await read({ ...DRAFT, attachments: [encoded] });
		expect(original?.attachments).toMatchObject([{ fileName: 'busta.eml', mimeType }]);
		expect(original?.attachments[0]?.content.toString('hex')).toBe(content.toString('hex'));
	});

	it('sends a lone attachment without a text as an attachment', async () => {
		const file = { fileName: 'a.pdf', mimeType: 'application/pdf', content: Buffer.from('x') };
		const { original } = await read({ ...DRAFT, text: '', attachments: [file] });
		expect(original).toMatchObject({ subject: DRAFT.subject, text: '' });
		expect(original?.attachments).toMatchObject([{ fileName: 'a.pdf', size: 1 }]);
	});

	it('continues a thread', async () => {
		const references = Array.from({ length: 30 }, (_, at) => `<opec.${at}.20260201@pec.example>`);
		const inReplyTo = references.at(-1);
		expect((await read({ ...DRAFT, inReplyTo, references })).original).toMatchObject({
			inReplyTo,
			references,
		});
	});

	it('gives the same bytes for the same draft', async () => {
		const draft = {
			...DRAFT,
			html: '<p>x</p>',
			attachments: [{ fileName: 'a', mimeType: 'a/b', content: Buffer.from('x') }],
		};
		expect((await composeMessage(draft)).equals(await composeMessage({ ...draft }))).toBe(true);
	});

	it('cannot be given a part by who guesses the boundary of another text', async () => {
		const first = await composeMessage({ ...DRAFT, html: '<p>x</p>' });
		const boundary = /boundary="([^"]+)"/.exec(first.toString())?.[1];
		expect(boundary).toBeDefined();
		const text = `--${boundary}\r\nContent-Type: text/plain\r\n\r\nforged\r\n`;
		const second = await composeMessage({ ...DRAFT, html: '<p>x</p>', text });
		expect(second.toString()).not.toContain(`boundary="${boundary}"`);
	});

	it.each([
		[undefined, undefined],
		['complete', undefined],
		['brief', 'breve'],
		['concise', 'sintetica'],
	] as const)('asks for %s receipts with X-TipoRicevuta: %s', async (receiptContent, wire) => {
		const raw = (await composeMessage({ ...DRAFT, receiptContent })).toString();
		expect(/^X-TipoRicevuta: (.*)\r$/im.exec(raw)?.[1]).toBe(wire);
	});

	it('allows an empty subject and an empty text', async () => {
		const { original } = await read({ ...DRAFT, subject: '', text: undefined });
		expect(original?.subject ?? '').toBe('');
		expect(original?.text?.trim()).toBe('');
	});

	it.each<[string, Partial<MessageDraft>, string, string]>([
		['no To', { to: [] }, 'noRecipient', 'to'],
		['a blind copy', { bcc: ['b@x.it'] }, 'bccNotAllowed', 'bcc'],
		['a line break in the subject', { subject: 'a\r\nBcc: b@x.it' }, 'badHeader', 'subject'],
		['a bare CR in the subject', { subject: 'a\rb' }, 'badHeader', 'subject'],
		['a NUL in the subject', { subject: 'a\0b' }, 'badHeader', 'subject'],
		['a line break in To', { to: ['a@x.it', 'b@x.it\nc@x.it'] }, 'badAddress', 'to[1]'],
		['a display name', { to: ['Rossi <a@x.it>'] }, 'badAddress', 'to[0]'],
		['a list in Cc', { cc: ['a@x.it,b@x.it'] }, 'badAddress', 'cc[0]'],
		['a bad From', { from: 'nobody' }, 'badAddress', 'from'],
		['a bad Reply-To', { replyTo: 'a@x.it\r\nX: y' }, 'badAddress', 'replyTo'],
		['a bare Message-ID', { messageId: 'a@x' }, 'badHeader', 'messageId'],
		['a Message-ID with a line break', { messageId: '<a@x>\r\nX: y' }, 'badHeader', 'messageId'],
		['an answer to no Message-ID', { inReplyTo: 'a@x' }, 'badHeader', 'references'],
		[
			'a line break in a thread',
			{ references: ['<a@x>', '<a\r\nX: y>'] },
			'badHeader',
			'references',
		],
		['a date that is none', { date: new Date('x') }, 'badHeader', 'date'],
		[
			'a line break in a file name',
			{ attachments: [{ fileName: 'a\nb', mimeType: 'a/b', content: Buffer.alloc(0) }] },
			'badHeader',
			'attachments[0].fileName',
		],
		[
			'a line break in a MIME type',
			{ attachments: [{ fileName: 'a', mimeType: 'a/b\r\nX: y', content: Buffer.alloc(0) }] },
			'badHeader',
			'attachments[0].mimeType',
		],
		[
			'no MIME type',
			{ attachments: [{ fileName: 'a', mimeType: 'pdf', content: Buffer.alloc(0) }] },
			'badHeader',
			'attachments[0].mimeType',
		],
	])('refuses %s, saying where and not what', async (_, change, code, field) => {
		const refused = await composeMessage({ ...DRAFT, ...change }).catch((error: unknown) => error);
		expect(refused).toBeInstanceOf(ComposeError);
		expect(refused).toMatchObject({ code, field });
		expect((refused as Error).message).not.toMatch(/x\.it|Rossi|nobody/);
	});

	it('refuses what is larger than the provider takes, to one or to all together', async () => {
		const { length } = await composeMessage(DRAFT);
		await expect(composeMessage(DRAFT, { size: length })).resolves.toHaveLength(length);
		await expect(composeMessage(DRAFT, { size: length - 1 })).rejects.toMatchObject({
			code: 'tooLarge',
		});
		const copied = { ...DRAFT, cc: ['c@x.example'] };
		const twice = (await composeMessage(copied)).length * 2;
		await expect(composeMessage(copied, { sizeTimesRecipients: twice })).resolves.toBeDefined();
		await expect(composeMessage(copied, { sizeTimesRecipients: twice - 1 })).rejects.toMatchObject({
			code: 'tooLarge',
		});
	});

	it.each(['/etc/hostname', 'file:///etc/hostname', 'http://127.0.0.1/', 'data:text/plain,x'])(
		'takes a text that looks like a place for a text: %s',
		async (text) => {
			const { original } = await read({ ...DRAFT, text, html: text });
			expect(original).toMatchObject({ text, html: text });
		},
	);
});
