import { expect, it } from 'vitest';

import type { ImapValue } from '../servers/imapResponse.ts';
import { fetched } from '../servers/lineClient.ts';
import { overEachServer } from './bench.ts';
import { expected } from './differences.ts';

const lines = (...all: string[]) => Buffer.from(all.join('\r\n'), 'latin1');

/** As a PEC receipt is built: signed, with the original message inside, inline. */
const RECEIPT = lines(
	'From: "Per conto di: a@pec.example" <posta-certificata@pec.example>',
	'To: studio@pec.example',
	'Subject: CONSEGNA: Prova',
	'Message-ID: <opec1@pec.example>',
	'MIME-Version: 1.0',
	'Content-Type: multipart/signed; protocol="application/x-pkcs7-signature"; micalg=sha-256; boundary="s"',
	'',
	'This is an S/MIME signed message',
	'',
	'--s',
	'Content-Type: multipart/mixed; boundary="m"',
	'',
	'--m',
	'Content-Type: text/plain; charset=iso-8859-1',
	'Content-Transfer-Encoding: quoted-printable',
	'',
	'Il messaggio =E8 stato consegnato.',
	'--m',
	'Content-Type: application/xml; name="daticert.xml"',
	'Content-Transfer-Encoding: base64',
	'Content-Disposition: inline; filename="daticert.xml"',
	'',
	'PHBvc3RhY2VydC8+',
	'--m',
	'Content-Type: message/rfc822; name="postacert.eml"',
	'Content-Disposition: inline; filename="postacert.eml"',
	'',
	'From: a@pec.example',
	'To: studio@pec.example',
	'Subject: Prova',
	'Message-ID: <originale@pec.example>',
	'MIME-Version: 1.0',
	'Content-Type: multipart/alternative; boundary="a"',
	'',
	'--a',
	'Content-Type: text/plain',
	'',
	'Ciao',
	'--a',
	'Content-Type: text/html; charset="utf-8"',
	'',
	'<p>Ciao</p>',
	'--a--',
	'',
	'--m--',
	'',
	'--s',
	'Content-Type: application/x-pkcs7-signature; name="smime.p7s"',
	'Content-Transfer-Encoding: base64',
	'Content-Disposition: attachment; filename="smime.p7s"',
	'',
	'AAAA',
	'--s--',
	'',
);

/** Type, encoding and size of every leaf by its part number; lower case, since that is what counts. */
function leaves(structure: ImapValue, number = ''): Array<readonly [string, ...string[]]> {
	if (!Array.isArray(structure)) return [];
	const [first] = structure;
	if (Array.isArray(first)) {
		const parts = structure.filter((each): each is readonly ImapValue[] => Array.isArray(each));
		const end = structure.findIndex((each) => !Array.isArray(each));
		return parts
			.slice(0, end)
			.flatMap((part, n) => leaves(part, number === '' ? `${n + 1}` : `${number}.${n + 1}`));
	}
	const [type, subtype, , , , encoding, size] = structure;
	const own = [number || '1', `${String(type)}/${String(subtype)}`, String(encoding), String(size)];
	const leaf = own.map((each) => each.toLowerCase()) as [string, ...string[]];
	if (leaf[1] !== 'message/rfc822') return [leaf];
	return [leaf, ...leaves(structure[8] ?? null, number)];
}

