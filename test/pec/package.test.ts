import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import fc from 'fast-check';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { allegato5Of } from '../../nodes/pec/allegato5.ts';
import { filesOfBag, type BaggedFile } from '../../nodes/pec/bagit.ts';
import { indexCsv, indexJson, indexOf } from '../../nodes/pec/packageIndex.ts';
import { planPackage, type PlannedPart } from '../../nodes/pec/packagePlan.ts';
import { pindexOf } from '../../nodes/pec/pindex.ts';
import { SOFTWARE } from '../../nodes/pec/software.ts';
import type { Thread, ThreadPart } from '../../nodes/pec/threadTypes.ts';
import { escapedXml } from '../../nodes/pec/xmlWriter.ts';
import { zipOf, type FileToPack } from '../../nodes/pec/zipWriter.ts';
import { faultsOfBag, unzip } from './bagChecker.ts';
import { SCHEMAS_MISSING, validate } from './schemas.ts';

const now = new Date('2026-03-31T22:30:00.000Z');
const account = 'studio@pec.alfa.test';

function bytesOf(pecKey: string, size: number): Buffer {
	return Buffer.alloc(size, createHash('sha256').update(pecKey).digest('base64'));
}

function part(number: number, changes: Partial<ThreadPart> = {}): ThreadPart {
	const pecKey = `${createHash('sha256').update(String(number)).digest('hex')}-${1000 + number}`;
	return {
		role: 'received',
		pecKey,
		kind: 'transportEnvelope',
		at: '2026-03-01T10:00:00.000Z',
		size: 1000 + number,
		consistent: true,
		place: {
			folder: 'INBOX',
			uid: number,
			uidValidity: '1',
			size: 1000 + number,
			receivedAt: '2026-03-01T10:00:00.000Z',
		},
		headers: {
			kind: 'transportEnvelope',
			consistent: true,
			verified: false,
			findings: [],
			envelope: { to: [account], cc: [], from: 'rossi@pec.beta.test' },
		},
		...changes,
	};
}

function thread(number: number, changes: Partial<Thread> = {}): Thread {
	return {
		direction: 'received',
		messageId: `<${number}@pec.beta.test>`,
		subject: `Oggetto ${number}`,
		sender: 'rossi@pec.beta.test',
		recipients: [{ address: account, type: 'certified' }],
		at: '2026-03-01T10:00:00.000Z',
		complete: true,
		missing: [],
		parts: [part(number)],
		receipts: [],
		...changes,
	};
}

const rules = {
	account,
	partLimit: 1_000_000,
	includeIncomplete: false,
	leaveOutHandedOver: false,
};
const owner = {
	name: 'Studio Rossi & C. <S.r.l.>',
	document: 'Manuale',
	agentId: 'VATIT-01234567890',
};
const options = { id: 'p1', label: 'pacchetto', owner, now, software: SOFTWARE };

async function* payloadOf(planned: PlannedPart): AsyncGenerator<FileToPack> {
	for (const { files } of planned) {
		for (const {
			path,
			part: { pecKey, size },
		} of files)
			yield { path, content: bytesOf(pecKey, size) };
	}
}

async function read(stream: Readable): Promise<Buffer> {
	const pieces: Buffer[] = [];
	for await (const piece of stream) pieces.push(piece as Buffer);
	return Buffer.concat(pieces);
}

async function build(planned: PlannedPart, name = 'pacchetto') {
	let payload: readonly BaggedFile[] = [];
	const files = filesOfBag({
		name,
		payload: payloadOf(planned),
		info: [
			['Source-Organization', 'Studio\r\nRossi'],
			['Bagging-Date', '2026-03-31'],
		],
		tagFiles: (bagged) => {
			payload = bagged;
			const indexed = indexOf(planned, bagged);
			return [
				{ path: 'metadata/indice.json', content: indexJson({ id: 'p1' }, planned, indexed) },
				{ path: 'metadata/indice.csv', content: indexCsv(indexed) },
				{ path: 'metadata/allegato5.xml', content: allegato5Of(indexed) },
				{ path: 'metadata/PIndex.xml', content: pindexOf(indexed, options) },
			];
		},
	});
	const zip = await read(zipOf(files, now));
	return { zip, payload };
}

const HOSTILE = [
	'../../../etc/passwd',
	'CON',
	'a\u202egpj.exe',
	'x'.repeat(5_000),
	'riga\r\nfalsa: "]]>&<x>',
	'=HYPERLINK("http://evil")',
	'\u0000\u0001\ud800',
	'',
];

