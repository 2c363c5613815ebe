import { lstat, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { readRules } from './faults/ruleCheck.ts';
import { CAPABILITY_NAMES } from './imap/capabilities.ts';
import { start, type FaultRule, type Sandbox } from './index.ts';
import { OptionError } from './optionCheck.ts';
import { plainOptions, type PlainOptions } from './plainOptions.ts';

const HELP = `A PEC provider on a desk: two providers, in memory, gone when it ends.

node sandbox/cli.ts [options]

  --imap-port N            IMAP over TLS (default: a free port)
  --smtp-port N            SMTP over TLS (default: a free port)
  --imap-starttls-port N   IMAP with STARTTLS (default: a free port)
  --smtp-starttls-port N   SMTP with STARTTLS (default: a free port)
  --without CAPABILITY     what the IMAP server is to lack, e.g. MOVE; may be repeated
  --acceptance-delay N     receipts of acceptance, and all that follows, come N seconds late
  --config FILE            options as JSON: accounts, dialects, limits, sizeLimit, tls, virusScan
  --set NAME=VALUE         one of them, after those of the file; may be given several times
  --faults FILE            what goes wrong: a JSON array of rules (docs/SANDBOX.md, Faults)
  --json FILE              also write ports, CA files and accounts to FILE
  --help                   this text

What --config and --set take is in docs/SANDBOX.md:

  --set dialects.alfa.digest=sha1        --set dialects.beta.delivery=never
  --set dialects.delivery.delayMs=60000  --set limits=legalmail
`;

const OPTIONS = {
	'imap-port': { type: 'string' },
	'smtp-port': { type: 'string' },
	'imap-starttls-port': { type: 'string' },
	'smtp-starttls-port': { type: 'string' },
	without: { type: 'string', multiple: true },
	'acceptance-delay': { type: 'string' },
	config: { type: 'string' },
	set: { type: 'string', multiple: true },
	faults: { type: 'string' },
	json: { type: 'string' },
	help: { type: 'boolean' },
} as const;

/** A fault of the call or of the machine, told in one line without a stack. */
class CliError extends Error {}

try {
	await main();
} catch (error) {
	if (!(error instanceof CliError)) throw error;
	process.stderr.write(`${error.message}\n`);
	process.exitCode = 1;
}

async function main(): Promise<void> {
	const values = readArguments();
	if (values.help) {
		process.stdout.write(HELP);
		return;
	}
	const ports = {
		imap: portNumber('imap-port', values['imap-port']),
		smtp: portNumber('smtp-port', values['smtp-port']),
		imapStartTls: portNumber('imap-starttls-port', values['imap-starttls-port']),
		smtpStartTls: portNumber('smtp-starttls-port', values['smtp-starttls-port']),
	};
	const options = {
		...(await readOptions(values)),
		ports,
		withoutCapabilities: capabilityNames(values.without),
		faults: values.faults === undefined ? [] : await faultRules(values.faults),
	};
	// before anything exists that a signal would have to clean up
	const asked = signalled();
	const sandbox = await start(options).catch((error: unknown) => {
		throw startingError(error);
	});
	const leftovers: string[] = [];
	try {
		const folder = await mkdtemp(join(tmpdir(), 'pec-sandbox-'));
		leftovers.push(folder);
		const files = await writeCaFiles(sandbox, folder);
		if (values.json !== undefined) {
			leftovers.push(...(await writeJson(values.json, sandbox, files)));
		}
		process.stdout.write(summary(sandbox, files));
		await asked;
	} finally {
		await sandbox.stop();
		for (const path of leftovers) await rm(path, { recursive: true, force: true });
	}
}

function readArguments(): ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'] {
	try {
		return parseArgs({ options: OPTIONS }).values;
	} catch (error) {
		// the parser's own advice may take lines more
		const [line] = (error instanceof Error ? error.message : String(error)).split('\n');
		throw new CliError(`${line} (see --help)`);
	}
}

async function readOptions(values: {
	config?: string;
	set?: string[];
	'acceptance-delay'?: string;
}): Promise<PlainOptions> {
	const { config, set = [], 'acceptance-delay': seconds } = values;
	if (seconds !== undefined && !/^\d{1,7}$/.test(seconds)) {
		throw new CliError('--acceptance-delay takes a number of seconds');
	}
	const delay =
		seconds === undefined ? [] : [`dialects.acceptance.delayMs=${Number(seconds) * 1000}`];
	try {
		return plainOptions(config === undefined ? {} : await readConfig(config), [...set, ...delay]);
	} catch (error) {
		throw error instanceof OptionError ? new CliError(`${error.message} (see --help)`) : error;
	}
}

async function readConfig(path: string): Promise<unknown> {
	const text = await readFile(path, 'utf8').catch(() => {
		throw new CliError('The file given with --config cannot be read.');
	});
	try {
		return JSON.parse(text);
	} catch {
		throw new CliError('The file given with --config is not JSON.');
	}
}

function portNumber(option: string, text: string | undefined): number | undefined {
	if (text === undefined) return undefined;
	if (!/^\d{1,5}$/.test(text) || Number(text) > 65535) {
		throw new CliError(`--${option} takes a number from 0 to 65535`);
	}
	return Number(text);
}

function capabilityNames(names: readonly string[] = []): readonly string[] {
	const known = new Set(CAPABILITY_NAMES);
	if (!names.every((name) => known.has(name.toUpperCase()))) {
		throw new CliError(`--without takes one of ${CAPABILITY_NAMES.join(', ')}`);
	}
	return names;
}

async function faultRules(path: string): Promise<FaultRule[]> {
	const text = await readFile(path, 'utf8').catch(() => {
		throw new CliError('The file given with --faults cannot be read.');
	});
	try {
		return readRules(text);
	} catch (error) {
		throw new CliError(`--faults: ${error instanceof Error ? error.message : String(error)}`);
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
