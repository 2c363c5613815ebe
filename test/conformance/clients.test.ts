import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';

import { start, type Sandbox } from '../../sandbox/index.ts';
import { mail } from '../servers/mails.ts';
import { STUDIO } from '../servers/mailServers.ts';

const PASSWORD = 'prova-alfa';
const MESSAGES = 210;

let sandbox: Sandbox;
let folder: string;

/** Where the program's own files and the sandbox's CA are. */
beforeEach(async () => {
	sandbox = await start();
	folder = await mkdtemp(join(tmpdir(), 'clients-'));
	await writeFile(join(folder, 'ca.pem'), sandbox.tlsCa);
	onTestFinished(async () => {
		await sandbox.stop();
		await rm(folder, { recursive: true, force: true });
	});
});

function isMissing(program: string): boolean {
	const folders = (process.env.PATH ?? '').split(delimiter);
	return !folders.some((each) => existsSync(join(each, program)));
}

async function run(
	program: string,
	args: readonly string[],
	input = '',
): Promise<{ code: number | null; stdout: Buffer; stderr: string }> {
	// No settings of the machine's user.
	const child = spawn(program, args, {
		cwd: folder,
		env: { PATH: process.env.PATH, HOME: folder },
	});
	const stdout: Buffer[] = [];
	const stderr: Buffer[] = [];
	child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
	child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
	child.stdin.end(input);
	const code = await new Promise<number | null>((resolve, reject) => {
		child.on('error', reject);
		child.on('close', resolve);
	});
	return { code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() };
}

const folderOf = (path: string) => sandbox.store.account(STUDIO)?.folder(path);
const rawIn = (path: string) => (folderOf(path)?.messages ?? []).map(({ raw }) => raw);

function deliver(count: number): void {
	for (let n = 1; n <= count; n += 1) {
		const raw = mail({ subject: `Messaggio ${n}`, body: `Testo ${n} \x80\xff\r\n\r\n.\r\nfine` });
		sandbox.store.account(STUDIO)?.deliver(raw, { folder: 'INBOX' });
	}
}

function suite(program: string, packageName: string): (title: string, test: () => void) => void {
	const missing = isMissing(program);
	const reason = missing ? ` (${program} is missing: apt-get install ${packageName})` : '';
	return (title, test) => describe.skipIf(missing)(`${title}${reason}`, test);
}

suite('mbsync', 'isync')('mbsync', () => {
	async function synchronise(): Promise<void> {
		const settings = join(folder, 'mbsyncrc');
		await writeFile(
			settings,
			`
IMAPStore far
Host localhost
Port ${sandbox.imap.port}
User ${STUDIO}
Pass ${PASSWORD}
SSLType IMAPS
CertificateFile ${folder}/ca.pem
SystemCertificates no

MaildirStore near
Path ${folder}/mail/
Inbox ${folder}/mail/INBOX

Channel all
Far :far:
Near :near:
Patterns INBOX Bozze
Create Both
Expunge Both
SyncState *
CopyArrivalDate yes
`,
			{ mode: 0o600 },
		);
		const { code, stderr } = await run('mbsync', ['-q', '-c', settings, '-a']);
		expect(stderr).toBe('');
		expect(code).toBe(0);
	}

	/** The files of a Maildir. */
	async function filesIn(path: string): Promise<Map<string, Buffer>> {
		const files = new Map<string, Buffer>();
		for (const part of ['new', 'cur']) {
			const parent = join(folder, 'mail', path, part);
			for (const name of await readdir(parent)) {
				files.set(join(parent, name), await readFile(join(parent, name)));
			}
		}
		return files;
	}

	/** Of the bytes, less what mbsync does to its copies: lines end in LF, and X-TUID marks what it wrote. */
	const digestOf = (raw: Buffer) =>
		createHash('sha256')
			.update(
				raw
					.toString('latin1')
					.replaceAll('\r\n', '\n')
					.replace(/^X-TUID: .*\n/m, ''),
				'latin1',
			)
			.digest('hex');

	it(`pulls ${MESSAGES} messages byte by byte, pushes one and carries a removal back`, async () => {
		deliver(MESSAGES);
		await mkdir(join(folder, 'mail'));
		await synchronise();
		const pulled = await filesIn('INBOX');
		expect([...pulled.values()].map(digestOf).sort()).toEqual(rawIn('INBOX').map(digestOf).sort());

		const draft = mail({ subject: 'Da mbsync', body: 'perch\xe9 \xff' });
		await writeFile(
			join(folder, 'mail', 'Bozze', 'cur', '1.1.here:2,DS'),
			draft.toString('latin1').replaceAll('\r\n', '\n'),
			'latin1',
		);
		const [first = ''] = pulled.keys();
		const removed = digestOf(pulled.get(first) ?? Buffer.alloc(0));
		await rm(first);
		await synchronise();
		expect(rawIn('Bozze').map(digestOf)).toEqual([digestOf(draft)]);
		expect(rawIn('Bozze')[0]?.includes('\r\n\r\nperch')).toBe(true);
		expect([...(folderOf('Bozze')?.messages[0]?.flags ?? [])].sort()).toEqual([
			'\\Draft',
			'\\Seen',
		]);
		expect(rawIn('INBOX')).toHaveLength(MESSAGES - 1);
		expect(rawIn('INBOX').map(digestOf)).not.toContain(removed);
	});
});

