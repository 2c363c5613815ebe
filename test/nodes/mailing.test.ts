import { describe, expect, it } from 'vitest';
import { MailingDesk, ONE, TWO, item, type MailingCase } from './mailingDesk.ts';
import { writeZip } from '../pec/zipWriter.ts';

type Parameters = MailingCase['parameters'];

const latin = (text: string) => Buffer.from(text, 'latin1');
const csv = (text: string, parameters: Parameters = {}): MailingCase => ({
	parameters: { recipientsFrom: 'csv', csvField: 'data', ...parameters },
	items: [item({}, { data: latin(text) })],
});
const list = (recipients: unknown, parameters: Parameters = {}): MailingCase => ({
	parameters: { recipientsFrom: 'list', recipients, ...parameters },
});
const items = (rows: ReadonlyArray<object>, parameters: Parameters = {}): MailingCase => ({
	parameters,
	items: rows.map((json) => item({ ...json })),
});

describe('recipients', () => {
	it('come from a CSV, each with its own values in subject and text', async () => {
		const desk = await MailingDesk.open();
		const done = await desk.run(
			csv(`Cognome;PEC;Pratica\r\nNiccol\xf2;${ONE};A/1\r\n[[PEC]];${TWO};A/2\r\n`, {
				subject: 'Pratica [[pratica]]',
				text: 'Gentile [[COGNOME]]',
				rowKeyColumn: 'Pratica',
			}),
		);
		expect(done.error).toBeUndefined();
		expect(done.json).toMatchObject([
			{ recipient: ONE, rowKey: 'A/1', action: 'sent' },
			{ recipient: TWO, rowKey: 'A/2', action: 'sent' },
		]);
		expect(done.sent).toEqual([ONE, TWO]);
		expect(desk.received(ONE).join()).toMatch(/Subject: Pratica A\/1.*Gentile Niccol=C3=B2/s);
		expect(desk.received(TWO).join()).toMatch(/Gentile \[\[PEC\]\]/);
	});

	it('come from a list, and none gets a second message when it is run again', async () => {
		const desk = await MailingDesk.open();
		const rows = list(`${ONE}\n${TWO}`, { text: 'A [[pec]]' });
		expect((await desk.run(rows)).sent).toEqual([ONE, TWO]);
		expect(desk.received(TWO).join()).toContain(`A ${TWO}`);
		const again = await desk.run(list([TWO, ONE.toUpperCase()], { text: 'Altro' }));
		expect(again.json.map(({ action }) => action)).toEqual(['alreadySent', 'alreadySent']);
		expect(again.sent).toEqual([]);
	});

	it('come out with the subject as it was sent to each, also when a later run has another', async () => {
		const desk = await MailingDesk.open();
		const rows = (subject: string) =>
			csv(`pec;Pratica\n${ONE};A/1\n${TWO};A/2\n`, { subject, rowKeyColumn: 'Pratica' });
		const first = await desk.run(rows('Pratica [[Pratica]]'));
		const again = await desk.run(rows('Altro [[Pratica]]'));
		for (const { json } of [first, again]) {
			expect(json.map(({ subject }) => subject)).toEqual(['Pratica A/1', 'Pratica A/2']);
		}
	});

	it('come out with what became of them first, and are counted above: the table showed names and keys alone', async () => {
		const desk = await MailingDesk.open();
		const rows = csv(`pec;Pratica\n${ONE};A/1\n${TWO};A/2\n`, { rowKeyColumn: 'Pratica' });
		const first = await desk.run(rows);
		for (const json of first.json) {
			expect(Object.keys(json).slice(0, 4)).toEqual(['recipient', 'rowKey', 'action', 'state']);
		}
		expect(first.hints).toContain('2 sent now.');
		expect((await desk.run(rows)).hints).toContain('2 sent already.');
	});

	it('are the same however they were listed', async () => {
		const desk = await MailingDesk.open();
		await desk.run(csv(`pec;chiave\n${ONE};k`, { rowKeyColumn: 'chiave' }));
		const again = await desk.run(items([{ pec: ONE, k: 'k' }], { rowKey: '={{ $json.k }}' }));
		expect(again.json).toMatchObject([{ action: 'alreadySent' }]);
	});
});

