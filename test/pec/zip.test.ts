import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entriesOf, packedFilesOf, unpackBudget } from '../../nodes/pec/zip.ts';
import type { UnpackBudget, ZipOutcome } from '../../nodes/pec/zip.ts';
import { countEntries, damage, lieAbout, writeZip } from './zipWriter.ts';

async function unpack(zip: Buffer, budget: Partial<UnpackBudget> = {}): Promise<ZipOutcome[]> {
	const outcomes: ZipOutcome[] = [];
	for await (const one of entriesOf(zip, { ...unpackBudget(zip.length), ...budget })) {
		outcomes.push(one);
	}
	return outcomes;
}

/** [path, content or failure] of each. */
function told(outcomes: readonly ZipOutcome[]): Array<[string | undefined, string]> {
	return outcomes.map((one) => [
		one.place?.path,
		'content' in one ? one.content.toString() : `!${one.failure}`,
	]);
}

const LETTER = 'Subject: ciao\r\n\r\n'.padEnd(3000, 'testo ');
const three = () => writeZip(['a', 'b', 'c'].map((name) => ({ name, content: LETTER + name })));

describe('entriesOf', () => {
	it.each([
		['deflated', {}, {}],
		['stored', { stored: true }, {}],
		['ZIP64', {}, { zip64: true }],
		['with data descriptors', {}, { descriptors: true }],
		['stored, with data descriptors', { stored: true }, { descriptors: true }],
		['with a comment', {}, { comment: 'archivio 2026' }],
	])('unpacks what is %s, in the order of the list, folders left out', async (_, how, options) => {
		const zip = writeZip(
			[
				{ name: 'gennaio/', content: '', stored: true },
				{ name: 'gennaio/b.eml', content: LETTER, ...how },
				{ name: 'a.eml', content: '', ...how },
			],
			options,
		);
		expect(told(await unpack(zip))).toEqual([
			['gennaio/b.eml', LETTER],
			['a.eml', ''],
		]);
	});

	it.each([
		['flagged as UTF-8', undefined],
		['in UTF-8 that is not flagged', 'unflaggedUtf8'],
		['in CP437', 'cp437'],
	] as const)('reads a name %s', async (_, nameAs) => {
		const zip = writeZip([{ name: 'perché è così.eml', content: 'x', ...(nameAs && { nameAs }) }]);
		const [outcome] = await unpack(zip);
		expect(outcome?.place).toEqual({ path: 'perché è così.eml', entry: 1 });
	});

	it.each([
		['../../etc/passwd', 'etc/passwd'],
		['/etc/passwd', 'etc/passwd'],
		['C:\\archivio\\a.eml', 'archivio/a.eml'],
		['a/..\\..\\b.eml', 'a/b.eml'],
		['./a//b\n.eml', 'a/b_.eml'],
		['..', 'entry-1'],
	])(
		'makes a path that leads nowhere else of %j, and says what was written',
		async (name, path) => {
			const [outcome] = await unpack(writeZip([{ name, content: 'x' }]));
			expect(outcome?.place).toEqual({ path, wirePath: name, entry: 1 });
		},
	);

	it('gives entries of the same name as two', async () => {
		const zip = writeZip([
			{ name: 'a', content: '1' },
			{ name: 'a', content: '2' },
		]);
		expect(await unpack(zip)).toMatchObject([
			{ place: { path: 'a', entry: 1 }, content: Buffer.from('1') },
			{ place: { path: 'a', entry: 2 }, content: Buffer.from('2') },
		]);
	});

	it.each([
		['encrypted', (zip: Buffer) => lieAbout(zip, 1, { encrypted: true }), 'encrypted'],
		[
			'packed by an unknown method',
			(zip: Buffer) => lieAbout(zip, 1, { method: 9 }),
			'unsupported',
		],
		['damaged', (zip: Buffer) => damage(zip, 1), 'damaged'],
		['of another checksum', (zip: Buffer) => lieAbout(zip, 1, { crc32: 1 }), 'damaged'],
		['larger than it says', (zip: Buffer) => lieAbout(zip, 1, { size: 10 }), 'damaged'],
		['smaller than it says', (zip: Buffer) => lieAbout(zip, 1, { size: 9999 }), 'damaged'],
		['said to have 4 GB', (zip: Buffer) => lieAbout(zip, 1, { size: 0xfffffffe }), 'tooLarge'],
	])('tells an entry that is %s, and unpacks the others', async (_, spoil, failure) => {
		expect(told(await unpack(spoil(three())))).toEqual([
			['a', `${LETTER}a`],
			['b', `!${failure}`],
			['c', `${LETTER}c`],
		]);
	});

	it('tells a damaged stored entry by its checksum', async () => {
		const zip = writeZip([{ name: 'a', content: LETTER, stored: true }]);
		expect(told(await unpack(damage(zip, 0)))).toEqual([['a', '!damaged']]);
	});

	it('never unpacks more of an entry than it declares', async () => {
		const bomb = writeZip([{ name: 'a', content: '', zeros: 400 * 2 ** 20 }]);
		const before = process.resourceUsage().maxRSS;
		expect(told(await unpack(lieAbout(bomb, 0, { size: 1000 })))).toEqual([['a', '!damaged']]);
		expect(process.resourceUsage().maxRSS - before).toBeLessThan(150 * 1024);
	});

	it('stops unpacking, and goes on listing, when all together is too much for such an archive', async () => {
		const size = LETTER.length + 1;
		expect(told(await unpack(three(), { bytes: 2 * size }))).toEqual([
			['a', `${LETTER}a`],
			['b', `${LETTER}b`],
			['c', '!bomb'],
		]);
	});

	it('allows a hundred times the archive, and always one GB', () => {
		expect(unpackBudget(0).bytes).toBe(2 ** 30);
		expect(unpackBudget(10 * 2 ** 30).bytes).toBe(1001 * 2 ** 30);
	});

	it('says when there are more entries than it reads', async () => {
		expect(told(await unpack(three(), { entries: 2 }))).toEqual([
			['a', `${LETTER}a`],
			['b', `${LETTER}b`],
			[undefined, '!tooManyEntries'],
		]);
	});

	it('says when the list goes on after the number of entries that is stated', async () => {
		expect(told(await unpack(countEntries(three(), 1)))).toEqual([
			['a', `${LETTER}a`],
			[undefined, '!damaged'],
		]);
	});

	it('says when the list ends before the number of entries that is stated', async () => {
		const outcomes = told(await unpack(countEntries(three(), 4)));
		expect(outcomes.slice(2)).toEqual([
			['c', `${LETTER}c`],
			[undefined, '!damaged'],
		]);
	});

	it('tells an archive that was cut, wherever it was', async () => {
		const zip = three();
		for (let length = 0; length < zip.length; length += 1) {
			const outcomes = await unpack(zip.subarray(0, length));
			expect(outcomes).toEqual([{ failure: 'damaged' }]);
		}
	});

	it('gives the content or a failure of each entry, never other bytes, whatever is changed', async () => {
		const zip = writeZip([
			{ name: 'a', content: LETTER },
			{ name: 'b', content: LETTER, stored: true },
		]);
		const changes = fc.array(
			fc.record({ at: fc.nat(zip.length - 1), to: fc.integer({ min: 0, max: 255 }) }),
			{ minLength: 1, maxLength: 4 },
		);
		await fc.assert(
			fc.asyncProperty(changes, async (list) => {
				const changed = Buffer.from(zip);
				for (const { at, to } of list) changed[at] = to;
				for (const one of await unpack(changed)) {
					if ('content' in one && one.content.length > 0) {
						expect(one.content.toString()).toBe(LETTER);
					}
				}
			}),
			{ numRuns: 1500 },
		);
	});
});

