import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { unzip } from '../pec/bagChecker.ts';
import { sha256 } from '../sha256.ts';
import { item, MailingDesk } from './mailingDesk.ts';
import { MailboxDesk, ONE, STUDIO, TWO, type MailboxOutput } from './mailboxDesk.ts';
import { itemWith, runPecSend } from './pecSend.ts';

interface About {
	readonly part: number;
	readonly parts: number;
	readonly complete: boolean;
	readonly file: { readonly fileName: string; readonly size: number };
	readonly folders: ReadonlyArray<{
		readonly folder: string;
		readonly recipient: string;
		readonly outcome?: string;
		readonly reason?: string;
		readonly complete: boolean;
		readonly missing: ReadonlyArray<{ readonly part: string }>;
	}>;
	readonly files: ReadonlyArray<{ readonly path: string; readonly role?: string }>;
}

const aboutOf = (output: MailboxOutput | undefined) =>
	output?.json.evidenceFile as unknown as About;
const zipOf = (output: MailboxOutput | undefined) =>
	output?.files.get('data')?.bytes ?? Buffer.alloc(0);

async function filesOf(output: MailboxOutput | undefined): Promise<Map<string, string>> {
	const files = await unzip(zipOf(output));
	return new Map([...files].map(([path, bytes]) => [path, bytes.toString('latin1')]));
}

/** By a program that nobody here wrote. */
function faultsByPython(zip: Buffer): string {
	const work = mkdtempSync(join(tmpdir(), 'pec-zip-'));
	try {
		writeFileSync(join(work, 'a.zip'), zip);
		const { stdout } = spawnSync('python3', ['-m', 'zipfile', '-t', join(work, 'a.zip')]);
		return String(stdout).trim();
	} finally {
		rmSync(work, { recursive: true });
	}
}

const HAS_PYTHON = spawnSync('python3', ['--version']).status === 0;

/** Rows for ten clients, and some that fail. */
function rowsOf(count: number): Array<{ pec: string; file: string }> {
	const others = ['nessuno@pec.beta.test', 'pieno@pec.beta.test', 'privato@example.test'];
	return Array.from({ length: count }, (_, index) => ({
		pec: others[index] ?? `cliente${String((index % 10) + 1).padStart(2, '0')}@pec.beta.test`,
		file: `P${index + 1}`,
	}));
}

async function sendMailing(desk: MailboxDesk, rows: ReturnType<typeof rowsOf>): Promise<void> {
	await new MailingDesk(desk.sandbox).run({
		parameters: { rowKey: '={{ $json.file }}', options: { connections: 5 } },
		items: rows.map((row) => item(row)),
	});
}

const OF_MAILING = { findBy: 'mailing', mailingName: 'Invio', recipient: '', rowKey: '' };

