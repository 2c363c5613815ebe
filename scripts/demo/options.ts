import { parseArgs } from 'node:util';
import { SetUpFailure } from '../setUpFailure.mjs';

export interface DemoOptions {
	/** End when the demo has run, instead of staying until Ctrl+C. */
	readonly once: boolean;
	/** Where to write the demo's result as JSON. */
	readonly jsonFile?: string;
	/** The editor's; absent: 5678, or any free one where that is in use. */
	readonly port?: number;
	readonly help: boolean;
}

export const HELP = `npm start [-- <options>]

Starts n8n with these nodes and a PEC provider of its own on this machine, runs the demo and stays until Ctrl+C.
Nothing leaves this machine, and nothing stays on it but the downloaded programs.

  --once         end when the demo has run; the status is 0 when all went well
  --json FILE    write the demo's result to FILE
  --port N       the editor's port on 127.0.0.1 (default: 5678, or any free one)
  --help         show this`;

function parsePort(text: string): number {
	const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
	if (port < 1 || port > 65_535) {
		throw new SetUpFailure(`--port wants a number from 1 to 65535.\n\n${HELP}`);
	}
	return port;
}

/** Throws `SetUpFailure` for anything it does not know. */
export function parseDemoOptions(args: readonly string[]): DemoOptions {
	try {
		const { values } = parseArgs({
			args: [...args],
			options: {
				once: { type: 'boolean', default: false },
				json: { type: 'string' },
				port: { type: 'string' },
				help: { type: 'boolean', default: false },
			},
		});
		return {
			once: values.once,
			help: values.help,
			...(values.json === undefined ? {} : { jsonFile: values.json }),
			...(values.port === undefined ? {} : { port: parsePort(values.port) }),
		};
	} catch (error) {
		if (!(error instanceof TypeError)) throw error;
		throw new SetUpFailure(`${error.message}\n\n${HELP}`);
	}
}
