import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { FreeSpace } from '../../sandbox/store/freeSpace.ts';
import type { Extent } from '../../sandbox/store/freeSpace.ts';
import type { MessageBytes } from '../../sandbox/store/messageBytes.ts';
import { SPOOL_THRESHOLD, Spool } from '../../sandbox/store/spool.ts';
import { collectGarbage } from '../garbage.ts';

const LARGE = SPOOL_THRESHOLD + 1;

function openSpool(): Spool {
	const spool = new Spool();
	onTestFinished(() => spool.close());
	return spool;
}

function whole(bytes: MessageBytes | undefined): Buffer | undefined {
	return bytes?.slice(0, bytes.size);
}

afterEach(() => {
	vi.unstubAllEnvs();
});

describe('the spool', () => {
	it.each([0, 1, SPOOL_THRESHOLD - 1, SPOOL_THRESHOLD, LARGE, 5 * SPOOL_THRESHOLD])(
		'reads back what it was given, whole and in parts (%i bytes)',
		(size) => {
			const spool = openSpool();
			spool.keep(randomBytes(LARGE));
			const raw = randomBytes(size);
			const bytes = spool.keep(Buffer.from(raw));
			spool.keep(randomBytes(LARGE));
			expect(bytes.size).toBe(size);
			expect(whole(bytes)?.equals(raw)).toBe(true);
			const edges = [0, 1, size >> 1, size - 1, size, size + 1, Number.POSITIVE_INFINITY];
			for (const start of edges.filter((edge) => edge >= 0)) {
				for (const end of edges.filter((edge) => edge >= start)) {
					expect(bytes.slice(start, end).equals(raw.subarray(start, end))).toBe(true);
				}
			}
		},
	);

	it('puts into its file what is above the threshold, and nothing else', () => {
		const spool = openSpool();
		spool.keep(Buffer.alloc(SPOOL_THRESHOLD));
		expect(spool.fileSize).toBe(0);
		spool.keep(Buffer.alloc(LARGE));
		expect(spool.fileSize).toBe(LARGE);
	});

	it.skipIf(process.platform === 'win32')(
		'leaves no name in the temporary folder while it is open',
		() => {
			const folder = mkdtempSync(join(tmpdir(), 'spool-test-'));
			onTestFinished(() => rmSync(folder, { recursive: true }));
			vi.stubEnv('TMPDIR', folder);
			const spool = openSpool();
			const bytes = spool.keep(Buffer.alloc(LARGE, 1));
			expect(readdirSync(folder)).toEqual([]);
			expect(whole(bytes)?.equals(Buffer.alloc(LARGE, 1))).toBe(true);
		},
	);

	it('gives up the place of a message that nothing refers to any more, and shortens its file', async () => {
		const spool = openSpool();
		const kept = new Map(['a', 'b', 'c'].map((name) => [name, spool.keep(Buffer.alloc(LARGE))]));
		kept.delete('b');
		await collectGarbage();
		expect(spool.fileSize).toBe(3 * LARGE);
		kept.set('d', spool.keep(Buffer.alloc(LARGE, 'd')));
		expect(spool.fileSize).toBe(3 * LARGE);
		kept.delete('c');
		await collectGarbage();
		expect(spool.fileSize).toBe(2 * LARGE);
		expect(whole(kept.get('d'))?.equals(Buffer.alloc(LARGE, 'd'))).toBe(true);
		expect(whole(kept.get('a'))?.equals(Buffer.alloc(LARGE))).toBe(true);
		kept.clear();
		await collectGarbage();
		expect(spool.fileSize).toBe(0);
	});

	it('cannot be read when it is closed, and keeps in memory what comes then', () => {
		const spool = openSpool();
		const bytes = spool.keep(Buffer.alloc(LARGE));
		spool.close();
		spool.close();
		expect(() => bytes.slice(0, 1)).toThrow('the store is closed');
		const later = spool.keep(Buffer.alloc(LARGE, 2));
		expect(whole(later)?.equals(Buffer.alloc(LARGE, 2))).toBe(true);
	});
});

describe('the free space of a file', () => {
	it('is what nobody holds: nothing is given out twice, and the file ends behind the last', () => {
		const step = fc.oneof(
			fc.record({ take: fc.integer({ min: 1, max: 9 }) }),
			fc.record({ give: fc.nat(20) }),
		);
		fc.assert(
			fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
				const space = new FreeSpace();
				const held: Extent[] = [];
				for (const each of steps) {
					if ('take' in each) {
						const longestGap = longestFreeRun(held);
						const before = space.end;
						const extent = space.take(each.take);
						expect(extent.end - extent.start).toBe(each.take);
						expect(held.filter((other) => overlap(other, extent))).toEqual([]);
						if (longestGap >= each.take) expect(space.end).toBe(before);
						held.push(extent);
					} else {
						const [extent] = held.splice(each.give, 1);
						if (extent !== undefined) space.give(extent);
					}
					expect(space.end).toBe(Math.max(0, ...held.map(({ end }) => end)));
				}
			}),
		);
	});
});

function overlap(one: Extent, other: Extent): boolean {
	return one.start < other.end && other.start < one.end;
}

/** The most bytes in one piece between two that are held. */
function longestFreeRun(held: readonly Extent[]): number {
	let longest = 0;
	let end = 0;
	for (const extent of [...held].sort((a, b) => a.start - b.start)) {
		longest = Math.max(longest, extent.start - end);
		end = extent.end;
	}
	return longest;
}
