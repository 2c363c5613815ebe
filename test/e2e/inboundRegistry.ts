import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { sha256 } from '../sha256.ts';
import { rowsOfTable } from './dataTables.ts';
import { STUDIO } from './flows.ts';
import type { FlowEditor } from './harness.ts';
import {
	LARGEST_FILE,
	LONGEST_MS,
	YEAR,
	endedRuns,
	filesIn,
	inbox,
	openRegistry,
	receive,
	receiveBroken,
	type Row,
} from './registryDesk.ts';
import { idling } from './triggerDesk.ts';

/**
 * Letters come while the storage takes nothing, a part, and everything; one with a broken seal, one from the invoice exchange. Each has one
 * number, the same files in both storages and one reader.
 */
export async function registerOnce(editor: FlowEditor): Promise<void> {
	const { rest, sandbox, sftp, s3, mail, folder, id } = await openRegistry(editor);
	const REGISTER = `Registro PEC ${YEAR}`;

	// A night in which the storage takes nothing, and one in which it takes a part of what is large.
	await receive(sandbox, { subject: 'Prima' });
	const tooLarge = Buffer.alloc(2 * LARGEST_FILE, 'x');
	const attachments = [{ filename: 'grande.bin', content: tooLarge }];
	await receive(sandbox, { subject: 'Grande', attachments });
	chmodSync(sftp.storage, 0o500);
	await rest.runWorkflow(id, 'Every Night', LONGEST_MS);
	expect(mail.mails().map(({ subject }) => subject)).toEqual(['PEC: 2 messaggi non registrati']);
	expect(mail.mails({ to: 'responsabile@studio.test' })[0]?.text).toMatch(/permission denied/i);
	expect(await rowsOfTable<Row>(rest, REGISTER)).toMatchObject([
		{ id: 1, oggetto: 'Prima', avvisato: null },
		{ id: 2, oggetto: 'Grande', avvisato: null },
	]);
	chmodSync(sftp.storage, 0o700);
	await rest.runWorkflow(id, 'Every Night', LONGEST_MS);
	expect(mail.mails({ to: 'protocollo@studio.test' }).map(({ subject }) => subject)).toEqual([
		`Registro PEC 0000001/${YEAR}: Prima`,
	]);
	const partly = mail.mails({ to: 'responsabile@studio.test' })[1];
	expect(partly?.subject).toBe('PEC: 1 messaggio non registrato');
	expect(partly?.text).toMatch(/gave back other bytes .*0000002\/messaggio\.eml/);

	// As they come; the first run of the next one fails, and it is offered again.
	const idle = idling(sandbox);
	expect(await rest.activate(id)).toMatchObject({ status: 'published' });
	await idle.happened();
	idle.remove();
	const year = join(folder, 'pec', String(YEAR));
	chmodSync(year, 0o500);
	const content = Buffer.from('a;b\r\n1;2\r\n');
	await receive(sandbox, {
		subject: 'Documenti è',
		text: 'Buongiorno',
		attachments: [{ filename: '../elenco clienti.csv', content }],
	});
	const [failed] = await endedRuns(rest, id, 'trigger', 1);
	expect(failed).toMatchObject({ status: 'error' });
	chmodSync(year, 0o700);
	const broken = receiveBroken(sandbox);
	await receive(sandbox, {
		subject: 'Fattura',
		to: [STUDIO, 'sdi01@pec.fatturapa.it'],
		attachments: [{ filename: 'IT01234567890_00001.xml', content: Buffer.from('<x/>') }],
	});
	expect(
		(await endedRuns(rest, id, 'trigger', 4)).filter(({ status }) => status === 'error'),
	).toHaveLength(1);

	const tables = [REGISTER, `Registro SdI ${YEAR}`, `Da verificare ${YEAR}`];
	const registers = await Promise.all(
		tables.map(async (name) => await rowsOfTable<Row>(rest, name)),
	);
	const ROME = /^\d\d\/\d\d\/\d{4} \d\d:\d\d$/;
	const dated = {
		ricevuto: expect.stringMatching(ROME),
		avvisato: expect.stringMatching(ROME),
	};
	const from = { ...dated, mittente: 'cliente01@pec.beta.test' };
	expect(registers).toMatchObject([
		[
			{ ...from, numero: `0000001/${YEAR}`, oggetto: 'Prima', allegati: 0 },
			{ numero: null, avvisato: null, oggetto: 'Grande', allegati: 1 },
			{ ...from, numero: `0000003/${YEAR}`, oggetto: 'Documenti è', allegati: 1 },
		],
		[{ ...from, numero: `0000001/${YEAR}`, oggetto: 'Fattura', allegati: 1 }],
		[{ numero: `0000001/${YEAR}` }],
	]);

	const [first, , third, , fifth] = inbox(sandbox).map(({ raw }) => raw);
	const stored = filesIn(folder);
	const ofLarge = [...stored.keys()].filter((path) => path.startsWith(`pec/${YEAR}/0000002/`));
	for (const path of ofLarge) stored.delete(path);
	expect(ofLarge).toHaveLength(2);
	expect(new Map([...stored].map(([path, bytes]) => [path, sha256(bytes)]))).toEqual(
		new Map(
			[
				[`pec/${YEAR}/0000001/messaggio.eml`, first],
				[`pec/${YEAR}/0000003/messaggio.eml`, third],
				[`pec/${YEAR}/0000003/allegato-1-elenco_clienti.csv`, content],
				[`da-verificare/${YEAR}/0000001/messaggio.eml`, broken],
				[`da-verificare/${YEAR}/0000001/allegato-1-elenco_clienti.csv`, content],
				[`sdi/${YEAR}/0000001/messaggio.eml`, fifth],
				[`sdi/${YEAR}/0000001/allegato-1-IT01234567890_00001.xml`, Buffer.from('<x/>')],
			].map(([path, bytes]) => [path as string, sha256(bytes as Buffer)]),
		),
	);
	const inS3 = await s3.contents();
	const prefix = `${folder.slice(1)}/`;
	expect(new Map([...inS3].map(([key, bytes]) => [key.replace(prefix, ''), bytes]))).toEqual(
		stored,
	);

	expect(mail.mails({ to: 'protocollo@studio.test' })).toHaveLength(2);
	expect(mail.mails({ to: 'amministrazione@studio.test' }).map(({ subject }) => subject)).toEqual([
		`Registro SdI 0000001/${YEAR}: Fattura`,
	]);
	const [, , toCheck, ...more] = mail.mails({ to: 'responsabile@studio.test' });
	expect(toCheck?.text).toMatch(/^ATTENZIONE: il sigillo del gestore non è valido/);
	expect(more).toEqual([]);

	// The night finds the large one alone, and a message whose run is repeated by hand finds what it has.
	const told = mail.mails().length;
	await rest.runWorkflow(id, 'Every Night', LONGEST_MS);
	await rest.request('POST', `/executions/${failed?.id}/retry`, { loadWorkflow: false });
	await endedRuns(rest, id, 'retry', 1);
	expect(mail.mails()).toHaveLength(told + 1);
	expect(mail.mails().at(-1)?.subject).toBe('PEC: 1 messaggio non registrato');
	const again = await Promise.all(tables.map(async (name) => await rowsOfTable<Row>(rest, name)));
	const numbers = (all: typeof again) => all.map((rows) => rows.map(({ numero }) => numero));
	expect(numbers(again)).toEqual(numbers(registers));
}