describe('the evidence file of a mailing', () => {
	it('has every receipt once, in parts that open by themselves and say which part they are', async () => {
		const desk = await MailboxDesk.open();
		const rows = rowsOf(200);
		await sendMailing(desk, rows);
		const now = new Date();
		vi.useFakeTimers({ toFake: ['Date'], now });
		onTestFinished(() => void vi.useRealTimers());
		const asked = { ...OF_MAILING, outputField: 'data', options: { splitAt: 5 } };
		const { outputs } = await desk.run('thread:buildFile', asked);
		const count = outputs.length;
		expect(count).toBeGreaterThan(3);
		const hashes: string[] = [];
		const folders: string[] = [];
		for (const [index, output] of outputs.entries()) {
			const about = aboutOf(output);
			expect([about.part, about.parts]).toEqual([index + 1, count]);
			expect(about.file.fileName).toBe(`fascicolo_Invio_${index + 1}-di-${count}.zip`);
			expect(about.file.size).toBeLessThan(5_000_000);
			const files = await unzip(zipOf(output));
			if (HAS_PYTHON) expect(faultsByPython(zipOf(output))).toBe('Done testing');
			const page = files.get('riepilogo.html')?.toString() ?? '';
			expect(page).toContain(`parte ${index + 1} di ${count}`);
			expect(page).toContain('200 (');
			for (const { folder, recipient } of about.folders) {
				expect(page).toContain(`<bdi>${folder}</bdi>`);
				expect(folder).toContain(recipient);
				const list = files.get(`${folder}/impronte-sha256.txt`) ?? Buffer.alloc(0);
				expect(page).toContain(sha256(list));
				for (const line of list.toString().trimEnd().split('\n')) {
					const [hash, path] = line.split('  ');
					expect(sha256(files.get(`${folder}/${path}`) ?? Buffer.alloc(0))).toBe(hash);
				}
				folders.push(folder);
			}
			for (const [path, bytes] of files) if (path.endsWith('.eml')) hashes.push(sha256(bytes));
		}
		expect(hashes.toSorted()).toEqual(desk.raws().map(sha256).toSorted());
		expect(folders).toHaveLength(rows.length);
		expect(folders.toSorted()).toEqual(rows.map(({ pec, file }) => `${pec}_${file}`).toSorted());
		const again = await desk.run('thread:buildFile', asked);
		expect(again.outputs.map((output) => sha256(zipOf(output)))).toEqual(
			outputs.map((output) => sha256(zipOf(output))),
		);
	}, 120_000);

	it('shows failures and what is pending as what they are', async () => {
		const desk = await MailboxDesk.open();
		const rows = rowsOf(4);
		await sendMailing(desk, rows);
		desk.sandbox.holdDeliveries();
		await sendMailing(desk, [...rows, { pec: TWO, file: 'attesa' }]);
		const { outputs } = await desk.run('thread:buildFile', { ...OF_MAILING, outputField: 'data' });
		const [output] = outputs;
		const about = aboutOf(output);
		expect(about.complete).toBe(false);
		const told = about.folders.map(({ folder, outcome, reason, complete }) => [
			folder,
			[outcome, reason, complete],
		]);
		expect(Object.fromEntries(told)).toEqual({
			'nessuno@pec.beta.test_P1': ['notDelivered', 'addressUnknown', true],
			'pieno@pec.beta.test_P2': ['notDelivered', 'mailboxFull', true],
			'privato@example.test_P3': ['notCertified', 'notCertified', true],
			'cliente04@pec.beta.test_P4': ['delivered', undefined, true],
			[`${TWO}_attesa`]: ['accepted', undefined, false],
		});
		const files = await filesOf(output);
		const pageOf = (folder: string) =>
			Buffer.from(files.get(`${folder}/riepilogo.html`) ?? '', 'latin1').toString();
		const summary = Buffer.from(files.get('riepilogo.html') ?? '', 'latin1').toString();
		for (const [folder, words] of [
			['nessuno@pec.beta.test_P1', 'Non consegnato (indirizzo inesistente)'],
			['pieno@pec.beta.test_P2', 'Non consegnato (casella piena)'],
			['privato@example.test_P3', 'E-mail ordinaria: nessuna ricevuta di consegna'],
			['cliente04@pec.beta.test_P4', 'Consegnato'],
			[`${TWO}_attesa`, 'Accettato, in attesa di consegna'],
		] as const) {
			expect(pageOf(folder)).toContain(`Esito: ${words}`);
			expect(summary).toContain(words);
		}
		expect(summary).toContain('l’esito della consegna');
	});

	it('has a folder also for a row that the server refused, of which there is no receipt', async () => {
		const desk = await MailboxDesk.open();
		desk.sandbox.faults.add({
			at: 'smtp.command',
			command: 'RCPT',
			action: { do: 'answer', reply: 550, text: '5.1.1 no' },
		});
		await sendMailing(desk, [{ pec: ONE, file: 'A' }]);
		const { outputs } = await desk.run('thread:buildFile', { ...OF_MAILING, outputField: 'data' });
		expect(aboutOf(outputs[0])).toMatchObject({
			complete: false,
			folders: [{ outcome: 'rejected', complete: false }],
			files: [],
		});
		expect((await filesOf(outputs[0])).get(`${ONE}_A/riepilogo.html`)).toContain(
			'Rifiutato dal server',
		);
	});
});

