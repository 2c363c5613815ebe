/** OpenSSL as the judge of what nodes/pec says about signatures. */

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { withoutOpenssl } from '../sandbox/pecOpenssl.ts';

const run = promisify(execFile);

/** A desk may go without; CI may not. */
export const why = withoutOpenssl ? ' (skipped: openssl is not installed)' : '';

export interface Judged {
	readonly ok: boolean;
	readonly said: string;
}

/** A folder for the files OpenSSL reads; `close` removes it. */
export class Openssl {
	readonly #folder: string;
	#count = 0;

	private constructor(folder: string) {
		this.#folder = folder;
	}

	static async open(): Promise<Openssl> {
		return new Openssl(await mkdtemp(path.join(tmpdir(), 'pec-openssl-')));
	}

	async close(): Promise<void> {
		await rm(this.#folder, { recursive: true, force: true });
	}

	/** Whether the signers of this CMS signed the content; nothing of who they are. */
	async integrity(signature: Buffer, content: Buffer): Promise<Judged> {
		return await this.#cms(signature, content, ['-noverify']);
	}

	/** Whether they did, and a path leads to one of these CAs (PEM) at that moment. */
	async path(signature: Buffer, content: Buffer, cas: string, at: Date): Promise<Judged> {
		const caFile = await this.#file('ca', Buffer.from(cas));
		const attime = String(Math.floor(at.getTime() / 1000));
		// prettier-ignore
		const args = ['-CAfile', caFile, '-no-CApath', '-no-CAstore', '-partial_chain',
			'-purpose', 'smimesign', '-attime', attime];
		return await this.#cms(signature, content, args);
	}

	async #cms(signature: Buffer, content: Buffer, args: readonly string[]): Promise<Judged> {
		const files = [await this.#file('p7s', signature), await this.#file('content', content)];
		// prettier-ignore
		const all = ['cms', '-verify', '-binary', '-inform', 'DER', '-in', files[0] ?? '',
			'-content', files[1] ?? '', '-out', '/dev/null', ...args];
		try {
			const { stderr } = await run('openssl', all);
			return { ok: true, said: stderr };
		} catch (error) {
			const { stderr } = error as { stderr?: string };
			return { ok: false, said: stderr ?? String(error) };
		} finally {
			await Promise.all(files.map((file) => rm(file, { force: true })));
		}
	}

	async #file(name: string, bytes: Buffer): Promise<string> {
		this.#count += 1;
		const file = path.join(this.#folder, `${this.#count}.${name}`);
		await writeFile(file, bytes);
		return file;
	}
}