describe('a mailing that cannot be sent as it is', () => {
	const desk = MailingDesk.shared();

	it.each<[string, MailingCase, RegExp, RegExp]>([
		['an empty CSV', csv(''), /list of recipients is empty/, /./],
		['a header alone', csv('pec;nome\n'), /no row below/, /./],
		['a workbook', csv('PK\x03\x04'), /workbook, not a CSV/, /Save As/],
		['a PDF', csv('%PDF-1.7'), /is no CSV/, /Save As/],
		['no header', csv(`${ONE}\n`), /no names of columns/, /pec;nome/],
		['no column with addresses', csv('nome;via\na;b'), /cannot be told/, /nome, via/],
		[
			'a recipient column that is not there',
			csv(`pec\n${ONE}`, { options: { recipientColumn: 'PEC1' } }),
			/"PEC1"/,
			/columns there are: pec/,
		],
		[
			'a row key column that is not there',
			csv(`pec\n${ONE}`, { rowKeyColumn: 'Pratica' }),
			/Row Key Column is "Pratica"/,
			/pec/,
		],
		[
			'a placeholder that is no column',
			csv(`pec;nome\n${ONE};A`, { text: 'Gentile [[Cognome]]' }),
			/\[\[Cognome\]\].*nothing was sent/,
			/pec, nome/,
		],
		[
			'a placeholder in a list',
			list(ONE, { subject: '[[nome]]' }),
			/\[\[nome\]\]/,
			/columns there are: pec/,
		],
		['an empty list', list(' \n'), /Recipients is empty/, /one PEC address per line/],
		[
			'several items with a list',
			{ ...list(ONE), items: [item({}), item({})] },
			/2 items came in/,
			/Items when each item/,
		],
		[
			'the same address twice',
			csv(`pec\n${ONE}\n${TWO}\n${ONE.toUpperCase()}`),
			/CSV rows 2 and 4/,
			/Row Key/,
		],
		[
			'the same address twice, its domain in two spellings',
			list('a@città.it, b@b.it, a@xn--citt-3na.it'),
			/addresses 1 and 3 of the list/,
			/Row Key/,
		],
		[
			'a value of Recipients From that is none',
			items([{ pec: ONE }], { recipientsFrom: 'sheet' }),
			/none of its choices/,
			/items, list, csv/,
		],
		[
			'another mailing in the same run',
			items(
				[
					{ pec: ONE, m: 'A' },
					{ pec: TWO, m: 'B' },
				],
				{ mailingName: '={{ $json.m }}' },
			),
			/Item 1 names another mailing/,
			/./,
		],
	])('sends nothing on %s, and says so', async (_, given, message, whatToDo) => {
		const stopped = await desk().run(given);
		expect(stopped.error?.message).toMatch(message);
		expect(stopped.error?.description).toMatch(whatToDo);
		expect(stopped.error?.message).not.toContain('pec.beta.test');
		expect(stopped.sent).toEqual([]);
		const going = await desk().run({ ...given, continueOnFail: true });
		expect(going.json[0]?.error).toMatch(message);
		expect(going.sent).toEqual([]);
	});
});

const LONG = 'x'.repeat(10_000);