describe('an evidence file whose delivery receipt does not hold the message', () => {
	it.each<[content: string, copy: string, words: RegExp, complete: boolean]>([
		['brief', 'full', /ricevuta di consegna è breve.*inviato è in questa cartella/, true],
		['brief', 'withoutAttachments', /è breve.*senza allegati e non è il messaggio/, false],
		['brief', 'none', /è breve.*non è nella casella/, false],
		['concise', 'full', /è sintetica.*inviato è in questa cartella/, true],
		['concise', 'none', /è sintetica.*non è nella casella/, false],
	])(
		'(%s, sent copy %s) says that it takes the message',
		async (content, copy, words, complete) => {
			const desk = await MailboxDesk.open();
			const attached = Buffer.from('contenuto del file');
			const [sent] = await runPecSend(
				desk.sandbox,
				{ to: ONE, attachments: 'atto', options: { receiptContent: content, sentCopy: copy } },
				{ items: [itemWith({ atto: attached })] },
			);
			const messageId = sent?.json.messageId;
			const asked = { findBy: 'messageId', messageId, outputField: 'data' };
			const { outputs } = await desk.run('thread:buildFile', asked);
			const about = aboutOf(outputs[0]);
			const files = await unzip(zipOf(outputs[0]));
			const page = files.get(`${ONE}/riepilogo.html`)?.toString() ?? '';
			expect(page).toMatch(words);
			expect(about).toMatchObject({
				complete,
				folders: [{ outcome: 'delivered', missing: complete ? [] : [{ part: 'sentMessage' }] }],
			});
			expect(files.get(`${ONE}/allegati/atto.pdf`)).toEqual(complete ? attached : undefined);
			// Said by headers alone, it passed for the message: the sending was complete, and cleaned up as such.
			const { outputs: got } = await desk.run('thread:get', { findBy: 'messageId', messageId });
			expect(got[0]?.json.thread).toMatchObject({ complete });
			if (copy !== 'full') return;
			const [copied = Buffer.alloc(0)] = desk.raws('Inviata');
			expect(page).toContain(sha256(copied));
		},
	);

	it('takes attachments from the receipt where the copy only names them', async () => {
		const desk = await MailboxDesk.open();
		const attached = Buffer.from('contenuto del file');
		const [sent] = await runPecSend(
			desk.sandbox,
			{ to: ONE, attachments: 'atto', options: { sentCopy: 'withoutAttachments' } },
			{ items: [itemWith({ atto: attached })] },
		);
		const messageId = sent?.json.messageId;
		const asked = { findBy: 'messageId', messageId, outputField: 'data' };
		const { outputs } = await desk.run('thread:buildFile', asked);
		const files = await unzip(zipOf(outputs[0]));
		expect(files.get(`${ONE}/allegati/atto.pdf`)).toEqual(attached);
		expect([...files.keys()].filter((path) => path.endsWith('.txt'))).toEqual([
			`${ONE}/impronte-sha256.txt`,
		]);
		expect(aboutOf(outputs[0]).complete).toBe(true);
	});
});

it('has the mailbox’s own words in no tag of its pages', async () => {
	const desk = await MailboxDesk.open();
	const subject = 'Prova <script>alert(1)</script> & "altro"';
	const sent = await desk.sandbox.sendAs(STUDIO, { to: [ONE], subject, text: '' });
	await desk.sandbox.settled();
	const asked = { findBy: 'messageId', messageId: sent.messageId, outputField: 'data' };
	const { outputs } = await desk.run('thread:buildFile', asked);
	for (const [path, text] of await filesOf(outputs[0])) {
		if (path.endsWith('.html')) expect(text).not.toMatch(/<script|src=/i);
	}
});
