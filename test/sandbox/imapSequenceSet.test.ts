import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArgumentParser } from '../../sandbox/imap/argumentParser.ts';
import { sequenceSetOf } from '../../sandbox/imap/responseText.ts';
import { membership, messagesIn, parseSequenceSet } from '../../sandbox/imap/sequenceSet.ts';
import { MailStore } from '../../sandbox/store/mailStore.ts';

function viewOf(uids: readonly number[]) {
	const store = new MailStore();
	const folder = store.addAccount({ address: 'a@pec.example', password: 'x' }).folder('INBOX');
	const last = Math.max(0, ...uids);
	for (let uid = 1; uid <= last; uid += 1) folder?.append(Buffer.alloc(0));
	folder?.expunge(Array.from({ length: last }, (_, i) => i + 1).filter((n) => !uids.includes(n)));
	return folder?.messages ?? [];
}

const bound = fc.oneof(fc.integer({ min: 1, max: 25 }), fc.constant('*'));
const range = fc.oneof(
	bound.map(String),
	fc.tuple(bound, bound).map(([from, to]) => `${from}:${to}`),
);
const setText = fc.array(range, { minLength: 1, maxLength: 5 }).map((ranges) => ranges.join(','));
const uidList = fc.uniqueArray(fc.integer({ min: 1, max: 20 }), { maxLength: 10 });

/** RFC 3501 9 by the letter: a number is named when some range holds it, `*` being the largest there is. */
function isNamed(text: string, number: number, largest: number): boolean {
	return text.split(',').some((each) => {
		const [a, b] = each.split(':').map((edge) => (edge === '*' ? largest : Number(edge)));
		const from = a ?? 0;
		const to = b ?? from;
		return number >= Math.min(from, to) && number <= Math.max(from, to);
	});
}

describe('sequence sets', () => {
	it.each(['uid', 'sequence'] as const)(
		'name by %s each message they hold once, ascending',
		(by) => {
			fc.assert(
				fc.property(uidList, setText, (uids, text) => {
					const view = viewOf(uids);
					const set = parseSequenceSet(new ArgumentParser({ lines: [text], literals: [] }));
					const numbers = view.map(({ uid }, index) => (by === 'uid' ? uid : index + 1));
					const largest = numbers.at(-1) ?? 0;
					expect(messagesIn(view, set, by).map(({ message }) => message.uid)).toEqual(
						view
							.map(({ uid }) => uid)
							.filter((_, index) => isNamed(text, numbers[index] ?? 0, largest)),
					);
					const isMember = membership(view, set, by);
					view.forEach((message, index) => {
						const named = isNamed(text, numbers[index] ?? 0, largest);
						expect(isMember({ message, sequence: index + 1 })).toBe(named);
					});
					for (const { sequence, message } of messagesIn(view, set, by)) {
						expect(view[sequence - 1]).toBe(message);
					}
				}),
				{ numRuns: 500 },
			);
		},
	);

	it('are written as short as they can be, and say what they were made of', () => {
		expect(sequenceSetOf([1, 2, 3, 5, 7, 8])).toBe('1:3,5,7:8');
		fc.assert(
			fc.property(uidList, (uids) => {
				const ascending = uids.sort((a, b) => a - b);
				const text = sequenceSetOf(ascending);
				const all = Array.from({ length: 20 }, (_, i) => i + 1);
				expect(all.filter((n) => text !== '' && isNamed(text, n, 20))).toEqual(ascending);
			}),
		);
	});
});