suite('python3', 'python3')("Python's imaplib", () => {
	it('signs in, lists, searches, fetches, stores, appends, copies and expunges', async () => {
		deliver(8);
		const script = join(import.meta.dirname, 'clients.py');
		const args = [script, 'localhost', String(sandbox.imap.port), join(folder, 'ca.pem'), STUDIO];
		const { code, stdout, stderr } = await run('python3', args, PASSWORD);
		expect(stderr).toBe('');
		expect(code).toBe(0);
		expect(JSON.parse(stdout.toString())).toEqual({
			folders: ['Archivio', 'Bozze', 'Cestino', 'INBOX', 'Inviata'],
			messages: 8,
			search: '7',
			first: rawIn('INBOX')[0]?.toString('latin1'),
			flags: expect.stringContaining('$Python'),
			appended: 'OK',
			back: true,
			copied: '"Cestino" (MESSAGES 1)',
			expunged: ['1'],
		});
	});
});

suite('curl', 'curl')('curl', () => {
	const curl = async (...args: string[]) =>
		await run('curl', [
			...['--silent', '--show-error', '--cacert', join(folder, 'ca.pem')],
			...['--user', `${STUDIO}:${PASSWORD}`, ...args],
		]);
	const imap = () => `imaps://localhost:${sandbox.imap.port}`;

	it('lists folders and fetches a message, the whole and its header', async () => {
		deliver(2);
		const listed = await curl(`${imap()}/`);
		expect(listed.stderr).toBe('');
		const names = listed.stdout.toString().match(/"[^"/]+"\r\n/g) ?? [];
		expect(names.map((each) => each.trim().replaceAll('"', '')).sort()).toEqual(
			['Archivio', 'Bozze', 'Cestino', 'INBOX', 'Inviata'].sort(),
		);
		const [, second] = rawIn('INBOX');
		expect((await curl(`${imap()}/INBOX;UID=2`)).stdout.equals(second ?? Buffer.alloc(0))).toBe(
			true,
		);
		const header = await curl(`${imap()}/INBOX;UID=2;SECTION=HEADER.FIELDS%20(SUBJECT)`);
		expect(header.stdout.toString()).toBe('Subject: Messaggio 2\r\n\r\n');
		const wrong = await run('curl', [
			'--silent',
			'--cacert',
			join(folder, 'ca.pem'),
			'--user',
			`${STUDIO}:no`,
			`${imap()}/`,
		]);
		expect(wrong.code).toBe(67);
	});

	it('submits a message by SMTPS, which arrives with its receipts', async () => {
		const recipient = 'cliente01@pec.beta.test';
		const file = join(folder, 'mail.eml');
		await writeFile(
			file,
			`From: ${STUDIO}\r\nTo: ${recipient}\r\nSubject: Da curl\r\nMessage-ID: <curl@pec.alfa.test>\r\nDate: Sun, 01 Feb 2026 10:00:00 +0000\r\n\r\nBuongiorno.\r\n`,
		);
		const { code, stderr } = await curl(
			...['--mail-from', STUDIO, '--mail-rcpt', recipient, '--upload-file', file],
			`smtps://localhost:${sandbox.smtp.port}`,
		);
		expect(stderr).toBe('');
		expect(code).toBe(0);
		await sandbox.settled();
		const arrived = rawIn('INBOX').map(
			(raw) => /^X-Ricevuta: (.*)\r$/m.exec(raw.toString('latin1'))?.[1],
		);
		expect(arrived).toEqual(['accettazione', 'avvenuta-consegna']);
		expect(sandbox.store.account(recipient)?.folder('INBOX')?.messages).toHaveLength(1);
	});
});
