import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import type { OutgoingMail, Sandbox } from '../../sandbox/index.ts';
import type { EditorRest } from '../../scripts/editor/rest.ts';
import { OPENSSH_MISSING, sshdPath, startOpenSsh } from '../servers/openssh.ts';
import { startOrdinaryMail } from '../servers/ordinaryMail.ts';
import { SWIFT_MISSING, startSwift, swiftPath } from '../servers/swift.ts';
import { removeTables, rowsOfTable } from './dataTables.ts';
import { importExample } from './examples.ts';
import { STUDIO, credentialFor, startSandbox } from './flows.ts';
import { useEditor } from './harness.ts';
import { s3Credential, sftpCredential } from './storages.ts';
import { idling } from './triggerDesk.ts';

const missing = [
	...(sshdPath() === undefined ? [OPENSSH_MISSING] : []),
	...(swiftPath() === undefined ? [SWIFT_MISSING] : []),
];

/** Of one run, on a machine that has other things to do. */
const LONGEST_MS = 150_000;

/** Of the SFTP server, in bytes. */
const LARGEST_FILE = 100_000;

const FLOW = 'inbound-registry';
const YEAR = new Date().getFullYear();
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

interface Row {
	readonly id: number;
	readonly numero: string | null;
	readonly oggetto: string;
	readonly mittente: string;
	readonly ricevuto: string;
	readonly allegati: number;
	readonly avvisato: string | null;
	readonly pecKey: string;
}

/** Runs of the flow that were started so (`trigger`, `retry`) and have ended. */
async function endedRuns(rest: EditorRest, id: string, mode: string, count: number) {
	const ended = async () =>
		(await rest.listExecutions(id)).filter((run) => run.mode === mode && run.stoppedAt);
	await expect
		.poll(async () => (await ended()).length, { timeout: LONGEST_MS, interval: 200 })
		.toBeGreaterThanOrEqual(count);
	return await ended();
}

async function setUp() {
	const { rest } = await useEditor();
	await removeTables(rest);
	const [sandbox, sftp, s3, mail] = await Promise.all([
		startSandbox(),
		startOpenSsh({ largestFile: LARGEST_FILE }),
		startSwift(),
		startOrdinaryMail(inject('trustedTls')),
	]);
	onTestFinished(async () => {
		await Promise.all([sftp.stop(), s3.stop(), mail.stop()]);
	});
	const credentials = {
		'PEC account': await rest.createCredential(credentialFor(sandbox)),
		'SFTP storage': await rest.createCredential(sftpCredential(sftp)),
		'S3 storage': await rest.createCredential(s3Credential(s3)),
		'Office mailbox (SMTP)': await rest.createCredential(mail.credential(`SMTP ${sftp.port}`)),
	};
	const folder = join(sftp.storage, 'protocollo');
	const part = await importExample(rest, `${FLOW}/register-message.json`, { credentials });
	await rest.activate(part);
	const id = await importExample(rest, `${FLOW}/workflow.json`, {
		credentials: {
			'PEC account': credentials['PEC account'],
			'Office mailbox (SMTP)': credentials['Office mailbox (SMTP)'],
		},
		settings: {
			registerSince: '2020-01-01',
			quietMinutes: 0,
			folder,
			bucket: s3.bucket,
			office: 'protocollo@studio.test',
			invoices: 'amministrazione@studio.test',
			checker: 'responsabile@studio.test',
			sender: 'n8n@studio.test',
		},
		workflows: { 'PEC example: register one message': part },
	});
	return { rest, sandbox, sftp, s3, mail, folder, id };
}

const receive = async (sandbox: Sandbox, mail: Partial<OutgoingMail> & { subject: string }) => {
	await sandbox.sendAs('cliente01@pec.beta.test', { to: [STUDIO], text: 'x', ...mail });
	await sandbox.settled();
};

/** As no provider would: the last message of the mailbox, its text changed after the seal was put on, as another message. */
function receiveBroken(sandbox: Sandbox): Buffer {
	const whole = inbox(sandbox).at(-1)?.raw.toString('latin1') ?? '';
	const broken = whole
		.replace(/^Message-ID: </im, 'Message-ID: <altered-')
		.replace('Buongiorno', 'Buonasera!');
	const raw = Buffer.from(broken, 'latin1');
	sandbox.deliverRaw(raw, STUDIO);
	return raw;
}

const inbox = (sandbox: Sandbox) => sandbox.store.account(STUDIO)?.folder('INBOX')?.messages ?? [];

/** Files below the folder, by path. */
function filesIn(folder: string): Map<string, Buffer> {
	if (!existsSync(folder)) return new Map();
	const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
	return new Map(
		paths
			.filter((path) => statSync(join(folder, path)).isFile())
			.map((path) => [path, readFileSync(join(folder, path))]),
	);
}

describe(`The flow inbound-registry${missing.length > 0 ? ` (${missing.join('; ')})` : ''}`, () => {
	it.skipIf(missing.length > 0)(
		'gives each message one number, stores it twice, tells one reader, and repeats nothing',
		async () => {
			const { rest, sandbox, sftp, s3, mail, folder, id } = await setUp();
			const REGISTER = `Registro PEC ${YEAR}`;

			// A night in which the storage takes nothing, and one in which it takes a part of what is large.
			await receive(sandbox, { subject: 'Prima' });
			const tooLarge = Buffer.alloc(2 * LARGEST_FILE, 'x');
			const attachments = [{ filename: 'grande.bin', content: tooLarge }];
			await receive(sandbox, { subject: 'Grande', attachments });
			chmodSync(sftp.storage, 0o500);
			await rest.runWorkflow(id, 'Every Night', LONGEST_MS);
			expect(mail.mails().map(({ subject }) => subject)).toEqual([
				'PEC: 2 messaggi non registrati',
			]);
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
			expect(partly?.subject).toBe('PEC: 1 messaggi non registrati');
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
			expect(
				mail.mails({ to: 'amministrazione@studio.test' }).map(({ subject }) => subject),
			).toEqual([`Registro SdI 0000001/${YEAR}: Fattura`]);
			const [, , toCheck, ...more] = mail.mails({ to: 'responsabile@studio.test' });
			expect(toCheck?.text).toMatch(/^ATTENZIONE: il sigillo del gestore non è valido/);
			expect(more).toEqual([]);

			// The night finds the large one alone, and a message whose run is repeated by hand finds what it has.
			const told = mail.mails().length;
			await rest.runWorkflow(id, 'Every Night', LONGEST_MS);
			await rest.request('POST', `/executions/${failed?.id}/retry`, { loadWorkflow: false });
			await endedRuns(rest, id, 'retry', 1);
			expect(mail.mails()).toHaveLength(told + 1);
			expect(mail.mails().at(-1)?.subject).toBe('PEC: 1 messaggi non registrati');
			const again = await Promise.all(
				tables.map(async (name) => await rowsOfTable<Row>(rest, name)),
			);
			const numbers = (all: typeof again) => all.map((rows) => rows.map(({ numero }) => numero));
			expect(numbers(again)).toEqual(numbers(registers));
		},
		2 * LONGEST_MS,
	);
});
