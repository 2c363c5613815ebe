import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composeMessage } from '../../nodes/pec/compose.ts';
import {
	attachedSize,
	forecastSpace,
	inMegabytes,
	sizeProblemOf,
	type LetterWeight,
} from '../../nodes/pec/preflight.ts';

const weight = (change: Partial<LetterWeight> = {}): LetterWeight => ({
	messageSize: 1_000_000,
	withoutFiles: 2_000,
	recipients: 1,
	receiptContent: 'complete',
	sentCopy: 'none',
	...change,
});

describe('the size of a message', () => {
	it('is told before it is written, within a line', async () => {
		const draft = (content: Buffer) => ({
			from: 'a@b.it',
			to: ['c@d.it'],
			cc: [],
			text: 'x',
			messageId: '<a@b>',
			date: new Date(0),
			attachments: [{ fileName: 'f', mimeType: 'a/b', content }],
		});
		const empty = await composeMessage(draft(Buffer.alloc(0)));
		await fc.assert(
			fc.asyncProperty(fc.integer({ min: 1, max: 5_000 }), async (size) => {
				const whole = await composeMessage(draft(Buffer.alloc(size, 1)));
				expect(Math.abs(empty.length + attachedSize(size) - whole.length)).toBeLessThan(5);
			}),
			{ numRuns: 50 },
		);
	});

	it.each<[Partial<LetterWeight>, number | undefined, string | undefined]>([
		[{ messageSize: 1000 }, undefined, undefined],
		[{ messageSize: 1000 }, 1000, undefined],
		[{ messageSize: 1001 }, 1000, 'tooLarge'],
		[{ messageSize: 30_000_000 }, undefined, undefined],
		[{ messageSize: 30_000_001 }, 100_000_000, 'maybeTooLarge'],
		[{ messageSize: 10_000_000, recipients: 3 }, undefined, undefined],
		[{ messageSize: 10_000_001, recipients: 3 }, undefined, 'maybeTooLarge'],
	])('%j with a limit of %s is %s', (change, size, code) => {
		const limits = size === undefined ? {} : { size };
		expect(sizeProblemOf(weight(change), limits)?.code).toBe(code);
	});

	it.each([
		[0, '0.0 MB'],
		[1, '0.1 MB'],
		[30_000_000, '30.0 MB'],
		[30_000_001, '30.1 MB'],
	])('%s is told as %s', (bytes, told) => {
		expect(inMegabytes(bytes)).toBe(told);
	});
});

describe('the space that a mailing takes', () => {
	const brings = (change: Partial<LetterWeight>) =>
		forecastSpace([weight(change)], undefined).bringsBytes;

	it('depends on what receipts and copies hold, the least first', () => {
		const sizes = [
			brings({ receiptContent: 'concise' }),
			brings({ receiptContent: 'brief' }),
			brings({ receiptContent: 'brief', sentCopy: 'withoutAttachments' }),
			brings({ receiptContent: 'complete' }),
			brings({ receiptContent: 'complete', sentCopy: 'full' }),
			brings({ receiptContent: 'complete', recipients: 3 }),
		];
		expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
		expect(new Set(sizes).size).toBe(sizes.length);
		expect(sizes[1]).toBeLessThan(50_000);
		expect(sizes[3]).toBeGreaterThan(1_000_000);
	});

	it('is short when it is more than what is free, and never when that is unknown', () => {
		const letters = [weight(), weight()];
		const { bringsBytes } = forecastSpace(letters, undefined);
		expect(forecastSpace(letters, bringsBytes)).toEqual({
			bringsBytes,
			freeBytes: bringsBytes,
			isShort: false,
		});
		expect(forecastSpace(letters, bringsBytes - 1).isShort).toBe(true);
		expect(forecastSpace(letters, undefined)).toEqual({ bringsBytes, isShort: false });
		expect(forecastSpace([], 0)).toEqual({ bringsBytes: 0, freeBytes: 0, isShort: false });
	});
});
