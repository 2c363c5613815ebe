import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headerWindows } from '../../nodes/account/headerWindows.ts';

const MEGABYTE = 1024 * 1024;

const folderOf = (sizes: ReadonlyMap<number, number>) => ({
	sizes: async () => await Promise.resolve(new Map(sizes)),
});

async function windowsOf(folder: ReturnType<typeof folderOf>, uids: readonly number[]) {
	const windows: number[][] = [];
	const opened = async () => await Promise.resolve(folder);
	for await (const window of headerWindows(opened, uids)) windows.push(window);
	return windows;
}

describe('windows of headers', () => {
	it('hold every message once, in order, and one large message at the most beside what fits', async () => {
		const sizes = fc.array(fc.integer({ min: 0, max: 100 * MEGABYTE }), { maxLength: 500 });
		await fc.assert(
			fc.asyncProperty(sizes, async (given) => {
				const byUid = new Map(given.map((size, index) => [index + 1, size]));
				const windows = await windowsOf(folderOf(byUid), [...byUid.keys()]);
				expect(windows.flat()).toEqual([...byUid.keys()]);
				for (const window of windows) {
					const bytes = window.reduce((sum, uid) => sum + (byUid.get(uid) ?? 0), 0);
					expect(window.length).toBeLessThanOrEqual(200);
					expect(window.length === 1 || bytes <= 32 * MEGABYTE).toBe(true);
				}
			}),
		);
	});

	it('hold also a message whose size the server does not tell', async () => {
		const windows = await windowsOf(folderOf(new Map([[3, 10]])), [1, 2, 3]);
		expect(windows.flat()).toEqual([1, 2, 3]);
	});

	it('are one for small messages', async () => {
		const byUid = new Map(Array.from({ length: 200 }, (_, index) => [index + 1, 7_000]));
		expect(await windowsOf(folderOf(byUid), [...byUid.keys()])).toHaveLength(1);
	});

	it('ask for nothing where there is one message, or none', async () => {
		const folder = { sizes: async () => await Promise.reject(new Error('asked')) };
		expect(await windowsOf(folder, [])).toEqual([]);
		expect(await windowsOf(folder, [7])).toEqual([[7]]);
	});
});
