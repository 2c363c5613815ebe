import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { readRules } from './faults/ruleCheck.ts';
import { CAPABILITY_NAMES } from './imap/capabilities.ts';
import type { FaultRule, SandboxOptions } from './index.ts';
import { OptionError } from './optionCheck.ts';
import { plainOptions, type PlainOptions } from './plainOptions.ts';

export const HELP = `A PEC provider on a desk: two providers, in memory, gone when it ends.

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
export class CliError extends Error {}

/** What the command was called with; rejects with a CliError. `json`: the file to write. */
export async function readCall(): Promise<'help' | { options: SandboxOptions; json?: string }> {
	const values = readArguments();
	if (values.help) return 'help';
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
	return { options, json: values.json };
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