describe('a package', () => {
	it('is a bag by RFC 8493, with the bytes that were given', async () => {
		const { parts } = planPackage([thread(1), thread(2)], rules);
		expect(parts).toHaveLength(1);
		const { zip, payload } = await build(parts[0] ?? []);
		const files = await unzip(zip);
		expect(faultsOfBag(files)).toEqual([]);
		expect([...files.keys()].filter((path) => path.startsWith('pacchetto/data/'))).toHaveLength(2);
		for (const [index, { path }] of payload.entries()) {
			const { pecKey, size } = part(index + 1);
			expect(files.get(`pacchetto/${path}`)?.equals(bytesOf(pecKey, size))).toBe(true);
		}
		const changed = new Map(files);
		changed.set(`pacchetto/${payload[0]?.path}`, Buffer.from('altro'));
		expect(faultsOfBag(changed)).toContain(`sha512: other bytes: ${payload[0]?.path}`);
	});

	// A second opinion where it is at hand: it cannot be installed everywhere, and the rules are checked above.
	if (spawnSync('python3', ['-c', 'import bagit']).status === 0) {
		it('is valid for Python’s bagit', async () => {
			const { zip } = await build(planPackage([thread(1)], rules).parts[0] ?? []);
			const work = mkdtempSync(join(tmpdir(), 'pec-bag-'));
			try {
				writeFileSync(join(work, 'bag.zip'), zip);
				const script = `import zipfile,bagit;zipfile.ZipFile('bag.zip').extractall('.');bagit.Bag('pacchetto').validate()`;
				execFileSync('python3', ['-c', script], { cwd: work, stdio: 'pipe' });
			} finally {
				rmSync(work, { recursive: true });
			}
		});
	}

	it('is the same, byte for byte, when it is made again', async () => {
		const planned = planPackage([thread(1), thread(2)], rules).parts[0] ?? [];
		const [one, other] = [await build(planned), await build(planned)];
		expect(one.zip.equals(other.zip)).toBe(true);
	});

	it('has safe paths and whole documents, whatever messages say', async () => {
		const threads = HOSTILE.map((subject, index) =>
			thread(index + 1, { subject, sender: subject, messageId: subject }),
		);
		const { parts } = planPackage(threads, rules);
		const { zip } = await build(parts[0] ?? []);
		const files = await unzip(zip);
		expect(faultsOfBag(files)).toEqual([]);
		for (const path of files.keys()) {
			expect(path).toMatch(
				/^(?:[A-Za-z0-9_@+][A-Za-z0-9._@+-]*\/)*[A-Za-z0-9_@+][A-Za-z0-9._@+-]*$/,
			);
			expect(path.length).toBeLessThan(200);
		}
		const csv = files.get('pacchetto/metadata/indice.csv')?.toString('utf8') ?? '';
		expect(csv).not.toMatch(/(?:^|;)"?=/m);
		expect(JSON.parse(files.get('pacchetto/metadata/indice.json')?.toString() ?? '')).toMatchObject(
			{
				threads: threads.map(({ direction }) => ({ direction })),
			},
		);
	});

	it('holds threads together and below its size, and parts one that is larger than a package', () => {
		fc.assert(
			fc.property(
				fc.array(fc.array(fc.integer({ min: 1, max: 400_000 }), { minLength: 1, maxLength: 4 }), {
					maxLength: 12,
				}),
				(sizes) => {
					let number = 0;
					const threads = sizes.map((ofThread) =>
						thread(number, {
							parts: ofThread.map((size) => part((number += 1), { size })),
						}),
					);
					const { parts, leftOut } = planPackage(threads, rules);
					expect(leftOut).toEqual([]);
					const files = parts.map((planned) => planned.flatMap((each) => each.files));
					expect(files.flat()).toHaveLength(number);
					expect(new Set(files.flat().map(({ path }) => path)).size).toBe(number);
					for (const ofPart of files) {
						const bytes = ofPart.reduce((sum, file) => sum + file.part.size, 0);
						expect(bytes).toBeLessThan(rules.partLimit);
					}
					for (const each of threads) {
						const bytes = each.parts.reduce((sum, { size }) => sum + size + 5_000, 0);
						const holding = parts.filter((planned) => planned.some((one) => one.thread === each));
						if (bytes < 800_000) expect(holding).toHaveLength(1);
					}
				},
			),
			{ numRuns: 100 },
		);
	});

	it('leaves out, and names, what is incomplete or has left the mailbox', () => {
		const missing = [{ part: 'outcome', recipient: 'rossi@pec.beta.test' }] as const;
		const incomplete = thread(1, { complete: false, missing });
		const copy = { location: 'sftp://a', level: 'checked', sha256: 'x', checkedAt: 'y' } as const;
		const { place: _place, headers: _headers, ...gone } = part(3, { copy });
		const partly = thread(2, { parts: [part(2), gone] });
		const wholly = thread(3, { parts: [gone] });
		const plan = planPackage([incomplete, partly, wholly, thread(4)], rules);
		expect(plan.parts.flat().map(({ thread: { messageId } }) => messageId)).toEqual([
			'<4@pec.beta.test>',
		]);
		expect(plan.leftOut).toMatchObject([
			{ because: 'incomplete', missing },
			{ because: 'elsewhere', locations: ['sftp://a'] },
			{ because: 'empty', locations: ['sftp://a'] },
		]);
		const all = planPackage([incomplete, partly, wholly], { ...rules, includeIncomplete: true });
		expect(all.parts.flat()).toHaveLength(2);
		expect(all.leftOut).toMatchObject([{ because: 'empty' }]);
	});

	it('leaves out what was handed over when asked to, but for a thread that got something since', () => {
		const handedOver = {
			location: 'sftp://a',
			level: 'handedOver',
			sha256: 'x',
			checkedAt: 'y',
		} as const;
		const copied = { ...handedOver, level: 'checked' } as const;
		const done = thread(1, {
			parts: [part(1, { copy: handedOver }), part(2, { copy: handedOver })],
		});
		const more = thread(3, { parts: [part(3, { copy: handedOver }), part(4)] });
		const checked = thread(5, { parts: [part(5, { copy: copied })] });
		const threads = [done, more, checked, thread(6)];
		expect(planPackage(threads, rules).leftOut).toEqual([]);
		const plan = planPackage(threads, { ...rules, leaveOutHandedOver: true });
		expect(plan.leftOut).toMatchObject([{ because: 'handedOver', thread: done }]);
		expect(plan.parts.flat().map(({ files }) => files.length)).toEqual([2, 1, 1]);
	});

	it('fails as a whole when a message cannot be read to its end', async () => {
		async function* broken(): AsyncGenerator<Buffer> {
			yield Buffer.from('inizio');
			throw new Error('connection lost');
		}
		async function* files(): AsyncGenerator<FileToPack> {
			yield { path: 'a', content: Buffer.from('a') };
			yield { path: 'b', content: broken() };
		}
		await expect(read(zipOf(files(), now))).rejects.toThrow('connection lost');
	});
});

describe('the index of a package', () => {
	const planned = () =>
		planPackage([thread(1), thread(2, { complete: false })], { ...rules, includeIncomplete: true })
			.parts[0] ?? [];

	it('names each file by its hash, and what it is', async () => {
		const { zip, payload } = await build(planned());
		const pindex = (await unzip(zip)).get('pacchetto/metadata/PIndex.xml') ?? Buffer.alloc(0);
		expect(XMLValidator.validate(pindex.toString())).toBe(true);
		const { PIndex } = new XMLParser({ ignoreAttributes: false }).parse(pindex) as {
			PIndex: {
				PVolume: { Description: string };
				FileGroup: Array<{ File: { Path: string; Hash: { '#text': string } } }>;
				Process: { Holder: { AgentName: { FormalName: string } } };
			};
		};
		expect(PIndex.FileGroup.map(({ File }) => [File.Path, File.Hash['#text']])).toEqual(
			payload.map(({ path, sha256 }) => [path, sha256]),
		);
		expect(PIndex.PVolume.Description).toMatch(/non firmato/);
		expect(PIndex.Process.Holder.AgentName.FormalName).toBe(owner.name);
		const allegato5 = (await unzip(zip)).get('pacchetto/metadata/allegato5.xml')?.toString() ?? '';
		expect(XMLValidator.validate(allegato5)).toBe(true);
		for (const { sha256 } of payload) expect(allegato5).toContain(`<Impronta>${sha256}</Impronta>`);
	});

	it.skipIf(SCHEMAS_MISSING !== '')(
		`is valid by the schema of UNI 11386${SCHEMAS_MISSING}`,
		async () => {
			const sent = thread(1, {
				direction: 'sent',
				subject: HOSTILE[4] ?? '',
				parts: [
					part(1, { role: 'sent', kind: 'ordinary' }),
					part(2, { role: 'delivery', kind: 'receipt' }),
				],
			});
			const { zip } = await build(planPackage([sent, thread(3)], rules).parts[0] ?? []);
			const pindex = (await unzip(zip)).get('pacchetto/metadata/PIndex.xml') ?? Buffer.alloc(0);
			expect(pindex.toString()).toContain('ricevuta-di');
			validate(pindex, 'PIndex-UNI11386-2020.xsd');
			const withoutHolder = pindex.toString().replace(/<Holder.*<\/Holder>/s, '');
			expect(() => validate(Buffer.from(withoutHolder), 'PIndex-UNI11386-2020.xsd')).toThrow();
		},
	);

	it('carries any text as XML, which reads as it was but for what is no character', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
				const xml = `<a b="${escapedXml(text)}">${escapedXml(text)}</a>`;
				expect(XMLValidator.validate(xml)).toBe(true);
			}),
		);
		expect(escapedXml('a<b>&"\'\u0000')).toBe('a&lt;b&gt;&amp;&quot;&#39;\ufffd');
	});

	it('names the version that package.json has', () => {
		const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
		expect(SOFTWARE.version).toBe((JSON.parse(manifest) as { version: string }).version);
	});
});
