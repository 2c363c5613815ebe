import { randomBytes } from 'node:crypto';
import { closeSync, ftruncateSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StorageFullError } from './errors.ts';
import { FreeSpace } from './freeSpace.ts';
import type { Extent } from './freeSpace.ts';
import { heldBytes } from './messageBytes.ts';
import type { MessageBytes } from './messageBytes.ts';

/** Bytes up to which a message stays in memory; the messages of a desk are small, and a read costs a system call. */
export const SPOOL_THRESHOLD = 64 * 1024;

/** What a file system says when it takes no more; EFBIG is a limit of the process (`ulimit -f`). */
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/**
 * The large messages of a store, in one file of the system's temporary folder that has no name there, so that nothing
 * of it outlives the process however it ends. (Windows may insist on a name; then `close` removes it.)
 *
 * The place of a message is free once nothing can read it any more: no folder, no copy, and no IMAP session that has
 * not been told yet that the message is gone. The garbage collector knows when. Free places are used again, and the
 * file ends behind the last message.
 */
export class Spool {
	readonly #space = new FreeSpace();
	readonly #unread = new FinalizationRegistry<Extent>((extent) => this.#release(extent));
	#file: { readonly descriptor: number; readonly nameToRemove: string | undefined } | undefined;
	#closed = false;

	/** Bytes of the file. */
	get fileSize(): number {
		return this.#space.end;
	}

	/**
	 * Keeps a message: in memory up to SPOOL_THRESHOLD (the buffer itself, which must not be changed afterwards), in the
	 * file above, unless that is closed. Throws StorageFullError, having kept nothing.
	 */
	keep(raw: Buffer): MessageBytes {
		if (raw.length <= SPOOL_THRESHOLD || this.#closed) return heldBytes(raw);
		this.#file ??= openNameless();
		const { descriptor } = this.#file;
		const extent = this.#space.take(raw.length);
		try {
			writeAll(descriptor, raw, extent.start);
		} catch (error) {
			this.#release(extent);
			throw isFull(error) ? new StorageFullError({ cause: error }) : error;
		}
		const bytes: MessageBytes = {
			size: raw.length,
			slice: (start, end) => this.#read(extent, start, end),
		};
		this.#unread.register(bytes, extent);
		return bytes;
	}

	/** Drops the file; what lay in it cannot be read any more. */
	close(): void {
		this.#closed = true;
		if (this.#file === undefined) return;
		const { descriptor, nameToRemove } = this.#file;
		this.#file = undefined;
		closeSync(descriptor);
		if (nameToRemove !== undefined) unlinkSync(nameToRemove);
	}

	#read(extent: Extent, start: number, end: number): Buffer {
		const from = Math.min(extent.start + start, extent.end);
		const to = Math.min(extent.start + end, extent.end);
		const bytes = Buffer.allocUnsafeSlow(Math.max(0, to - from));
		if (this.#file === undefined) throw new Error('the store is closed');
		for (let done = 0; done < bytes.length;) {
			const read = readSync(this.#file.descriptor, bytes, done, bytes.length - done, from + done);
			if (read === 0) throw new Error('the spool file is shorter than what was written to it');
			done += read;
		}
		return bytes;
	}

	#release(extent: Extent): void {
		const before = this.#space.end;
		this.#space.give(extent);
		if (this.#file !== undefined && this.#space.end < before) {
			ftruncateSync(this.#file.descriptor, this.#space.end);
		}
	}
}

function openNameless(): { descriptor: number; nameToRemove: string | undefined } {
	const name = join(tmpdir(), `pec-sandbox-${randomBytes(12).toString('hex')}.spool`);
	let descriptor: number;
	try {
		descriptor = openSync(name, 'wx+', 0o600);
	} catch (error) {
		throw isFull(error) ? new StorageFullError({ cause: error }) : error;
	}
	try {
		unlinkSync(name);
		return { descriptor, nameToRemove: undefined };
	} catch {
		return { descriptor, nameToRemove: name };
	}
}

function writeAll(descriptor: number, bytes: Buffer, position: number): void {
	for (let done = 0; done < bytes.length;) {
		done += writeSync(descriptor, bytes, done, bytes.length - done, position + done);
	}
}

function isFull(error: unknown): boolean {
	return error instanceof Error && 'code' in error && FULL.has(String(error.code));
}
