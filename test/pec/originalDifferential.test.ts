import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import MailComposer from 'nodemailer/lib/mail-composer';
import { describe, expect, it } from 'vitest';
import { readPecMessage } from '../../nodes/pec/message.ts';

const OPTIONS = { trust: { issuers: [] }, now: new Date('2026-03-01T00:00:00Z') };

/** Letters that mailers quote, escape, split or encode; none that a file name may not have (see `fileNameOf`). */
const LETTERS = [
	'a',
	'Z',
	'7',
	'.',
	'-',
	' ',
	"'",
	'"',
	';',
	'=',
	',',
	'(',
	')',
	'%',
	'?',
	'è',
	'€',
	'日',
	'😀',
];
const ENDINGS = ['.pdf', '.xml.p7m', '.eml', ''] as const;

const fileName = fc
	.tuple(
		fc.string({ unit: fc.constantFrom(...LETTERS), minLength: 1, maxLength: 60 }),
		fc.constantFrom(...ENDINGS),
	)
	.map(([stem, ending]) => `${stem.replace(/ +/g, ' ').trim()}x${ending}`);

const line = fc.string({ unit: fc.constantFrom(...LETTERS, 'From ', '\t'), maxLength: 120 });
const text = fc
	.array(line, { minLength: 1, maxLength: 8 })
	.map((lines) => `${lines.map((each) => each.trimEnd()).join('\n')}.`);

const attachment = fc.record({
	filename: fileName,
	content: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
	contentType: fc.constantFrom(
		'application/pdf',
		'application/pkcs7-mime',
		'application/xml',
		'image/png',
	),
});

const mail = fc.record({
	subject: text.map((words) => words.replace(/\s+/g, ' ').trim()),
	text,
	html: fc.option(
		text.map((words) => `<p>${words}</p>`),
		{ nil: undefined },
	),
	attachments: fc.array(attachment, { maxLength: 4 }),
	textEncoding: fc.constantFrom('quoted-printable' as const, 'base64' as const),
	newline: fc.constantFrom('\r\n', '\n'),
});

const written = async (options: object): Promise<Buffer> =>
	await new MailComposer({ from: 'a@b.example', to: 'c@d.example', ...options }).compile().build();

const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const trimmed = (words: string | undefined) => words?.replace(/\n+$/, '');

describe('an original written by one library and read by another', () => {
	it('has the same subject, texts and files', async () => {
		await fc.assert(
			fc.asyncProperty(mail, async (sent) => {
				const raw = await written(sent);
				const { original, kind } = await readPecMessage(raw, OPTIONS);
				const other = await simpleParser(raw, { skipTextToHtml: true, skipHtmlToText: true });
				expect(kind).toBe('ordinary');
				expect(original?.subject).toBe(sent.subject);
				expect(trimmed(original?.text)).toBe(sent.text);
				expect(trimmed(original?.text)).toBe(trimmed(other.text));
				expect(trimmed(original?.html)).toBe(sent.html);
				const files = sent.attachments.map(({ filename, content }) => [
					filename,
					content.length,
					digest(content),
				]);
				expect(
					original?.attachments.map(({ fileName: name, size, sha256 }) => [name, size, sha256]),
				).toEqual(files);
				expect(other.attachments.map(({ content }) => digest(content))).toEqual(
					files.map(([, , sha256]) => sha256),
				);
			}),
			{ numRuns: 200 },
		);
	});
});
