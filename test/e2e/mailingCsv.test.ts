import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPecMessage } from '../../nodes/pec/message.ts';
import type { BinaryReference, ExecutionData } from '../../scripts/editor/workflow.ts';
import { itemsOf } from '../../scripts/editor/workflow.ts';
import { writeZip } from '../pec/zipWriter.ts';
import type { NodeSpec } from './flows.ts';
import { useEditor } from './harness.ts';
import { actionsIn, openSendDesk, outcomesIn, SEND, type SendDesk } from './sendDesk.ts';

/** As Excel saves it in Italy: semicolons, Windows-1252. */
const CSV = Buffer.from(
	[
		'Società;PEC;Pratica;Importo;Bolletta',
		'Perù & Figli S.r.l.;cliente01@pec.beta.test;P1;"1.200,50";bolletta-1.pdf',
		'"Studio ""Città""; commercialisti";cliente02@pec.beta.test;P2;80,00;bolletta-2.pdf',
		'Lo stesso studio;cliente02@pec.beta.test;P3;95,10;bolletta-3.pdf',
		'Casella piena;pieno@pec.beta.test;P4;10,00;bolletta-4.pdf',
		'',
	].join('\r\n'),
	'latin1',
);

const bill = (number: number) => Buffer.from(`%PDF-1.4\nbolletta ${number}\n`);

const zipOf = (...numbers: readonly number[]) =>
	writeZip(numbers.map((number) => ({ name: `bolletta-${number}.pdf`, content: bill(number) })));

const ZIP = zipOf(1, 2, 3, 4);

/** The two files as a person keeps them on disk, brought into one item. */
async function filesFromDisk(zip = ZIP): Promise<NodeSpec[]> {
	const { dataFolder } = await useEditor();
	mkdirSync(dataFolder, { recursive: true });
	const folder = mkdtempSync(join(dataFolder, 'mailing-'));
	writeFileSync(join(folder, 'clienti.csv'), CSV);
	writeFileSync(join(folder, 'bollette.zip'), zip);
	return [
		{
			name: 'Disk',
			type: 'n8n-nodes-base.readWriteFile',
			typeVersion: 1.1,
			parameters: { operation: 'read', fileSelector: `${folder}/*`, options: {} },
		},
		{
			name: 'One Item',
			type: 'n8n-nodes-base.code',
			typeVersion: 2,
			parameters: {
				jsCode: `const fileOf = (ending) =>
	$input.all().map(({ binary }) => binary.data).find(({ fileName }) => fileName.endsWith(ending));
return [{ json: {}, binary: { data: fileOf('.csv'), zip: fileOf('.zip') } }];`,
			},
		},
	];
}

const FORM = {
	mailingName: 'Bollette marzo 2026',
	recipientsFrom: 'csv',
	csvField: 'data',
	rowKeyColumn: 'Pratica',
	subject: 'Bolletta della pratica [[Pratica]]',
	text: 'Spett.le [[Società]],\n\nin allegato la bolletta di € [[Importo]].',
	personalFilesFrom: 'zip',
	personalZip: 'zip',
	fileNamesColumn: 'Bolletta',
	options: {},
};

async function fileOf({ rest }: SendDesk, execution: ExecutionData, field: string) {
	const binary: BinaryReference | undefined = itemsOf(execution, SEND)[0]?.binary?.[field];
	const content = await rest.binaryData(binary?.id ?? '');
	return { fileName: binary?.fileName, text: content.toString('utf8') };
}

/** What the recipient has, by subject: each letter's text, and its attachments by name and content. */
async function lettersOf(desk: SendDesk, address: string) {
	const trust = { issuers: [desk.sandbox.pecCa] };
	const letters = desk.received(address).map(async (raw) => {
		const { original } = await readPecMessage(raw, { trust, now: new Date() });
		return {
			subject: original?.subject,
			text: original?.text?.replaceAll('\r\n', '\n').trim(),
			files: original?.attachments.map(({ fileName, content }) => [fileName, content]),
		};
	});
	return (await Promise.all(letters)).toSorted((one, other) =>
		(one.subject ?? '').localeCompare(other.subject ?? ''),
	);
}

