import { lstat, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CliError, HELP, readCall } from './cliCall.ts';
import { start, type Sandbox } from './index.ts';

try {
	await main();
} catch (error) {
	if (!(error instanceof CliError)) throw error;
	process.stderr.write(`${error.message}\n`);
	process.exitCode = 1;
}

async function main(): Promise<void> {
	const call = await readCall();
	if (call === 'help') {
		process.stdout.write(HELP);
		return;
	}
	// before anything exists that a signal would have to clean up
	const asked = signalled();
	const sandbox = await start(call.options).catch((error: unknown) => {
		throw startingError(error);
	});
	const leftovers: string[] = [];
	try {
		const folder = await mkdtemp(join(tmpdir(), 'pec-sandbox-'));
		leftovers.push(folder);
		const files = await writeCaFiles(sandbox, folder);
		if (call.json !== undefined) leftovers.push(...(await writeJson(call.json, sandbox, files)));
		process.stdout.write(summary(sandbox, files));
		await asked;
	} finally {
		await sandbox.stop();
		for (const path of leftovers) await rm(path, { recursive: true, force: true });
	}
}

function startingError(error: unknown): unknown {
	const { code, port } = (error ?? {}) as { code?: unknown; port?: unknown };
	if (code === 'EADDRINUSE')
		return new CliError(`Port ${String(port)} is in use by another program.`);
	if (code === 'EACCES') return new CliError(`Port ${String(port)} may not be used by this user.`);
	return error;
}

async function signalled(): Promise<void> {
	await new Promise<void>((resolve) => {
		process.once('SIGINT', () => resolve());
		process.once('SIGTERM', () => resolve());
	});
}

interface CaFiles {
	readonly ca: string;
	readonly pecCa: string;
}

async function writeCaFiles(sandbox: Sandbox, folder: string): Promise<CaFiles> {
	const files = { ca: join(folder, 'tls-ca.pem'), pecCa: join(folder, 'pec-ca.pem') };
	await writeFile(files.ca, sandbox.tlsCa);
	await writeFile(files.pecCa, sandbox.pecCa);
	return files;
}

/** Returns what has to be removed at the end: nothing when the path is no plain file. */
async function writeJson(path: string, sandbox: Sandbox, files: CaFiles): Promise<string[]> {
	const { imap, smtp, imapStartTls, smtpStartTls } = sandbox;
	const accounts = sandbox.accounts.map(({ address, user, password }) => ({
		address,
		user,
		password,
	}));
	const content = { imap, smtp, ...files, accounts, imapStartTls, smtpStartTls };
	const text = `${JSON.stringify(content)}\n`;
	const isPlain = await lstat(path).then(
		(found) => found.isFile(),
		() => true,
	);
	try {
		if (!isPlain) {
			await writeFile(path, text);
			return [];
		}
		// who waits for the file must never see half of it
		await writeFile(`${path}.part`, text, { mode: 0o600 });
		await rename(`${path}.part`, path);
		return [path];
	} catch {
		throw new CliError('The file given with --json cannot be written.');
	}
}

function summary(sandbox: Sandbox, files: CaFiles): string {
	const place = ({ host, port }: { host: string; port: number }): string => `${host}:${port}`;
	return [
		'The PEC sandbox is running.',
		'',
		`  IMAP, TLS        ${place(sandbox.imap)}`,
		`  IMAP, STARTTLS   ${place(sandbox.imapStartTls)}`,
		`  SMTP, TLS        ${place(sandbox.smtp)}`,
		`  SMTP, STARTTLS   ${place(sandbox.smtpStartTls)}`,
		'',
		`  CA of the connections   ${files.ca}`,
		`  CA of the signatures    ${files.pecCa}`,
		'',
		'  Account                       Password     Provider',
		...sandbox.accounts.map(
			({ address, password, provider }) =>
				`  ${address.padEnd(29)} ${password.padEnd(12)} ${provider}`,
		),
		'',
		'Ctrl+C ends it; nothing is left behind.',
		'',
	].join('\n');
}
