import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Faults } from '../../sandbox/faults/faults.ts';
import { Line } from '../../sandbox/faults/line.ts';
import { readRules, ruleProblem } from '../../sandbox/faults/ruleCheck.ts';
import { matches, strikesAt, type FaultEvent, type FaultRule } from '../../sandbox/faults/rules.ts';

const RULE: FaultRule = { at: 'imap.command', action: { do: 'drop' } };
const EVENT: FaultEvent = {
	point: 'imap.command',
	command: 'UID FETCH',
	account: 'studio@pec.alfa.test',
	connection: 2,
};

describe('a rule speaks of', () => {
	it.each<[string, Partial<FaultRule>, boolean]>([
		['every event at its point', {}, true],
		['no event elsewhere', { at: 'imap.done' }, false],
		['its command, in any case', { command: 'uid fetch' }, true],
		['no other command', { command: 'FETCH' }, false],
		['its account, in any case', { account: 'Studio@PEC.alfa.test' }, true],
		['no other account', { account: 'alfa2@pec.alfa.test' }, false],
		['its connection', { connection: 2 }, true],
		['no other connection', { connection: 1 }, false],
		['what all its conditions fit', { command: 'UID FETCH', connection: 1 }, false],
	])('%s', (_, rule, expected) => {
		expect(matches({ ...RULE, ...rule }, EVENT)).toBe(expected);
	});

	it('no event without an account or a command when it names one', () => {
		expect(matches({ ...RULE, account: 'a@b' }, { point: 'imap.command' })).toBe(false);
		expect(matches({ ...RULE, command: 'NOOP' }, { point: 'imap.command' })).toBe(false);
	});
});

describe('a rule strikes', () => {
	it.each<[string, Partial<FaultRule>, number[]]>([
		['once, at the first event', {}, [1]],
		['after those it lets pass', { skip: 2 }, [3]],
		['so many times', { times: 3 }, [1, 2, 3]],
		['at each so-manieth', { every: 3, times: 'always' }, [1, 4, 7]],
		['at each so-manieth, so many times, after some', { skip: 1, every: 2, times: 2 }, [2, 4]],
		['always', { times: 'always' }, [1, 2, 3, 4, 5, 6, 7, 8]],
	])('%s', (_, rule, expected) => {
		const struck = [1, 2, 3, 4, 5, 6, 7, 8].filter((nth) => strikesAt({ ...RULE, ...rule }, nth));
		expect(struck).toEqual(expected);
	});

	it('never before its skip, never more than its times, evenly in between', () => {
		const small = fc.integer({ min: 0, max: 6 });
		const positive = fc.integer({ min: 1, max: 6 });
		fc.assert(
			fc.property(
				small,
				positive,
				positive,
				fc.integer({ min: 0, max: 60 }),
				(skip, every, times, events) => {
					const faults = new Faults();
					const handle = faults.add({ ...RULE, skip, every, times, action: { do: 'ignore' } });
					const struck: number[] = [];
					for (let nth = 1; nth <= events; nth += 1) {
						const before = handle.fired;
						void faults.reach(EVENT);
						void faults.reach({ ...EVENT, point: 'imap.done' });
						if (handle.fired > before) struck.push(nth);
					}
					const all = Array.from({ length: times }, (_, index) => skip + 1 + index * every);
					expect(struck).toEqual(all.filter((nth) => nth <= events));
				},
			),
		);
	});

	it('no more once it is removed, or all are', async () => {
		const faults = new Faults();
		const [first, second] = [1, 2].map(() =>
			faults.add({ ...RULE, times: 'always', action: { do: 'ignore' } }),
		);
		await faults.reach(EVENT);
		first?.remove();
		expect(await faults.reach(EVENT)).toEqual({ kind: 'ignore' });
		faults.clear();
		expect(faults.reach(EVENT)).toBeUndefined();
		expect([first?.fired, second?.fired]).toEqual([1, 2]);
	});

	it('and waits for its call no longer than the connection lasts', async () => {
		const faults = new Faults();
		faults.add({ ...RULE, action: { do: 'call', run: () => new Promise(() => undefined) } });
		const ends = { send: () => undefined, receive: () => undefined, cut: () => undefined };
		const line = new Line(ends);
		const reached = faults.reach(EVENT, { line });
		line.close();
		expect(await reached).toEqual({ kind: 'over' });
	});

	it('with the first answer of several, and tells who waits for each', async () => {
		const faults = new Faults();
		const one = faults.add({ ...RULE, action: { do: 'answer', status: 'NO' } });
		const two = faults.add({ ...RULE, action: { do: 'ignore' } });
		const told = Promise.all([one.happened(), two.happened()]);
		expect(await faults.reach(EVENT)).toMatchObject({ answer: { status: 'NO' } });
		await told;
	});
});

