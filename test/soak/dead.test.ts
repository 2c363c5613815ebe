import { describe, expect, it } from 'vitest';
import { deadTime } from './dead.ts';

const S = 1_000;

describe('the time in which a trigger was dead', () => {
	it('is none while each message has its effect within 30 s', () => {
		expect(deadTime([{ arrivedAt: 0, effectAt: 29 * S }], [], 100 * S)).toBe(0);
	});

	it('begins 30 s after a message came, and ends with its effect', () => {
		expect(deadTime([{ arrivedAt: 0, effectAt: 90 * S }], [], 100 * S)).toBe(60 * S);
	});

	it('lasts to the end when the trigger never comes back, and counts what several messages wait for once', () => {
		const messages = [{ arrivedAt: 0, effectAt: S }, { arrivedAt: 10 * S }, { arrivedAt: 20 * S }];
		expect(deadTime(messages, [], 100 * S)).toBe(60 * S);
	});

	it('is none for a message that was passed over while later ones were served', () => {
		const messages = [{ arrivedAt: 0 }, { arrivedAt: 10 * S, effectAt: 11 * S }];
		expect(deadTime(messages, [], 100 * S)).toBe(0);
	});

	it('leaves out when the server was away, before the 30 s were over and after', () => {
		const messages = [{ arrivedAt: 0, effectAt: 100 * S }];
		const unable = [
			{ from: 10 * S, to: 20 * S },
			{ from: 15 * S, to: 25 * S },
			{ from: 60 * S, to: 70 * S },
		];
		// 15 s and 30 s after the arrival it is 45 s; of the 55 s left 10 s do not count.
		expect(deadTime(messages, unable, 100 * S)).toBe(45 * S);
	});
});
