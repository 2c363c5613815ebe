import { createHash } from 'node:crypto';
import { fromBufferPromise } from 'yauzl';

/** What is in a ZIP, by path; unpacked by a library. */
export async function unzip(archive: Buffer): Promise<Map<string, Buffer>> {
	const files = new Map<string, Buffer>();
	const zip = await fromBufferPromise(archive, { strictFileNames: true });
	for await (const entry of zip.eachEntry()) {
		const pieces: Buffer[] = [];
		for await (const piece of await zip.openReadStreamPromise(entry)) {
			pieces.push(piece as Buffer);
		}
		if (files.has(entry.fileName)) throw new Error(`twice: ${entry.fileName}`);
		files.set(entry.fileName, Buffer.concat(pieces));
	}
	return files;
}

/**
 * What is wrong with a serialised bag by RFC 8493, section by section. Written from the RFC: it shares nothing with what
 * writes bags.
 */
export function faultsOfBag(files: ReadonlyMap<string, Buffer>): string[] {
	const faults: string[] = [];
	// Section 4.2: one top-level folder.
	const tops = new Set([...files.keys()].map((path) => path.split('/')[0]));
	if (tops.size !== 1) return ['not one folder at the top'];
	const [top] = tops;
	const bag = new Map(
		[...files].map(([path, bytes]) => [path.slice((top ?? '').length + 1), bytes]),
	);
	const text = (path: string) => bag.get(path)?.toString('utf8') ?? '';
	// 2.1.1
	if (text('bagit.txt') !== 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n') {
		faults.push('bagit.txt');
	}
	const payload = [...bag.keys()].filter((path) => path.startsWith('data/'));
	for (const algorithm of ['sha256', 'sha512']) {
		// 2.1.3 and 3: every payload file is in every manifest once, and nothing else.
		const manifest = linesOf(text(`manifest-${algorithm}.txt`));
		if (manifest.length === 0) faults.push(`no manifest-${algorithm}.txt`);
		faults.push(...compare(manifest, payload, bag, algorithm));
		// 2.2.1: tag manifests list tag files, but no tag manifest.
		const tags = linesOf(text(`tagmanifest-${algorithm}.txt`));
		const listed = [...bag.keys()].filter(
			(path) => !path.startsWith('data/') && !path.startsWith('tagmanifest-'),
		);
		faults.push(...compare(tags, listed, bag, algorithm));
	}
	// 2.2.2
	const octets = payload.reduce((sum, path) => sum + (bag.get(path)?.length ?? 0), 0);
	const oxum = /^Payload-Oxum: (.*)$/m.exec(text('bag-info.txt'))?.[1];
	if (oxum !== `${octets}.${payload.length}`) faults.push(`Payload-Oxum ${oxum}`);
	for (const line of text('bag-info.txt').trimEnd().split('\n')) {
		if (!/^[A-Za-z-]+: \S.*$/.test(line)) faults.push(`bag-info.txt: ${line}`);
	}
	return faults;
}

interface Line {
	readonly hash: string;
	readonly path: string;
}

function linesOf(manifest: string): Line[] {
	return manifest
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => {
			const [, hash = '', path = ''] = /^([0-9a-f]+) +(.+)$/.exec(line) ?? [];
			return { hash, path: path.replace(/%(0A|0D|25)/gi, (escape) => decodeURIComponent(escape)) };
		});
}

function compare(
	lines: readonly Line[],
	expected: readonly string[],
	bag: ReadonlyMap<string, Buffer>,
	algorithm: string,
): string[] {
	const faults: string[] = [];
	const paths = lines.map(({ path }) => path);
	if (new Set(paths).size !== paths.length) faults.push(`${algorithm}: a path twice`);
	for (const path of expected)
		if (!paths.includes(path)) faults.push(`${algorithm}: not listed: ${path}`);
	for (const { hash, path } of lines) {
		const bytes = bag.get(path);
		if (!bytes) faults.push(`${algorithm}: not there: ${path}`);
		else if (createHash(algorithm).update(bytes).digest('hex') !== hash) {
			faults.push(`${algorithm}: other bytes: ${path}`);
		}
	}
	return faults;
}