describe('a wrong rule is refused, with the reason', () => {
	const wrong: [unknown, string][] = [
		[null, 'a rule is an object'],
		[[], 'a rule is an object'],
		[{ action: { do: 'drop' } }, 'at is missing'],
		[{ at: 'imap.nowhere', action: { do: 'drop' } }, 'at is wrong'],
		[{ at: 'imap.done' }, 'action is missing'],
		[{ at: 'imap.done', action: { do: 'explode' } }, 'no such action'],
		[{ at: 'imap.done', action: { do: 'toString' } }, 'no such action'],
		[{ at: 'imap.done', action: {} }, 'no such action'],
		[{ at: 'imap.done', action: { do: 'ignore' } }, 'ignore makes no sense at imap.done'],
		[
			{ at: 'smtp.replied', action: { do: 'answer', reply: 451 } },
			'answer makes no sense at smtp.replied',
		],
		[
			{ at: 'mailbox.delivered', action: { do: 'drop' } },
			'drop makes no sense at mailbox.delivered',
		],
		[{ ...RULE, command: 'FETCH ME' }, 'no such command at imap.command'],
		[{ ...RULE, command: 'MAIL' }, 'no such command at imap.command'],
		[{ ...RULE, at: 'smtp.dot', command: 'MAIL' }, 'no such command at smtp.dot'],
		[{ ...RULE, at: 'smtp.connection', command: 'EHLO' }, 'there is no command at smtp.connection'],
		[{ ...RULE, skip: -1 }, 'skip is wrong'],
		[{ ...RULE, times: 0 }, 'times is wrong'],
		[{ ...RULE, times: 1.5 }, 'times is wrong'],
		[{ ...RULE, every: 0 }, 'every is wrong'],
		[{ ...RULE, connection: 0 }, 'connection is wrong'],
		[{ ...RULE, account: '' }, 'account is wrong'],
		[{ ...RULE, name: 'due\r\nrighe' }, 'name is wrong'],
		[{ ...RULE, when: 'now' }, '"when" is not known'],
		[{ ...RULE, action: { do: 'drop', afterBytes: -1 } }, 'action: afterBytes is wrong'],
		[{ ...RULE, action: { do: 'drop', direction: 'up' } }, 'action: direction is wrong'],
		[{ ...RULE, action: { do: 'drop', bytes: 3 } }, 'action: "bytes" is not known'],
		[{ ...RULE, action: { do: 'slow' } }, 'action: bytesPerSecond is missing'],
		[{ ...RULE, action: { do: 'slow', bytesPerSecond: 0 } }, 'action: bytesPerSecond is wrong'],
		[{ ...RULE, action: { do: 'answer' } }, 'an IMAP answer has a status'],
		[{ ...RULE, action: { do: 'answer', reply: 451 } }, 'an IMAP answer has a status'],
		[{ ...RULE, action: { do: 'answer', status: 'OK' } }, 'action: status is wrong'],
		[{ ...RULE, action: { do: 'answer', status: 'NO', code: 'A]\r\n' } }, 'action: code is wrong'],
		[
			{ ...RULE, at: 'imap.replied', action: { do: 'answer', status: 'NO' } },
			'only BYE makes sense at imap.replied',
		],
		[{ at: 'smtp.dot', action: { do: 'answer', status: 'NO' } }, 'an SMTP answer has a reply code'],
		[{ at: 'smtp.dot', action: { do: 'answer', reply: 354 } }, 'action: reply is wrong'],
		[
			{ at: 'smtp.dot', action: { do: 'answer', reply: 451, code: 'X' } },
			'an SMTP answer has no code',
		],
		[{ ...RULE, action: { do: 'hide', forMs: 'long' } }, 'action: forMs is wrong'],
		[{ ...RULE, action: { do: 'moveMessages' } }, 'action: to is missing'],
		[{ ...RULE, action: { do: 'deleteMessages', uids: [0] } }, 'action: uids is wrong'],
		[{ ...RULE, action: { do: 'call', run: 'rm' } }, 'action: run is wrong'],
	];

	it.each(wrong)('%j: %s', (rule, reason) => {
		expect(ruleProblem(rule)).toBe(reason);
		expect(() => new Faults().add(rule as FaultRule)).toThrow(new TypeError(reason));
	});

	it('by its number in a file', () => {
		expect(() => readRules(JSON.stringify([RULE, { ...RULE, skip: 'x' }]))).toThrow(
			'rule 2: skip is wrong',
		);
		expect(() => readRules('{')).toThrow('this is no JSON');
		expect(() => readRules('{}')).toThrow('expected an array of rules');
		expect(readRules(JSON.stringify([RULE]))).toEqual([RULE]);
	});
});
