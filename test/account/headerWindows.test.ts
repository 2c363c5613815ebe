import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headerWindows } from '../../nodes/account/headerWindows.ts';
import { MailError } from '../../nodes/mail/errors.ts';
import type { OpenFolder, SearchCriteria } from '../../nodes/mail/types.ts';

const MEGABYTE = 1024 * 1024;

/** @param told sizes that the server tells when it is asked; default: all */
const folderOf = (
	sizes: ReadonlyMap<number, number>,
	told: ReadonlyMap<number, number> = sizes,
) => ({
	search: async ({ larger = 0 }: SearchCriteria) => {
		const found = [...sizes].filter(([, size]) => size > larger);
		return await Promise.resolve(found.map(([uid]) => uid));
	},
	sizes: async () => await Promise.resolve(new Map(told)),
});

async function windowsOf(folder: Pick<OpenFolder, 'search' | 'sizes'>, uids: readonly number[]) {
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
		const large = 40 * MEGABYTE;
		const sizes = new Map([
			[1, large],
			[2, 7_000],
			[3, large],
		]);
		const windows = await windowsOf(folderOf(sizes, new Map([[3, large]])), [1, 2, 3, 4]);
		expect(windows).toEqual([[1], [2], [3], [4]]);
	});

	it('are one for small messages', async () => {
		const byUid = new Map(Array.from({ length: 200 }, (_, index) => [index + 1, 7_000]));
		expect(await windowsOf(folderOf(byUid), [...byUid.keys()])).toHaveLength(1);
	});

	it('ask which are large, not how large each one is', async () => {
		const byUid = new Map(Array.from({ length: 4_000 }, (_, index) => [index + 1, 7_000]));
		let asked = 0;
		const folder = {
			search: async () => {
				asked += 1;
				return await Promise.resolve([]);
			},
			sizes: async () => await Promise.reject(new Error('asked')),
		};
		expect(await windowsOf(folder, [...byUid.keys()])).toHaveLength(20);
		expect(asked).toBe(2);
	});

	it('ask about twice as many each time, up to a limit: a search stood in the way of each ten windows', async () => {
		const uids = Array.from({ length: 60_000 }, (_, index) => index + 1);
		const asked: unknown[] = [];
		const search = async ({ uid }: SearchCriteria) => {
			asked.push(uid);
			return await Promise.resolve([]);
		};
		await windowsOf({ ...folderOf(new Map()), search }, uids);
		const first = ['1:2000', '2001:6000', '6001:14000', '14001:30000'];
		expect(asked).toEqual([...first, '30001:46000', '46001:60000']);
	});

	it('held 126,000 messages: of more, their numbers were too many for one call', async () => {
		const uids = Array.from({ length: 400_000 }, (_, index) => index + 1);
		const windows = await windowsOf(folderOf(new Map()), uids);
		expect(windows.flat()).toHaveLength(uids.length);
	});

	it('ask for each size where a server refuses the search: else a folder would never be looked at', async () => {
		const sizes = new Map([1, 2].map((uid) => [uid, 20 * MEGABYTE]));
		const search = async () =>
			await Promise.reject(new MailError('refused', 'NO', { whatToDo: '', retry: 'later' }));
		expect(await windowsOf({ ...folderOf(sizes), search }, [1, 2])).toEqual([[1], [2]]);
	});

	it('ask for nothing where there is one message, or none', async () => {
		const refuse = async () => await Promise.reject(new Error('asked'));
		const folder = { search: refuse, sizes: refuse };
		expect(await windowsOf(folder, [])).toEqual([]);
		expect(await windowsOf(folder, [7])).toEqual([[7]]);
	});
});
