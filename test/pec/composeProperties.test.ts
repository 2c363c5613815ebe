import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import { describe, expect, it } from 'vitest';
import { composeMessage, encodeAttachment } from '../../nodes/pec/compose.ts';
import type { DraftAttachment, MessageDraft } from '../../nodes/pec/compose.ts';
import { sha256 } from '../sha256.ts';

const DRAFT: MessageDraft = {
	from: 'ufficio@pec.comune.example',
	to: ['rossi@pec.example'],
	cc: [],
	attachments: [],
	messageId: '<pec1.a.b.1@pec.comune.example>',
	date: new Date('2026-02-01T10:00:00Z'),
};

/** What a person types, and what tempts a writer of mail to take it for something else. */
const text = fc
	.array(
		fc.oneof(
			fc.string({ unit: 'grapheme', maxLength: 40 }),
			fc.constantFrom(
				'.',
				'From here',
				'--',
				'=E0',
				'città',
				' ',
				'x'.repeat(1200),
				'=?utf-8?q?a?=',
			),
		),
		{ maxLength: 8 },
	)
	.map((lines) => lines.map((line) => line.replace(/[\x00-\x1f\x7f-\x9f\ufeff]/g, '')).join('\n'));

const fileName = fc
	.oneof(
		fc.constantFrom(
			'città "1".pdf',
			`${'lungo '.repeat(30)}.p7m`,
			"l'atto; (2).xml",
			'100%.txt',
			'a*b',
		),
		fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
	)
	.map((name) => `x${name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|[/\\]|=\?/gu, '').trim()}x`);

const bytes = fc.oneof(
	fc.uint8Array({ maxLength: 400 }).map((content) => Buffer.from(content)),
	fc
		.constantFrom(
			'a\nb\r\nc\rd',
			'\r\n',
			'',
			'--x--\r\n',
			'.\r\n',
			'A: b\r\n\r\nx\r\n',
			'A: b\n\nx\n',
			'A: b\r\n\r\ncittà',
		)
		.map((content) => Buffer.from(content)),
);

const attachment: fc.Arbitrary<DraftAttachment> = fc.record({
	fileName,
	mimeType: fc.constantFrom(
		'application/pdf',
		'text/xml',
		'text/plain; charset=utf-8',
		'message/rfc822',
		'multipart/mixed',
	),
	content: bytes,
});

describe('what a mail program reads in a composed message', () => {
	it('is what went in: subject, text, HTML and every byte of every file', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.record({ subject: text, text, html: fc.option(text, { nil: undefined }) }),
				fc.array(attachment, { maxLength: 4 }),
				async (letter, attachments) => {
					// What looks like an encoded word (RFC 2047) is read as one.
					const subject = letter.subject.replace(/\s+/g, ' ').replaceAll('=?', '').trim();
					const raw = await composeMessage({ ...DRAFT, ...letter, subject, attachments });
					expect(raw.toString('latin1')).not.toMatch(/[^\r]\n|\r[^\n]/);
					const read = await simpleParser(raw, {
						skipImageLinks: true,
						skipHtmlToText: true,
						skipTextToHtml: true,
					});
					expect(read.subject ?? '').toBe(subject);
					// A text that is all of a message gets a line end where it has none.
					expect((read.text ?? '').replace(/\n$/, '')).toBe(letter.text.replace(/\n$/, ''));
					if (letter.html)
						expect(String(read.html).replace(/\n$/, '')).toBe(letter.html.replace(/\n$/, ''));
					expect(
						read.attachments.map(({ filename, content }) => [filename, content.toString('hex')]),
					).toEqual(attachments.map((file) => [file.fileName, file.content.toString('hex')]));
				},
			),
			{ numRuns: 150 },
		);
	});

	it('is the same whether an attachment was encoded before or is encoded now', async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(attachment, { maxLength: 3 }), async (attachments) => {
				const now = await composeMessage({ ...DRAFT, attachments });
				const before = attachments.map((file) => encodeAttachment(file));
				expect((await composeMessage({ ...DRAFT, attachments: before })).equals(now)).toBe(true);
				expect(before.map((file) => file.sha256)).toEqual(
					attachments.map(({ content }) => sha256(content)),
				);
			}),
			{ numRuns: 100 },
		);
	});
});
