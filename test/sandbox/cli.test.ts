import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
	existsSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { ImapFlow } from 'imapflow';
import { createTransport } from 'nodemailer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
/** The project's own: whatever runs the tests may be too old to run TypeScript. */
/** The one these tests run on: a machine that has it needs no other. */
const NODE = process.execPath;
const CLI = join(ROOT, 'sandbox/cli.ts');

let folder: string;
let child: ChildProcess | undefined;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'cli-test-'));
});

afterEach(() => {
	child?.kill('SIGKILL');
	child = undefined;
	rmSync(folder, { recursive: true, force: true });
});

/** Its temporary files go into a folder of the test. */
function run(...args: string[]): ChildProcess {
	child = spawn(NODE, [CLI, ...args], {
		env: { ...process.env, TMPDIR: folder, TEMP: folder, TMP: folder },
	});
	return child;
}

async function outcome(
	process: ChildProcess,
): Promise<{ code: unknown; out: string; err: string }> {
	if (process.stdout === null || process.stderr === null) throw new Error('no streams');
	const [[code], out, err] = await Promise.all([
		once(process, 'close'),
		text(process.stdout),
		text(process.stderr),
	]);
	return { code, out, err };
}

/** Everything it prints until it says how to end it. */
async function started(process: ChildProcess): Promise<string> {
	let printed = '';
	for await (const chunk of process.stdout ?? []) {
		printed += String(chunk);
		if (printed.includes('Ctrl+C')) break;
	}
	return printed;
}

interface Address {
	readonly host: string;
	readonly port: number;
	readonly secure: boolean;
}

interface Description {
	readonly imap: Address;
	readonly smtp: Address;
	readonly ca: string;
	readonly pecCa: string;
	readonly accounts: readonly { address: string; user: string; password: string }[];
}

