/** Signed files for these tests: by openssl, and by hand in every form that BER allows. Shares no code with nodes/. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

function openssl(args: readonly string[], input?: Buffer): Buffer {
	const run = spawnSync('openssl', args, { input, maxBuffer: 2 ** 30 });
	if (run.status !== 0) throw new Error(run.stderr.toString());
	return run.stdout;
}

export interface Signing {
	/** Common names of the signers. */
	readonly signers: readonly string[];
	readonly form?: readonly string[];
}

/** Signers by name, each with a certificate of its own making. `close` removes the folder. */
export class SigningDesk {
	private readonly folder = mkdtempSync(join(tmpdir(), 'pec-signed-'));
	private readonly files = new Map<string, string>();

	sign(content: Buffer, { signers, form = ['-outform', 'DER'] }: Signing): Buffer {
		const named = signers.flatMap((name) => ['-signer', this.fileOf(name)]);
		return openssl(['cms', '-sign', '-nodetach', '-binary', ...form, ...named], content);
	}

	signature(content: Buffer, signer: string): Buffer {
		return openssl(
			['cms', '-sign', '-binary', '-outform', 'DER', '-signer', this.fileOf(signer)],
			content,
		);
	}

	close(): void {
		rmSync(this.folder, { recursive: true, force: true });
	}

	private fileOf(name: string): string {
		const known = this.files.get(name);
		if (known !== undefined) return known;
		const file = join(this.folder, `${this.files.size}.pem`);
		// prettier-ignore
		const made = openssl(['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
			'-nodes', '-keyout', '-', '-utf8', '-subj', name === '' ? '/O=Ente' : `/O=Ente/CN=${name}`, '-days', '2']);
		writeFileSync(file, made);
		this.files.set(name, file);
		return file;
	}
}

export type LengthForm = 'definite' | 'long' | 'indefinite';

/** One BER value; `long` writes its length with leading zeros, as BER allows. */
export function ber(tag: number, content: Buffer, form: LengthForm = 'definite'): Buffer {
	if (form === 'indefinite') {
		return Buffer.concat([Buffer.from([tag, 0x80]), content, Buffer.from([0, 0])]);
	}
	if (form === 'definite' && content.length < 0x80) {
		return Buffer.concat([Buffer.from([tag, content.length]), content]);
	}
	const length = Buffer.alloc(6);
	length.writeUIntBE(content.length, 0, 6);
	let used = length;
	if (form === 'definite') used = length.subarray(length.findIndex((octet) => octet !== 0));
	return Buffer.concat([Buffer.from([tag, 0x80 + used.length]), used, content]);
}

const OID_SIGNED_DATA = Buffer.from('06092a864886f70d010702', 'hex');
const OID_DATA = Buffer.from('06092a864886f70d010701', 'hex');

/**
 * A signed file without signers (RFC 5652 5.1) round an OCTET STRING as it is given.
 * @param octets the encoded OCTET STRING; `undefined` leaves the content out
 */
export function writeSignedFile(
	octets: Buffer | undefined,
	form: LengthForm = 'definite',
	{ signerInfos = true } = {},
): Buffer {
	const signedData = [
		Buffer.from('020101', 'hex'),
		ber(0x31, Buffer.alloc(0), form),
		ber(0x30, Buffer.concat([OID_DATA, octets ? ber(0xa0, octets, form) : Buffer.alloc(0)]), form),
		signerInfos ? ber(0x31, Buffer.alloc(0), form) : Buffer.alloc(0),
	];
	const wrapped = ber(0xa0, ber(0x30, Buffer.concat(signedData), form), form);
	return ber(0x30, Buffer.concat([OID_SIGNED_DATA, wrapped]), form);
}
