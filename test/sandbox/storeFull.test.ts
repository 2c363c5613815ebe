import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImapFlow } from 'imapflow';
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
/** The project's own: whatever runs the tests may be too old to run TypeScript. */
/** The one these tests run on: a machine that has it needs no other. */
const NODE = process.execPath;
const auth = { user: 'studio@pec.alfa.test', pass: 'prova-alfa' };

interface Address {
	readonly host: string;
	readonly port: number;
	readonly secure: boolean;
}

// A file that may not grow fails where a full disk does; no test can fill a disk.
describe.skipIf(process.platform === 'win32')('a disk that is full', () => {
	let folder: string;
	let sandbox: ChildProcess;
	let described: { readonly imap: Address; readonly smtp: Address; readonly ca: string };

	beforeAll(async () => {
		folder = mkdtempSync(join(tmpdir(), 'full-test-'));
		const json = join(folder, 'sandbox.json');
		// 2048 blocks, of 512 bytes or of 1024: 1 MiB or 2 MiB.
		sandbox = spawn(
			'sh',
			['-c', 'ulimit -f 2048 && exec "$@"', 'sh', NODE, 'sandbox/cli.ts', '--json', json],
			{ cwd: ROOT, env: { ...process.env, TMPDIR: folder }, stdio: ['ignore', 'pipe', 'inherit'] },
		);
		let printed = '';
		for await (const chunk of sandbox.stdout ?? []) {
			printed += String(chunk);
			if (printed.includes('Ctrl+C')) break;
		}
		described = JSON.parse(readFileSync(json, 'utf8'));
	});

	afterAll(async () => {
		sandbox.kill('SIGTERM');
		if (sandbox.exitCode === null) await once(sandbox, 'exit');
		rmSync(folder, { recursive: true, force: true });
	});

	function tls(): { ca: string } {
		return { ca: readFileSync(described.ca, 'utf8') };
	}

	async function client(): Promise<ImapFlow> {
		const flow = new ImapFlow({ ...described.imap, auth, tls: tls(), logger: false });
		onTestFinished(() => flow.close());
		await flow.connect();
		return flow;
	}

	function messageOf(size: number): Buffer {
		return Buffer.from(`Subject: grande\r\n\r\n${'x'.repeat(998)}\r\n`.padEnd(size, 'y'));
	}

	it('refuses an APPEND and stores nothing of it; a smaller one still fits', async () => {
		const flow = await client();
		await flow.mailboxOpen('Bozze');
		await expect(flow.append('Bozze', messageOf(5_000_000))).rejects.toMatchObject({
			serverResponseCode: 'OVERQUOTA',
			responseText: expect.stringContaining('disk'),
		});
		const before = await flow.status('Bozze', { messages: true, uidNext: true, size: true });
		expect(before).toMatchObject({ messages: 0, uidNext: 1, size: 0 });
		const fits = messageOf(900_000);
		await flow.append('Bozze', fits);
		const message = await flow.fetchOne('1', { source: true });
		if (message === false) throw new Error('no message');
		expect(message.source?.equals(fits)).toBe(true);
	});

	it('answers 452 to a submission and takes nothing of it over; a smaller one is taken', async () => {
		const transport = createTransport({ ...described.smtp, auth, tls: tls() });
		onTestFinished(() => transport.close());
		const mail = { from: auth.user, to: 'cliente01@pec.beta.test', subject: 'grande' };
		await expect(
			transport.sendMail({ ...mail, text: 'x\n'.repeat(2_500_000) }),
		).rejects.toMatchObject({ responseCode: 452 });
		const flow = await client();
		await flow.mailboxOpen('INBOX');
		expect(await flow.status('INBOX', { messages: true })).toMatchObject({ messages: 0 });
		const { response } = await transport.sendMail({ ...mail, text: 'ciao' });
		expect(response).toMatch(/^250 /);
	});
});
