import { createHash, type Hash } from 'node:crypto';
import type { FileToPack } from './zipWriter';

/** RFC 8493 2.4: the two algorithms that every validator knows. */
const ALGORITHMS = ['sha256', 'sha512'] as const;
type Algorithm = (typeof ALGORITHMS)[number];

/** A file as it went into the bag; `path` is relative to the bag. */
export type BaggedFile = Readonly<Record<Algorithm, string>> & {
	readonly path: string;
	/** Bytes. */
	readonly size: number;
};

export interface Bag {
	/** The folder that the ZIP unpacks to: a safe step. */
	readonly name: string;
	/** Below `data/`. */
	readonly payload: AsyncIterable<FileToPack>;
	/** Of `bag-info.txt`, in this order; the payload's size is added. */
	readonly info: ReadonlyArray<readonly [label: string, value: string]>;
	/** Files about the payload, once it is known. */
	tagFiles(
		payload: readonly BaggedFile[],
	): readonly { readonly path: string; readonly content: Buffer }[];
}

/** RFC 8493 2.1.1. */
const DECLARATION = 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n';

/**
 * The files of a bag (RFC 8493), the payload first: what is in the manifests is the bytes that went by.
 */
export async function* filesOfBag(bag: Bag): AsyncGenerator<FileToPack, void> {
	const tags: BaggedFile[] = [];
	const tagFile = (path: string, content: Buffer): FileToPack => {
		tags.push(baggedFile(path, content));
		return { path: `${bag.name}/${path}`, content };
	};
	yield tagFile('bagit.txt', Buffer.from(DECLARATION));
	const payload: BaggedFile[] = [];
	for await (const { path, content } of bag.payload) {
		const counter = new Counter();
		yield { path: `${bag.name}/data/${path}`, content: counter.through(content) };
		payload.push(counter.file(`data/${path}`));
	}
	for (const { path, content } of bag.tagFiles(payload)) yield tagFile(path, content);
	yield tagFile('bag-info.txt', bagInfo(bag.info, payload));
	for (const algorithm of ALGORITHMS) {
		yield tagFile(`manifest-${algorithm}.txt`, manifestOf(payload, algorithm));
	}
	// RFC 8493 2.2.1: a tag manifest lists no tag manifest.
	const listed = [...tags];
	for (const algorithm of ALGORITHMS) {
		yield tagFile(`tagmanifest-${algorithm}.txt`, manifestOf(listed, algorithm));
	}
}

class Counter {
	#size = 0;
	readonly #hashes: Readonly<Record<Algorithm, Hash>> = {
		sha256: createHash('sha256'),
		sha512: createHash('sha512'),
	};

	async *through(content: FileToPack['content']): AsyncGenerator<Buffer, void> {
		for await (const piece of Buffer.isBuffer(content) ? [content] : content) {
			this.#size += piece.length;
			for (const algorithm of ALGORITHMS) this.#hashes[algorithm].update(piece);
			yield piece;
		}
	}

	file(path: string): BaggedFile {
		const { sha256, sha512 } = this.#hashes;
		return { path, size: this.#size, sha256: sha256.digest('hex'), sha512: sha512.digest('hex') };
	}
}

function baggedFile(path: string, content: Buffer): BaggedFile {
	const digest = (algorithm: Algorithm) => createHash(algorithm).update(content).digest('hex');
	return { path, size: content.length, sha256: digest('sha256'), sha512: digest('sha512') };
}

/** RFC 8493 2.1.3: line ends and `%` in a path are written as `%0A`, `%0D`, `%25`. */
function manifestOf(files: readonly BaggedFile[], algorithm: Algorithm): Buffer {
	const lines = files.map((file) => {
		const path = file.path.replace(/[%\r\n]/g, (character) => encodeURIComponent(character));
		return `${file[algorithm]}  ${path}\n`;
	});
	return Buffer.from(lines.join(''), 'utf8');
}

/** RFC 8493 2.2.2: a value is one line. */
function bagInfo(info: Bag['info'], payload: readonly BaggedFile[]): Buffer {
	const octets = payload.reduce((sum, { size }) => sum + size, 0);
	const lines = [...info, ['Payload-Oxum', `${octets}.${payload.length}`] as const].map(
		([label, value]) => `${label}: ${value.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()}\n`,
	);
	return Buffer.from(lines.join(''), 'utf8');
}