describe('packedFilesOf', () => {
	it('lists files with their sizes, and unpacks the one that is asked for, as often as it is', async () => {
		const zip = writeZip([
			{ name: 'cartella/', content: '', stored: true },
			{ name: 'cartella/a.pdf', content: LETTER },
			{ name: 'b.pdf', content: 'b', stored: true },
		]);
		const files = await packedFilesOf(zip);
		if (typeof files === 'string') throw new Error(files);
		expect(files.map(({ path, size }) => [path, size])).toEqual([
			['cartella/a.pdf', LETTER.length],
			['b.pdf', 1],
		]);
		for (let time = 0; time < 2; time += 1) {
			expect(String(await files[0]?.unpack())).toBe(LETTER);
			expect(String(await files[1]?.unpack())).toBe('b');
		}
	});

	it('says that the archive is damaged rather than leave a file out', async () => {
		expect(await packedFilesOf(Buffer.from('PK'))).toBe('damaged');
		expect(await packedFilesOf(three().subarray(0, -40))).toBe('damaged');
		expect(await packedFilesOf(three(), 2)).toBe('tooManyEntries');
	});

	it('says of a damaged file that it is', async () => {
		const zip = three();
		zip[60] = (zip[60] ?? 0) ^ 0xff;
		const files = await packedFilesOf(zip);
		if (typeof files === 'string') throw new Error(files);
		expect(await files[0]?.unpack()).toBe('damaged');
		expect(String(await files[1]?.unpack())).toBe(`${LETTER}b`);
	});
});
