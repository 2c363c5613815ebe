import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { formatDuration, withProgress } from '../../scripts/progress.ts';

it.each([
	[0, '0 s'],
	[1_499, '1 s'],
	[59_400, '59 s'],
	[60_000, '1 min 00 s'],
	[185_000, '3 min 05 s'],
])('%d ms is %s', (ms, text) => {
	expect(formatDuration(ms)).toBe(text);
});

describe('progress', () => {
	beforeEach(() => void vi.useFakeTimers());
	afterEach(() => void vi.useRealTimers());

	async function watch(isTTY: boolean, ms: number, fails = false): Promise<string> {
		let text = '';
		const output = { isTTY, write: (piece: string) => (text += piece) };
		const done = withProgress(
			'Building',
			async () => {
				await new Promise((resolve) => setTimeout(resolve, ms));
				if (fails) throw new Error('no');
			},
			output,
		).catch(() => undefined);
		await vi.advanceTimersByTimeAsync(ms);
		await done;
		return text;
	}

	it('in a log is one line each 20 s', async () => {
		expect((await watch(false, 45_000)).split('\n')).toEqual([
			'Building…',
			'  Building: 20 s',
			'  Building: 40 s',
			'Building: done in 45 s',
			'',
		]);
	});

	it('on a terminal is one line, written again every few seconds', async () => {
		const text = await watch(true, 10_000);
		expect(text.split('\n')).toHaveLength(2);
		expect(text.split('\r').slice(1, -1)).toEqual([
			'Building… 3 s',
			'Building… 6 s',
			'Building… 9 s',
		]);
	});

	it('does not call a failure done', async () => {
		expect(await watch(false, 1_000, true)).toContain('Building: stopped after 1 s');
	});
});
