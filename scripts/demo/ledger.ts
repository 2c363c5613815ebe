import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Sandbox } from '../../sandbox/index.ts';

/** Hexadecimal. */
export function sha256Of(bytes: Uint8Array): string {
	return createHash('sha256').update(bytes).digest('hex');
}

export interface HeldMessage {
	readonly folder: string;
	readonly uid: number;
	readonly size: number;
	readonly sha256: string;
}

/** What the provider holds in some folders of a mailbox, read from the server's own store. */
export function messagesHeld(
	sandbox: Sandbox,
	address: string,
	folders: readonly string[],
): HeldMessage[] {
	const account = sandbox.store.account(address);
	return folders.flatMap((path) =>
		(account?.folder(path)?.messages ?? []).map(({ uid, raw }) => ({
			folder: path,
			uid,
			size: raw.length,
			sha256: sha256Of(raw),
		})),
	);
}

export interface ArchivedFile {
	readonly name: string;
	readonly size: number;
	readonly sha256: string;
}

/** The files that a workflow wrote. */
export function filesIn(folder: string): ArchivedFile[] {
	return readdirSync(folder).map((name) => {
		const bytes = readFileSync(join(folder, name));
		return { name, size: bytes.length, sha256: sha256Of(bytes) };
	});
}
