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

/** What a signature holds, as openssl prints it: the signer's certificate first, then the others. */
export function signatureOf(raw: Buffer): {
	readonly certificates: readonly string[];
	readonly signingTime: Date;
	/** As micalg names it. */
	readonly digest: 'sha-256' | 'sha1';
	/** Of the signer, by their names. */
	readonly extensions: Readonly<
		Record<string, { readonly critical: boolean; readonly value: string }>
	>;
} {
	const run = (args: readonly string[], input: Buffer | string): string =>
		spawnSync('openssl', args, { input, maxBuffer: 1e8 }).stdout.toString();
	const pkcs7 = run(['smime', '-pk7out'], raw);
	const pems = run(['pkcs7', '-print_certs'], pkcs7).match(
		/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g,
	);
	const printed = run(['cms', '-cmsout', '-print', '-noout'], raw);
	const time = /signingTime[\s\S]*?(?:UTCTIME|GENERALIZEDTIME):([^\n]+)/.exec(printed)?.[1] ?? '';
	const digest = /digestAlgorithms:\s+algorithm: (\w+)/.exec(printed)?.[1];
	const [signer = '', ...others] = pems ?? [];
	const text = run(['x509', '-noout', '-text'], signer);
	const found = text.matchAll(/^ {12}X509v3 ([^\n:]+): *(critical)?\n {16,}([^\n]*)/gm);
	return {
		certificates: [signer, ...others],
		signingTime: new Date(time),
		digest: digest === 'sha1' ? 'sha1' : 'sha-256',
		extensions: Object.fromEntries(
			[...found].map(([, name = '', critical, value = '']) => [
				name.trim(),
				{ critical: critical !== undefined, value },
			]),
		),
	};
}