describe('PEC Send: a mailing from a CSV with personal files in a ZIP', () => {
	it('is previewed, sent, followed to the last receipt, reported, and sends nothing when it is run again', async () => {
		const desk = await openSendDesk();
		const files = await filesFromDisk();

		const preview = await desk.run(...files, desk.mailing('preview', FORM));
		expect(preview.error).toBeUndefined();
		expect(outcomesIn(preview)).toMatchObject([
			{
				recipient: 'cliente01@pec.beta.test',
				rowKey: 'P1',
				action: 'planned',
				preview: {
					subject: 'Bolletta della pratica P1',
					text: 'Spett.le Perù & Figli S.r.l.,\n\nin allegato la bolletta di € 1.200,50.',
					attachments: [{ fileName: 'bolletta-1.pdf', size: bill(1).length }],
					problems: [],
				},
			},
			{
				rowKey: 'P2',
				preview: { text: expect.stringContaining('Studio "Città"; commercialisti,') },
			},
			{ recipient: 'cliente02@pec.beta.test', rowKey: 'P3', action: 'planned' },
			{ recipient: 'pieno@pec.beta.test', rowKey: 'P4', action: 'planned' },
		]);
		expect(desk.sent()).toEqual([]);

		const sent = await desk.run(...files, desk.mailing('send', FORM));
		expect(actionsIn(sent)).toEqual(['sent', 'sent', 'sent', 'sent']);
		expect(desk.sent()).toEqual([
			'cliente01@pec.beta.test',
			'cliente02@pec.beta.test',
			'cliente02@pec.beta.test',
			'pieno@pec.beta.test',
		]);

		const { mailingName } = FORM;
		const tracked = await desk.run(desk.mailing('track', { mailingName, waitMinutes: 1 }));
		expect(outcomesIn(tracked)).toMatchObject([
			{ rowKey: 'P1', state: 'delivered', final: true, verified: true },
			{ rowKey: 'P2', state: 'delivered', final: true, verified: true },
			{ rowKey: 'P3', state: 'delivered', final: true, verified: true },
			{ rowKey: 'P4', state: 'notDelivered', final: true, error: { reason: 'mailboxFull' } },
		]);
		expect(await lettersOf(desk, 'cliente02@pec.beta.test')).toEqual([
			{
				subject: 'Bolletta della pratica P2',
				text: 'Spett.le Studio "Città"; commercialisti,\n\nin allegato la bolletta di € 80,00.',
				files: [['bolletta-2.pdf', bill(2)]],
			},
			{
				subject: 'Bolletta della pratica P3',
				text: 'Spett.le Lo stesso studio,\n\nin allegato la bolletta di € 95,10.',
				files: [['bolletta-3.pdf', bill(3)]],
			},
		]);

		const report = await desk.run(desk.mailing('report', { mailingName, language: 'it' }));
		expect(outcomesIn(report)).toMatchObject([
			{ total: 4, counts: { delivered: 3, notDelivered: 1 }, final: true, verified: 4 },
		]);
		const html = await fileOf(desk, report, 'report');
		expect(html.fileName).toMatch(/^rapporto-\d{4}-\d\d-\d\d\.html$/);
		expect(html.text).toContain('Bollette marzo 2026');
		expect(html.text).toContain('pieno@pec.beta.test');
		const csv = await fileOf(desk, report, 'csv');
		expect(csv.fileName).toMatch(/^rapporto-\d{4}-\d\d-\d\d\.csv$/);
		expect(csv.text.trim().split('\r\n')).toHaveLength(5);
		expect(csv.text).toMatch(/cliente01@pec\.beta\.test;P1;/);

		const again = await desk.run(...files, desk.mailing('send', FORM));
		expect(actionsIn(again)).toEqual(['alreadySent', 'alreadySent', 'alreadySent', 'alreadySent']);
		expect(desk.sent()).toHaveLength(4);
	});

	it('sends the other rows when the ZIP lacks the file of one, and says whose it is and what to do', async () => {
		const desk = await openSendDesk();
		const files = await filesFromDisk(zipOf(1, 2, 4));
		const mailing = desk.mailing('send', FORM, { onError: 'continueErrorOutput' });
		const sent = await desk.run(...files, mailing);
		expect(outcomesIn(sent).map(({ rowKey, action }) => [rowKey, action])).toEqual([
			['P1', 'sent'],
			['P2', 'sent'],
			['P4', 'sent'],
		]);
		expect(itemsOf(sent, SEND, { output: 1 }).map(({ json }) => json)).toEqual([
			{
				error: expect.stringMatching(/no file "bolletta-3\.pdf" in the ZIP \(CSV row 4\)/),
				message: expect.stringContaining('bolletta-2.pdf'),
				details: { recipient: 'cliente02@pec.beta.test', rowKey: 'P3' },
			},
		]);
	});
});
