import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	isSingleMessage,
	keyedMessageName,
	singleMessageName,
} from '../../nodes/pec/singleMessage.ts';

describe('the name of a single message', () => {
	it('by a key of the user’s is that of no run, whatever the key', () => {
		const instance = fc.string({
			unit: fc.constantFrom(...'0123456789abcdef'),
			minLength: 1,
			maxLength: 64,
		});
		fc.assert(
			fc.property(instance, fc.string(), fc.string(), (id, rest, key) => {
				const run = `${id}:${rest}`;
				expect(keyedMessageName(key)).not.toBe(singleMessageName(run));
				expect(keyedMessageName(run)).not.toBe(singleMessageName(run));
				expect(isSingleMessage(keyedMessageName(key))).toBe(true);
			}),
		);
	});
});
