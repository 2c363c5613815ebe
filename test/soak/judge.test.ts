import { describe, expect, it } from 'vitest';
import { judge, objections, type Observations } from './judge.ts';

const NOTHING: Observations = {
	messages: [],
	runs: [],
	effects: [],
	kills: [],
	settled: new Map(),
	stored: new Map(),
	refused: [],
	shownAgain: [],
};

const message = (pecKey: string) => ({ pecKey, name: pecKey, arrivedAt: 0, folder: 'INBOX' });
const run = (pecKey: string, execution: string, at: number) => ({ pecKey, execution, at });
const ALL_STRUCK = { 'offer.cut': 1, 'kill.run': 2 };

/** One message with one effect, settled, shown again and left alone. */
const CLEAN: Observations = {
	...NOTHING,
	messages: [message('a')],
	runs: [run('a', '1', 10)],
	effects: [run('a', '1', 20)],
	settled: new Map([['a', 30]]),
	shownAgain: [{ pecKey: 'a', at: 40 }],
};

/** The same with a second run and its effect. */
const REPEATED: Observations = {
	...CLEAN,
	runs: [...CLEAN.runs, run('a', '2', 50)],
	effects: [...CLEAN.effects, run('a', '2', 60)],
	settled: new Map([['a', 70]]),
};

const objected = (seen: Observations) => objections(judge(seen), ALL_STRUCK).join('; ');

describe('the judge of the soak', () => {
	it('has nothing to say of one effect for each message, with a re-offer that was stopped', () => {
		expect(objected(CLEAN)).toBe('');
		expect(judge(CLEAN)).toMatchObject({
			messages: 1,
			effects: 1,
			suppressed: { settled: 1, refused: 0 },
		});
	});

	it('excuses a run that n8n had stored when it was killed, and started itself when it came back', () => {
		const seen = {
			...REPEATED,
			runs: [run('a', '2', 50), run('a', '1', 55)],
			effects: [run('a', '2', 60), run('a', '1', 65)],
			kills: [{ at: 40, point: 'random' }],
		};
		expect(judge(seen).duplicates).toHaveLength(1);
		const stored = new Map([
			['1', 39],
			['2', 49],
		]);
		expect(judge({ ...seen, stored })).toMatchObject({
			duplicates: [],
			window: [{ execution: '2' }],
		});
	});

	it('names a message that had no effect', () => {
		const seen = { ...CLEAN, messages: [...CLEAN.messages, message('b')] };
		expect(judge(seen).lost.map(({ pecKey }) => pecKey)).toEqual(['b']);
		expect(objected(seen)).toMatch(/1 messages had no effect/);
	});

	it('counts a run without an effect as none', () => {
		const seen = { ...CLEAN, effects: [] };
		expect(judge(seen).lost).toHaveLength(1);
	});

	it('blames nobody for a message that somebody removed', () => {
		const removed = { ...message('b'), removedAt: 5 };
		const seen = { ...CLEAN, messages: [...CLEAN.messages, removed] };
		expect(judge(seen)).toMatchObject({ lost: [], messages: 1 });
	});

	it('names a second effect that no kill explains', () => {
		expect(judge(REPEATED).duplicates).toMatchObject([{ execution: '2' }]);
		expect(objected(REPEATED)).toMatch(/1 effects were repeated outside/);
	});

	it.each([
		['before the first run had begun', 5],
		['after the second run had begun', 55],
		['after the settlement was stored', 80],
	])('does not excuse it by a kill %s', (_, at) => {
		const seen = { ...REPEATED, kills: [{ at, point: 'kill.run' }] };
		expect(judge(seen)).toMatchObject({ duplicates: [{ execution: '2' }], window: [] });
	});

	it.each([
		['in the same moment', 30],
		['before', 40],
	])('does not excuse it by a kill between two runs when the settlement was stored %s', (_, at) => {
		const seen = {
			...REPEATED,
			settled: new Map([['a', 30]]),
			kills: [{ at, point: 'kill.settlementStored' }],
		};
		expect(judge(seen).duplicates).toHaveLength(1);
	});

	it('counts it apart when n8n was killed between the run and its settlement', () => {
		const seen = { ...REPEATED, kills: [{ at: 25, point: 'kill.afterEffect' }] };
		expect(judge(seen)).toMatchObject({
			duplicates: [],
			window: [{ execution: '2', kill: { point: 'kill.afterEffect' } }],
		});
	});

	it('excuses one repeat by one kill, and not the next by the same', () => {
		const seen = {
			...REPEATED,
			runs: [...REPEATED.runs, run('a', '3', 61)],
			effects: [...REPEATED.effects, run('a', '3', 65)],
			kills: [{ at: 25, point: 'kill.afterEffect' }],
		};
		expect(judge(seen)).toMatchObject({
			duplicates: [{ execution: '3' }],
			window: [{ execution: '2' }],
		});
	});

	it('takes a node that did its work twice in one run for a repeat', () => {
		const seen = { ...CLEAN, effects: [...CLEAN.effects, run('a', '1', 21)] };
		expect(judge(seen).duplicates).toHaveLength(1);
	});

	it('names an effect of a message that never arrived', () => {
		const seen = { ...CLEAN, effects: [...CLEAN.effects, run('z', '9', 21)] };
		expect(judge(seen).strange).toMatchObject([{ execution: '9' }]);
		expect(objected(seen)).toMatch(/no message that arrived/);
	});

	it('did not bite when nothing that was offered again was stopped', () => {
		expect(objected({ ...CLEAN, shownAgain: [] })).toMatch(/did not bite/);
	});

	it('counts a message shown again before it was settled as nothing that was stopped', () => {
		const seen = { ...CLEAN, shownAgain: [{ pecKey: 'a', at: 25 }] };
		expect(judge(seen).suppressed.settled).toBe(0);
	});

	it('counts a message that was run again when it was shown again as nothing that was stopped', () => {
		const seen = { ...REPEATED, settled: CLEAN.settled };
		expect(judge(seen).suppressed.settled).toBe(0);
	});

	it('counts what n8n refused to start', () => {
		expect(judge({ ...CLEAN, refused: ['w:a:1'] }).suppressed.refused).toBe(1);
	});

	it('names the points that never struck', () => {
		expect(objections(judge(CLEAN), { 'offer.cut': 0, 'kill.run': 1 }).join()).toMatch(
			/never struck: offer.cut/,
		);
	});
});
