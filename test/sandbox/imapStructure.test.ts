import { describe, expect, it } from 'vitest';
import { bodyStructureText, envelopeText } from '../../sandbox/imap/bodyStructure.ts';
import { parseMessage } from '../../sandbox/imap/mimeTree.ts';
import { startDesk } from './imapDesk.ts';

const DAY = 'Mon, 7 Feb 1994 21:52:25 -0800';

function envelope(...lines: string[]): string {
	const raw = Buffer.from([...lines, '', 'body'].join('\r\n'), 'latin1');
	return envelopeText(raw, parseMessage(raw));
}

function structure(extended: boolean, ...lines: string[]): string {
	const raw = Buffer.from(lines.join('\r\n'), 'latin1');
	return bodyStructureText(raw, parseMessage(raw), extended);
}

const PERSON = '(("Terry Gray" NIL "gray" "cac.example"))';

const ADDRESSES: readonly (readonly [written: string, expected: string])[] = [
	['gray@cac.example', '((NIL NIL "gray" "cac.example"))'],
	['Terry Gray <gray@cac.example>', PERSON],
	['"Terry Gray" <gray@cac.example>', PERSON],
	['gray@cac.example (Terry Gray)', PERSON],
	['Terry Gray <@relay.example,@b:gray@cac.example>', PERSON],
	['"Gray, \\"T\\"" <gray@cac.example>', '(("Gray, \\"T\\"" NIL "gray" "cac.example"))'],
	['"a b"@c.example', '((NIL NIL "a b" "c.example"))'],
	[
		'a@b.example, Per conto di: c@d.example <e@f.example>',
		'((NIL NIL "a" "b.example")(NIL NIL "Per conto di" NIL)("c@d.example" NIL "e" "f.example"))',
	],
	['undisclosed-recipients:;', '((NIL NIL "undisclosed-recipients" NIL)(NIL NIL NIL NIL))'],
	[
		'G: a@b.example, c@d.example;',
		'((NIL NIL "G" NIL)(NIL NIL "a" "b.example")(NIL NIL "c" "d.example")(NIL NIL NIL NIL))',
	],
	['postmaster', '((NIL NIL "postmaster" ""))'],
	['"open <a@b.example>', '((NIL NIL "open <a" "b.example>"))'],
	['<a@b.example', '((NIL NIL "a" "b.example"))'],
	['(only (a) comment', 'NIL'],
	[' , ,', 'NIL'],
];

describe('ENVELOPE', () => {
	it.each(ADDRESSES)('reads the addresses %s', (written, expected) => {
		expect(envelope(`To: ${written}`)).toBe(`(NIL NIL NIL NIL NIL ${expected} NIL NIL NIL NIL)`);
	});

	it('unfolds, keeps encoded words, and lets Sender and Reply-To default to From', () => {
		const text = envelope(
			`Date: ${DAY}`,
			'Subject: =?utf-8?q?citt=C3=A0?=',
			' two',
			'From: Terry Gray <gray@cac.example>',
			'Sender: ',
			'Message-ID: <B27397@cac.example>',
		);
		expect(text).toBe(
			`("${DAY}" "=?utf-8?q?citt=C3=A0?= two" ${PERSON} ${PERSON} ${PERSON} NIL NIL NIL NIL "<B27397@cac.example>")`,
		);
	});

	it('sends 8-bit text as a literal of its bytes', () => {
		expect(envelope('Subject: citt\xe0')).toContain('(NIL {5}\r\ncitt\xe0 NIL');
	});
});

describe('BODYSTRUCTURE', () => {
	it.each([
		[
			'a text without a type',
			['Subject: a', '', 'one', 'two', ''],
			'("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 10 2 NIL NIL NIL NIL)',
		],
		[
			'an attachment',
			[
				'Content-Type: APPLICATION/XML; name="dati cert.xml"; x=y',
				'Content-Disposition: Attachment; filename="dati cert.xml"',
				'Content-Transfer-Encoding: BASE64',
				'Content-ID: <a>',
				'',
				'PGE+',
			],
			'("application" "xml" ("name" "dati cert.xml" "x" "y") "<a>" NIL "base64" 4 NIL ("attachment" ("filename" "dati cert.xml")) NIL NIL)',
		],
		[
			'a message within',
			['Content-Type: message/rfc822', '', 'Subject: in', '', 'x'],
			'("message" "rfc822" NIL NIL NIL "7bit" 16 (NIL "in" NIL NIL NIL NIL NIL NIL NIL NIL) ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 1 0 NIL NIL NIL NIL) 2 NIL NIL NIL NIL)',
		],
		[
			'a multipart without parts',
			['Content-Type: multipart/mixed; boundary=b', '', 'no boundary'],
			'(("text" "plain" NIL NIL NIL "7bit" 0 0) "mixed" ("boundary" "b") NIL NIL NIL)',
		],
		[
			'a digest, whose parts are messages',
			['Content-Type: multipart/digest; boundary=b', '', '--b', '', 'Subject: s', '', 'x', '--b--'],
			'(("message" "rfc822" NIL NIL NIL "7bit" 15 (NIL "s" NIL NIL NIL NIL NIL NIL NIL NIL) ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 1 0 NIL NIL NIL NIL) 2 NIL NIL NIL NIL) "digest" ("boundary" "b") NIL NIL NIL)',
		],
		[
			'an unreadable type',
			['Content-Type: ;;=";', '', 'x'],
			'("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 1 0 NIL NIL NIL NIL)',
		],
	])('describes %s', (_, lines, expected) => {
		expect(structure(true, ...lines)).toBe(expected);
	});

	it('leaves the extension data out of BODY', () => {
		expect(structure(false, 'Content-Type: image/png', '', 'x')).toBe(
			'("image" "png" NIL NIL NIL "7bit" 1)',
		);
	});

	it('survives nesting without end and boundaries without number', () => {
		const deep = Array.from(
			{ length: 3000 },
			(_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`,
		).join('');
		expect(structure(true, deep)).toMatch(/^\({50}/);
		const wide = `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n'.repeat(20_000)}`;
		expect(structure(true, wide)).toContain('"mixed"');
	});

	it('is read by imapflow as it was meant', async () => {
		const desk = await startDesk();
		desk.account.deliver(
			Buffer.from(
				[
					'Content-Type: multipart/mixed; boundary=b',
					'',
					'--b',
					'',
					'text',
					'--b',
					'Content-Type: message/rfc822; name="postacert.eml"',
					'Content-Disposition: inline; filename="postacert.eml"',
					'',
					'Subject: inner',
					'',
					'x',
					'--b--',
				].join('\r\n'),
			),
		);
		const client = await desk.client();
		await client.mailboxOpen('INBOX');
		const message = await client.fetchOne('1', { bodyStructure: true });
		if (message === false) throw new Error('no message');
		const [text, postacert] = message.bodyStructure?.childNodes ?? [];
		expect(text).toMatchObject({ part: '1', type: 'text/plain' });
		expect(postacert).toMatchObject({
			part: '2',
			type: 'message/rfc822',
			disposition: 'inline',
			dispositionParameters: { filename: 'postacert.eml' },
			envelope: { subject: 'inner' },
		});
	});
});