describe('the sandbox as a command', () => {
	it.each(['SIGINT', 'SIGTERM'] as const)(
		'prints and writes what is needed, and leaves nothing behind after %s',
		async (signal) => {
			const json = join(folder, 'sandbox.json');
			const process = run('--json', json);
			const printed = await started(process);
			const described = JSON.parse(readFileSync(json, 'utf8')) as Description;
			expect(described).toEqual({
				imap: { host: '127.0.0.1', port: expect.any(Number), secure: true },
				smtp: { host: '127.0.0.1', port: expect.any(Number), secure: true },
				imapStartTls: { host: '127.0.0.1', port: expect.any(Number), secure: false },
				smtpStartTls: { host: '127.0.0.1', port: expect.any(Number), secure: false },
				ca: expect.stringContaining(folder),
				pecCa: expect.stringContaining(folder),
				accounts: expect.arrayContaining([
					{
						address: 'studio@pec.alfa.test',
						user: 'studio@pec.alfa.test',
						password: 'prova-alfa',
					},
				]),
			});
			for (const part of [described.ca, described.pecCa, `:${described.imap.port}`]) {
				expect(printed).toContain(part);
			}
			for (const { address } of described.accounts) expect(printed).toContain(address);
			expect(statSync(json).mode & 0o077).toBe(0);

			const ca = readFileSync(described.ca, 'utf8');
			const auth = { user: 'studio@pec.alfa.test', pass: 'prova-alfa' };
			const transport = createTransport({ ...described.smtp, auth, tls: { ca } });
			expect(await transport.verify()).toBe(true);
			transport.close();
			const client = new ImapFlow({ ...described.imap, auth, tls: { ca }, logger: false });
			await client.connect();
			await client.logout();

			process.kill(signal);
			const [code] = await once(process, 'close');
			expect(code).toBe(0);
			expect(readdirSync(folder)).toEqual([]);
		},
	);

	it('lacks what --without names', async () => {
		const json = join(folder, 'sandbox.json');
		await started(run('--json', json, '--without', 'MOVE', '--without', 'quota'));
		const described = JSON.parse(readFileSync(json, 'utf8')) as Description;
		const client = new ImapFlow({
			...described.imap,
			auth: { user: 'studio@pec.alfa.test', pass: 'prova-alfa' },
			tls: { ca: readFileSync(described.ca, 'utf8') },
			logger: false,
		});
		await client.connect();
		const has = ['MOVE', 'QUOTA', 'IDLE'].map((name) => client.capabilities.has(name));
		await client.logout();
		expect(has).toEqual([false, false, true]);
	});

	it('is started with the options of a file, of --set and of --acceptance-delay', async () => {
		const json = join(folder, 'sandbox.json');
		const config = join(folder, 'options.json');
		const written = {
			accounts: [
				{ address: 'uno@pec.alfa.test', password: 'prova' },
				{ address: 'due@pec.alfa.test', password: 'prova' },
			],
			limits: { messagesPerMinute: 5 },
		};
		writeFileSync(config, JSON.stringify(written));
		const delayed = ['--set', 'limits.messagesPerMinute=1', '--acceptance-delay', '0'];
		const process = run('--json', json, '--config', config, ...delayed);
		await started(process);
		const described = JSON.parse(readFileSync(json, 'utf8')) as Description;
		expect(described.accounts.map(({ address }) => address)).toEqual([
			'uno@pec.alfa.test',
			'due@pec.alfa.test',
		]);

		const tls = { ca: readFileSync(described.ca, 'utf8') };
		const auth = { user: 'uno@pec.alfa.test', pass: 'prova' };
		const client = new ImapFlow({ ...described.imap, auth, tls, logger: false });
		await client.connect();
		await client.mailboxOpen('INBOX');
		const receipt = once(client, 'exists');
		const transport = createTransport({ ...described.smtp, auth, tls });
		const mail = { from: auth.user, to: 'due@pec.alfa.test', subject: 'Prova', text: 'ciao' };
		await transport.sendMail(mail);
		// the clock of the command comes to the acceptance by itself
		await receipt;
		await expect(transport.sendMail(mail)).rejects.toMatchObject({ responseCode: 550 });
		transport.close();
		await client.logout();
		process.kill('SIGTERM');
		await once(process, 'close');
		rmSync(config);
	});

	it('says in one line which port is busy, with status 1', async () => {
		const busy = createServer().listen(0, '127.0.0.1');
		await once(busy, 'listening');
		const { port } = busy.address() as AddressInfo;
		const { code, out, err } = await outcome(run('--smtp-port', String(port)));
		busy.close();
		expect({ code, out, err }).toEqual({
			code: 1,
			out: '',
			err: `Port ${port} is in use by another program.\n`,
		});
		expect(readdirSync(folder)).toEqual([]);
	});

	it('strikes with the faults of a file, as often as they say', async () => {
		const [json, faults] = [join(folder, 'sandbox.json'), join(folder, 'faults.json')];
		writeFileSync(
			faults,
			JSON.stringify([
				{
					at: 'smtp.command',
					command: 'AUTH',
					action: { do: 'answer', reply: 454, text: '4.7.0 try later' },
				},
			]),
		);
		const process = run('--json', json, '--faults', faults);
		await started(process);
		const described = JSON.parse(readFileSync(json, 'utf8')) as Description;
		const transport = createTransport({
			...described.smtp,
			auth: { user: 'studio@pec.alfa.test', pass: 'prova-alfa' },
			tls: { ca: readFileSync(described.ca, 'utf8') },
		});
		await expect(transport.verify()).rejects.toMatchObject({ response: '454 4.7.0 try later' });
		expect(await transport.verify()).toBe(true);
		transport.close();
		process.kill('SIGTERM');
		expect((await once(process, 'close'))[0]).toBe(0);
	});

	it.each([
		['no JSON', '{', '--faults: this is no JSON'],
		[
			'a rule that is none',
			'[{ "at": "smtp.dot", "action": { "do": "drop" } }, { "at": "smtp.dot", "action": { "do": "hide" } }]',
			'--faults: rule 2: hide makes no sense at smtp.dot',
		],
		[
			'code',
			'[{ "at": "smtp.dot", "action": { "do": "call", "run": "exit" } }]',
			'--faults: rule 1: action: run is wrong',
		],
	])('refuses a file of faults with %s in one line, with status 1', async (_, content, words) => {
		const faults = join(folder, 'faults.json');
		writeFileSync(faults, content);
		const { code, err } = await outcome(run('--faults', faults));
		expect([code, err]).toEqual([1, `${words}\n`]);
		expect(readdirSync(folder)).toEqual(['faults.json']);
	});

	it.each([
		[['--imap-port', '99999'], '--imap-port takes a number from 0 to 65535'],
		[['--smtp-starttls-port', 'x'], '--smtp-starttls-port takes a number from 0 to 65535'],
		[['--without', 'MOVE', '--without', 'SMOVE'], '--without takes one of LITERAL+, '],
		[['--porta'], "Unknown option '--porta'"],
		[['--acceptance-delay', '-1'], "Option '--acceptance-delay' argument is ambiguous"],
		[['--acceptance-delay', '1m'], '--acceptance-delay takes a number of seconds'],
		[['--config', '/nowhere/at/all.json'], 'The file given with --config cannot be read.'],
		[['--config', CLI], 'The file given with --config is not JSON.'],
		[['--set', 'dialects.alfa.digest=md5'], 'dialects.alfa.digest is sha256 or sha1'],
		[['--faults', '/nowhere/at/all.json'], 'The file given with --faults cannot be read.'],
		[['--json', '/nowhere/at/all.json'], 'The file given with --json cannot be written.'],
	])('refuses %j in one line, with status 1', async (args, words) => {
		const { code, err } = await outcome(run(...args));
		expect(code).toBe(1);
		expect(err).toContain(words);
		expect(err.trim().split('\n')).toHaveLength(1);
		expect(readdirSync(folder)).toEqual([]);
	});

	it('explains itself and starts nothing', async () => {
		const { code, out } = await outcome(run('--help'));
		expect(code).toBe(0);
		for (const option of [
			'--imap-port',
			'--smtp-port',
			'--imap-starttls-port',
			'--without',
			'--json',
			'--config',
			'--set',
			'--faults',
		]) {
			expect(out).toContain(option);
		}
		expect(existsSync(join(folder, 'sandbox.json'))).toBe(false);
	});
});