describe('one bad row', () => {
	const desk = MailingDesk.shared();

	it.each<[string, MailingCase, RegExp]>([
		[
			'a line break in its address',
			items([{ pec: ONE }, { pec: `${TWO}\r\nBcc: ${ONE}` }]),
			/line break.*\[item 1\]/,
		],
		['no address', items([{ pec: ONE }, {}]), /Recipient PEC is empty \[item 1\]/],
		[
			'an accent before the @',
			items([{ pec: ONE }, { pec: 'nicolò@pec.beta.test' }]),
			/accent.*\[item 1\]/,
		],
		[
			'a line break in its subject',
			items(
				[
					{ pec: ONE, s: 'A' },
					{ pec: TWO, s: 'A\r\nBcc: x@y.it' },
				],
				{ subject: '={{ $json.s }}' },
			),
			/subject contains a line break.*\[item 1\]/,
		],
		[
			'a value that is missing in the subject',
			items([{ pec: ONE, s: 'A' }, { pec: TWO }], { subject: '=Pratica {{ $json.s }}' }),
			/Subject has an empty value for this item: \{\{ \$json\.s \}\} \[item 1\]/,
		],
		[
			'a blank value in the text',
			items(
				[
					{ pec: ONE, n: 'A' },
					{ pec: TWO, n: ' ' },
				],
				{ text: '=Gentile {{ $json.n }}, {{ "a" }}' },
			),
			/Text has an empty value.*\[item 1\]/,
		],
		[
			'a value that is missing in the HTML',
			items(
				[
					{ pec: ONE, n: 'A' },
					{ pec: TWO, n: null },
				],
				{ options: { html: '=<p>{{ $json.n }}</p>' } },
			),
			/HTML has an empty value.*\[item 1\]/,
		],
		[
			'no row key where the others have one',
			items([{ pec: ONE, k: 'A' }, { pec: TWO }], { rowKey: '={{ $json.k }}' }),
			/Row Key has an empty value.*\[item 1\]/,
		],
		[
			'an empty cell that the letter uses',
			csv(`pec;nome\n${ONE};A\n${TWO};`, { text: '[[nome]]' }),
			/column nome is empty in this row \(CSV row 3\)/,
		],
		['a cell too few', csv(`pec;nome;via\n${ONE};A;1\n${TWO};B`), /has 2 cells.*3 \(CSV row 3\)/],
		[
			'a bad address in a CSV',
			csv(`pec;nome\n${ONE};A\nnessuno;B`),
			/no e-mail address.*\(CSV row 3\)/,
		],
		[
			'a bad address in a list',
			list([ONE, 'Rossi <a@b.it>']),
			/one address alone.*\(address 2 of the list\)/,
		],
	])('with %s: nothing is sent, or the others alone', async (name, given, message) => {
		const mailing = { ...given, parameters: { mailingName: name, ...given.parameters } };
		const stopped = await desk().run(mailing);
		expect(stopped.error?.message).toMatch(message);
		expect(stopped.sent).toEqual([]);
		const going = await desk().run({ ...mailing, continueOnFail: true });
		expect(going.sent).toEqual([ONE]);
		expect(going.json.filter(({ action }) => action === 'sent')).toHaveLength(1);
		expect(going.json.filter(({ error }) => message.test(String(error)))).toHaveLength(1);
	});

	it('is not the only one: the message says how many more there are', async () => {
		const stopped = await desk().run(csv('pec\nuno\ndue\ntre'));
		expect(stopped.error?.message).toMatch(/CSV row 2/);
		expect(stopped.error?.description).toMatch(/2 more rows have a problem: Preview/);
	});
});

it('tells of each row of a CSV when the run cannot begin, and does what is left in a new one', async () => {
	const desk = await MailingDesk.open();
	const fault = desk.sandbox.faults.add({
		at: 'imap.command',
		command: 'APPEND',
		times: 'always',
		action: { do: 'answer', status: 'NO', code: 'OVERQUOTA', text: 'full' },
	});
	const given = csv(`pec\n${ONE}\n${TWO}`);
	const going = await desk.run({ ...given, continueOnFail: true });
	expect(going.sent).toEqual([]);
	expect(going.json).toEqual([
		{
			error: expect.stringMatching(/CSV row 2/),
			message: expect.stringMatching(/Free space/),
			details: { recipient: ONE },
		},
		{
			error: expect.stringMatching(/CSV row 3/),
			message: expect.stringMatching(/Free space/),
			details: { recipient: TWO },
		},
	]);
	fault.remove();
	expect((await desk.run(given)).sent).toEqual([ONE, TWO]);
});

describe('letters that are odd, and may go out', () => {
	it('sends a subject of 10,000 characters, right-to-left names, and a domain beyond ASCII', async () => {
		const desk = await MailingDesk.open();
		const rows = items(
			[
				{ pec: ONE, n: LONG },
				{ pec: TWO, n: 'مريم \u202eabc' },
			],
			{ subject: '={{ $json.n }}' },
		);
		expect((await desk.run(rows)).json.map(({ action }) => action)).toEqual(['sent', 'sent']);
	});

	it('sends a letter with gaps when empty values are allowed', async () => {
		const desk = await MailingDesk.open();
		const options = { emptyValues: 'allow' };
		const done = await desk.run(items([{ pec: ONE }], { text: '=Gentile {{ $json.n }}', options }));
		expect(done.sent).toEqual([ONE]);
		const listed = await desk.run(csv(`pec;n\n${TWO};`, { text: 'A [[n]]', options }));
		expect(listed.sent).toEqual([TWO]);
	});

	it('says of a placeholder that no list fills that the letter goes out with it', async () => {
		const desk = await MailingDesk.open();
		const done = await desk.run(items([{ pec: ONE }], { text: 'Gentile [[Nome]]' }));
		expect(done.hints.join()).toMatch(/\[\[Nome\]\]/);
	});
});