overEachServer('the structure of a message', (bench) => {
	async function rowOf(raw: Buffer, items: string): Promise<Map<string, ImapValue>> {
		const client = await bench.open();
		await client.ok(`EXAMINE ${await bench.folder([raw])}`);
		return fetched(await client.ok(`FETCH 1 (${items})`)).get(1) ?? new Map();
	}

	it('names every part of a receipt, those of the message inside too', async () => {
		const row = await rowOf(RECEIPT, 'BODYSTRUCTURE');
		expect(leaves(row.get('BODYSTRUCTURE') ?? null)).toEqual([
			['1.1', 'text/plain', 'quoted-printable', '34'],
			['1.2', 'application/xml', 'base64', '16'],
			['1.3', 'message/rfc822', '7bit', expect.any(String)],
			['1.3.1', 'text/plain', '7bit', '4'],
			['1.3.2', 'text/html', '7bit', '11'],
			['2', 'application/x-pkcs7-signature', 'base64', '4'],
		]);
	});

	it.each([
		['1.1', 'Il messaggio =E8 stato consegnato.'],
		['1.2', 'PHBvc3RhY2VydC8+'],
		[
			'1.2.MIME',
			'Content-Type: application/xml; name="daticert.xml"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: inline; filename="daticert.xml"\r\n\r\n',
		],
		['1.3.1', 'Ciao'],
		['1.3.2', '<p>Ciao</p>'],
		['1.3.HEADER.FIELDS (Subject)', 'Subject: Prova\r\n\r\n'],
		['2', 'AAAA'],
	])('gives each part its bytes: %s', async (section, wanted) => {
		const row = await rowOf(RECEIPT, `BODY.PEEK[${section}]`);
		expect([...row.values()]).toEqual([wanted]);
	});

	it('gives the message inside as a whole, its header and its text', async () => {
		const inside = RECEIPT.toString('latin1');
		const start = inside.indexOf('From: a@pec.example');
		const whole = inside.slice(start, inside.indexOf('\r\n--m--'));
		const row = await rowOf(RECEIPT, 'BODY.PEEK[1.3] BODY.PEEK[1.3.HEADER] BODY.PEEK[1.3.TEXT]');
		const end = whole.indexOf('\r\n\r\n') + 4;
		expect(row.get('BODY[1.3]')).toBe(whole);
		expect(row.get('BODY[1.3.HEADER]')).toBe(whole.slice(0, end));
		expect(row.get('BODY[1.3.TEXT]')).toBe(whole.slice(end));
	});

	it('has an envelope with groups, encoded words and defaults for absent senders', async () => {
		const row = await rowOf(
			lines(
				'Date: Sun, 01 Feb 2026 10:00:00 +0100',
				'From: "Rossi, Mario" <mario@pec.example>',
				'To: =?utf-8?Q?Citt=C3=A0?= <citta@pec.example>, solo@pec.example',
				'Cc: Amici: uno@pec.example, due@pec.example;',
				'Subject: =?utf-8?Q?perch=C3=A9?=',
				'In-Reply-To: <prima@pec.example>',
				'Message-ID: <questo@pec.example>',
				'',
				'x',
			),
			'ENVELOPE',
		);
		const mario = [['Rossi, Mario', null, 'mario', 'pec.example']];
		expect(row.get('ENVELOPE')).toEqual([
			'Sun, 01 Feb 2026 10:00:00 +0100',
			'=?utf-8?Q?perch=C3=A9?=',
			...[mario, mario, mario],
			[
				['=?utf-8?Q?Citt=C3=A0?=', null, 'citta', 'pec.example'],
				[null, null, 'solo', 'pec.example'],
			],
			[
				[null, null, 'Amici', null],
				[null, null, 'uno', 'pec.example'],
				[null, null, 'due', 'pec.example'],
				[null, null, null, null],
			],
			null,
			'<prima@pec.example>',
			'<questo@pec.example>',
		]);
	});

	it.each([
		[
			'a multipart without its boundary',
			'text/plain',
			['Content-Type: multipart/mixed', '', 'x', ''],
		],
		[
			'a multipart that is never closed',
			'text/plain',
			[
				'MIME-Version: 1.0',
				'Content-Type: multipart/mixed; boundary="b"',
				'',
				'--b',
				'Content-Type: text/plain',
				'',
				'uno',
				'',
			],
		],
		[
			'a multipart whose parts never come',
			'text/plain',
			['MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary="b"', '', 'x', ''],
		],
		[
			'a content type that is none',
			undefined,
			['MIME-Version: 1.0', 'Content-Type: chi lo sa', '', 'x', ''],
		],
	] as const)('is given also of %s', async (_, wanted, body) => {
		const row = await rowOf(lines('From: a@pec.example', 'Subject: x', ...body), 'BODYSTRUCTURE');
		const types = leaves(row.get('BODYSTRUCTURE') ?? null).map(([, type]) => type);
		expect(types.map((type) => (type === '/' ? 'of no type' : type))).toEqual([
			wanted ?? expected(bench.name, 'contentTypeThatIsNone'),
		]);
	});

	it('is what imapflow reads, file names included', async () => {
		const folder = await bench.folder([RECEIPT]);
		const flow = await bench.flow();
		await flow.mailboxOpen(JSON.parse(folder) as string);
		const one = await flow.fetchOne('1', { bodyStructure: true });
		const mixed = one ? one.bodyStructure?.childNodes?.[0]?.childNodes : undefined;
		expect(
			mixed?.map(({ part, type, dispositionParameters }) => [
				part,
				type,
				dispositionParameters?.filename,
			]),
		).toEqual([
			['1.1', 'text/plain', undefined],
			['1.2', 'application/xml', 'daticert.xml'],
			['1.3', 'message/rfc822', 'postacert.eml'],
		]);
	});
});
