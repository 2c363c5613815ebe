import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
/** Only a desk may go without openssl. */
export const withoutOpenssl = !hasOpenssl && process.env['CI'] === undefined;

/** What openssl says of a signed message at a moment, and the entity it verified. */
export function verify(
	raw: Buffer,
	options: { readonly pecCa: string; readonly at: Date },
): { readonly said: string; readonly entity: Buffer } {
	const folder = mkdtempSync(join(tmpdir(), 'pec-test-'));
	try {
		const caFile = join(folder, 'ca.pem');
		writeFileSync(caFile, options.pecCa);
		const run = spawnSync(
			'openssl',
			// prettier-ignore
			['cms', '-verify', '-CAfile', caFile, '-purpose', 'smimesign',
				'-attime', String(Math.floor(options.at.getTime() / 1000))],
			{ input: raw },
		);
		return { said: run.stderr.toString(), entity: run.stdout };
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}
