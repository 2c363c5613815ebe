import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import {
	contentOf,
	fieldOf,
	outlineOf,
	partsOf,
	readEntity,
	typeOf,
	type Entity,
} from './mimeShape.ts';
import {
	ATTACHED_MESSAGE,
	brief,
	ENCODED,
	file,
	filesIn,
	multipart,
	sha1,
	TEXT,
} from './pecBrief.ts';
import { message, PecDesk } from './pecDesk.ts';

let desk: PecDesk;

beforeAll(async () => {
	desk = await PecDesk.open();
});

beforeEach(() => desk.startOver());

afterAll(async () => await desk.sandbox.stop());

function leaves(entity: Entity): Entity[] {
	return entity.children.length === 0 ? [entity] : entity.children.flatMap(leaves);
}

describe('a brief receipt, RFC 6109 3.3.2.2', () => {
	it.each([
		[
			'a file name in Content-Disposition',
			file('application/pdf', 'attachment; filename="atto.pdf"'),
			'atto.pdf',
		],
		['a name in Content-Type alone', file('application/pdf; name="atto.pdf"'), 'atto.pdf'],
		[
			'an inline image with a name alone',
			file('image/png; name=logo.png', 'inline', { 'Content-ID': '<l@a>' }),
			'logo.png',
		],
		[
			'a name in RFC 2231',
			file('application/pdf', "attachment; filename*=utf-8''perch%C3%A9%20no.pdf"),
			'perché no.pdf',
		],
		[
			'a name in RFC 2231 continued',
			file(
				'application/pdf',
				'attachment; filename*0*=utf-8\'\'perch%C3%A9;\r\n filename*1=" no"; filename*2=.pdf',
			),
			'perché no.pdf',
		],
		['a name in RFC 2047', file('application/pdf; name="=?iso-8859-1?Q?perch=E9?="'), 'perché'],
		[
			'a name in bare UTF-8',
			file(Buffer.from('application/pdf; name="perché €.pdf"').toString('latin1')),
			'perché €.pdf',
		],
		[
			'a name of 250 letters beyond ASCII',
			file('application/pdf', `attachment; filename*=utf-8''${'%C3%A8'.repeat(250)}`),
			'è'.repeat(250),
		],
		[
			'a name of 900 letters',
			file(`application/pdf;\r\n name=${'a'.repeat(900)}`),
			'a'.repeat(900),
		],
		[
			'a name of letters beyond 16 bits',
			file('application/pdf', `attachment; filename*=utf-8''${'%F0%9F%93%84'.repeat(40)}`),
			'\u{1f4c4}'.repeat(40),
		],
		[
			'a name with quotation marks and a backslash',
			file('application/pdf', 'attachment; filename="a\\"b\\\\c.pdf"'),
			'a_b_c.pdf',
		],
	])('has the hash of the encoded bytes in place of %s', async (_, attached, name) => {
		const { receipt, postacert } = await brief(desk, ...multipart('mixed', 'b', [TEXT, attached]));
		expect(await filesIn(receipt)).toEqual([
			{ name: `${name}.hash`, type: 'text/plain', content: sha1(ENCODED) },
		]);
		// RFC 5322 2.1.1
		const lines = receipt.toString('latin1').split('\r\n');
		expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(998);
		expect(postacert.children.map((each) => contentOf(each).toString('latin1'))).toEqual([
			Buffer.from('ciao è\r\n', 'latin1').toString('latin1'),
			sha1(ENCODED),
		]);
	});

	it('has one hash for each of several files, at any depth, and all else to the byte', async () => {
		const related = multipart('related', 'r', [
			'Content-Type: text/html\r\n\r\n<img src="cid:l@a">',
			file('image/png; name=logo.png', 'inline', { 'Content-ID': '<l@a>' }),
		]);
		const plain = message({ 'Content-Type': 'text/csv; name=dati.csv' }, 'a;b\r\n1;2\r\n');
		const quoted = message(
			{
				'Content-Disposition': 'attachment; filename=nota.txt',
				'Content-Transfer-Encoding': 'quoted-printable',
			},
			'perch=E9=\r\n no',
		);
		const parts = [
			...[message({ 'Content-Type': related[0] }, related[1]), file('application/pdf; name=a.pdf')],
			...[plain, quoted, TEXT],
		];
		const { receipt, postacert, whole } = await brief(desk, ...multipart('mixed', 'b', parts));
		expect(await filesIn(receipt)).toEqual(
			[
				['logo.png.hash', ENCODED],
				['a.pdf.hash', ENCODED],
				// without base64: the bytes as they were sent
				['dati.csv.hash', 'a;b\r\n1;2\r\n'],
				['nota.txt.hash', 'perch=E9=\r\n no'],
			].map(([name, bytes = '']) => ({ name, type: 'text/plain', content: sha1(bytes) })),
		);
		// what is not replaced
		expect(postacert.fields).toEqual(whole.fields);
		expect(fieldOf(leaves(postacert)[1] ?? postacert, 'Content-ID')).toBe('<l@a>');
		const kept = (entity: Entity): string[] =>
			leaves(entity)
				.filter((each) => !/name/.test(outlineOf(each).join()))
				.map(({ body }) => body);
		expect(kept(postacert)).toEqual(kept(whole));
		expect(postacert.body.startsWith('preambolo\r\n--b\r\n')).toBe(true);
		expect(postacert.body.endsWith('\r\n--b--\r\nepilogo\r\n')).toBe(true);
	});

	it('has the hash of an attached message in its place, and none of what it holds', async () => {
		const attached = message(
			{ 'Content-Type': 'message/rfc822; name="inoltrato.eml"' },
			ATTACHED_MESSAGE,
		);
		const nameless = message({ 'Content-Type': 'message/rfc822' }, ATTACHED_MESSAGE);
		const { receipt } = await brief(desk, ...multipart('mixed', 'b', [TEXT, attached, nameless]));
		const content = sha1(ATTACHED_MESSAGE);
		expect(await filesIn(receipt)).toEqual([
			{ name: 'inoltrato.eml.hash', type: 'text/plain', content },
			{ name: 'message.hash', type: 'text/plain', content },
		]);
	});

	it('has the hash of a message in a digest, whose parts are messages without saying so', async () => {
		// RFC 2046 5.1.5
		const { receipt } = await brief(desk, ...multipart('digest', 'b', [`\r\n${ATTACHED_MESSAGE}`]));
		expect((await filesIn(receipt)).map(({ content }) => content)).toEqual([
			sha1(ATTACHED_MESSAGE),
		]);
	});

	it('replaces in the signed part of a multipart/signed and leaves its signature', async () => {
		const [type, body] = multipart('mixed', 'in', [TEXT, file('application/pdf; name=a.pdf')]);
		const signature = file(
			'application/pkcs7-signature; name="smime.p7s"',
			'attachment; filename="smime.p7s"',
		);
		const { postacert, whole } = await brief(
			desk,
			...multipart('signed; protocol="application/pkcs7-signature"; micalg=sha-256', 's', [
				message({ 'Content-Type': type }, body),
				signature,
			]),
		);
		const [, hash, p7s] = leaves(postacert);
		expect(hash?.body).toBe(sha1(ENCODED));
		expect(p7s).toEqual(whole.children[1]);
		expect(postacert.children.map(typeOf)).toEqual([
			'multipart/mixed',
			'application/pkcs7-signature',
		]);
	});

	it.each(['application/pkcs7-mime', 'application/x-pkcs7-mime'])(
		'has an opaque original in %s as it is',
		async (type) => {
			const fields = {
				'Content-Transfer-Encoding': 'base64',
				'Content-Disposition': 'attachment; filename=smime.p7m',
			};
			const { postacert, whole } = await brief(
				desk,
				`${type}; smime-type=signed-data; name="smime.p7m"`,
				`${ENCODED}\r\n`,
				fields,
			);
			expect(postacert).toEqual(whole);
		},
	);

	it('has an original without files as it is', async () => {
		const { postacert, whole } = await brief(desk, ...multipart('alternative', 'b', [TEXT, TEXT]));
		expect(postacert).toEqual(whole);
	});

	it('has the hash of an original that is a file and nothing else', async () => {
		const { receipt, postacert } = await brief(
			desk,
			'application/pdf; name=solo.pdf',
			`${ENCODED}\r\n`,
			{
				'Content-Transfer-Encoding': 'base64',
			},
		);
		expect(fieldOf(postacert, 'Subject')).toBe('Prova');
		expect(await filesIn(receipt)).toEqual([
			{ name: 'solo.pdf.hash', type: 'text/plain', content: `${sha1(`${ENCODED}\r\n`)}\r\n` },
		]);
	});
});

it('the shape of a message is read here as mailparser reads it', async () => {
	const { receipt } = await brief(
		desk,
		...multipart('mixed', 'b', [TEXT, file('application/pdf; name=a.pdf')]),
	);
	const { attachments } = await simpleParser(receipt, { ignoreEmbedded: true } as object);
	const { daticert, original, signature } = partsOf(receipt);
	for (const own of [daticert, original, signature]) {
		const theirs = attachments.find(
			({ contentType }) => own !== undefined && contentType === typeOf(own),
		);
		expect(theirs?.content.equals(own === undefined ? Buffer.of() : contentOf(own))).toBe(true);
	}
	expect(readEntity(receipt).children).toHaveLength(2);
});