describe('personal files', () => {
	const desk = MailingDesk.shared();
	const zip = writeZip([
		{ name: 'bollette/Rossi.pdf', content: 'R' },
		{ name: 'bollette/Verdi.pdf', content: 'V' },
		{ name: 'altre/verdi.pdf', content: 'v' },
	]);
	const withZip = (text: string, parameters: Parameters = {}): MailingCase => ({
		parameters: {
			recipientsFrom: 'csv',
			csvField: 'data',
			personalFilesFrom: 'zip',
			personalZip: 'zip',
			fileNamesColumn: 'file',
			...parameters,
		},
		items: [item({}, { data: latin(text), zip })],
	});

	it('come from a ZIP, by the names in a column', async () => {
		const desk = await MailingDesk.open();
		const done = await desk.run(
			withZip(`pec;file\n${ONE};rossi.PDF\n${TWO};"bollette/Verdi.pdf, Rossi.pdf"`),
		);
		expect(done.error).toBeUndefined();
		expect(done.sent).toEqual([ONE, TWO]);
		const [one, two] = [desk.received(ONE).join(), desk.received(TWO).join()];
		expect(one).toMatch(/application\/pdf.*Rossi\.pdf/s);
		expect(one).not.toContain('Verdi.pdf');
		expect(two).toMatch(/Verdi\.pdf.*Rossi\.pdf/s);
		expect(done.hints.join()).toMatch(/same personal file \(CSV rows 2 and 3\)/);
	});

	it('come from a ZIP of the first item, by an expression', async () => {
		const desk = await MailingDesk.open();
		const done = await desk.run({
			parameters: { personalFilesFrom: 'zip', personalZip: 'zip', fileNames: '={{ $json.f }}' },
			items: [
				item({ pec: ONE, f: 'Rossi.pdf' }, { zip }),
				item({ pec: TWO, f: 'bollette/Verdi.pdf' }),
			],
		});
		expect(done.json.map(({ action }) => action)).toEqual(['sent', 'sent']);
		expect(desk.received(TWO).join()).toContain('Verdi.pdf');
	});

	it.each<[string, string, RegExp, RegExp]>([
		[
			'is missing',
			'Rosi.pdf',
			/no file "Rosi\.pdf" in the ZIP \(CSV row 3\)/,
			/closest.*Rossi\.pdf/,
		],
		['is not told apart', 'VERDI.pdf', /several files.*\(CSV row 3\)/, /bollette\/Verdi\.pdf/],
		['has no name', '', /column file is empty in this row \(CSV row 3\)/, /./],
	])('stop the run when one %s, naming row and file', async (title, name, message, whatToDo) => {
		const given = withZip(`pec;file\n${ONE};Rossi.pdf\n${TWO};${name}`, { mailingName: title });
		const stopped = await desk().run(given);
		expect(stopped.error?.message).toMatch(message);
		expect(stopped.error?.description).toMatch(whatToDo);
		expect(stopped.sent).toEqual([]);
		expect((await desk().run({ ...given, continueOnFail: true })).sent).toEqual([ONE]);
	});

	it('stop the run when the ZIP is none', async () => {
		const given = withZip(`pec;file\n${ONE};Rossi.pdf`);
		const stopped = await desk().run({
			...given,
			items: [item({}, { data: latin(`pec;file\n${ONE};a`), zip: latin('no zip') })],
		});
		expect(stopped.error?.message).toMatch(/ZIP of personal files is damaged/);
		expect(stopped.sent).toEqual([]);
	});

	it('warn when two items carry the same file', async () => {
		const desk = await MailingDesk.open();
		const rows = [item({ pec: ONE }, { f: latin('x') }), item({ pec: TWO }, { f: latin('x') })];
		for (const row of rows) if (row.binary?.f) row.binary.f.id = 'filesystem:1';
		const done = await desk.run({ parameters: { personalAttachments: 'f' }, items: rows });
		expect(done.sent).toEqual([ONE, TWO]);
		expect(done.hints.join()).toMatch(/same personal file \(items 0 and 1\)/);
	});
});
