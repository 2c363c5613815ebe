import { beforeEach, describe, expect, it } from 'vitest';
import {
	Attendance,
	type Standing,
	type StandingEnd,
} from '../../nodes/account/watchAttendance.ts';
import { FoldedWatch, type WatchChange } from '../../nodes/account/watchState.ts';
import { WatchTalk } from '../../nodes/account/watchTalk.ts';
import type { FolderState, ImapSession } from '../../nodes/mail/types.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

let clock: number;
let records: WatchChange[];
let looks: number;

beforeEach(() => {
	clock = 0;
	records = [];
	looks = 0;
});

/** Counts what is in the folder of records. */
const imap = {
	folderStates: async (paths: readonly string[]) => {
		const state: FolderState = { uidNext: records.length + 1, uidValidity: '1', messages: 0 };
		return await Promise.resolve(new Map(paths.map((path) => [path, state])));
	},
} as ImapSession;

/** A process that watches, and what it holds. */
class Process {
	readonly state = new FoldedWatch();
	readonly talk = new WatchTalk();
	readonly carried = new Set<string>();
	readonly standing = new Map<string, Standing>();
	readonly ends: string[] = [];
	readonly attendance: Attendance;
	#pending: WatchChange[] = [];
	#read = 0;

	constructor(name: string, hasEnded: (name: string) => boolean = () => false) {
		const journal = {
			state: this.state,
			talk: this.talk,
			hasPending: false,
			note: (change: WatchChange) => {
				this.state.fold(change);
				this.#pending.push(change);
				journal.hasPending = true;
			},
			flush: async () => {
				records.push(...this.#pending);
				this.#pending = [];
				journal.hasPending = false;
				return await Promise.resolve('stored' as const);
			},
			look: async () => {
				looks += 1;
				for (; this.#read < records.length; this.#read += 1) {
					const change = records[this.#read] ?? {};
					this.state.fold(change);
					this.talk.learn(this.#read + 1, change, false);
				}
				return await Promise.resolve();
			},
		};
		this.attendance = new Attendance({ self: name, journal, hasEnded, monotonic: () => clock });
		this.attendance.connected();
	}

	carries(tag: string): boolean {
		return this.carried.has(tag);
	}

	stand(tag: string): void {
		const end = (how: StandingEnd) => {
			this.standing.delete(tag);
			this.ends.push(`${tag}: ${how}`);
		};
		this.standing.set(tag, { since: clock, end });
	}

	async attend(): Promise<void> {
		await this.attendance.attend(imap, this);
	}
}

/** Lets time go by, in which these attend. */
async function pass(ms: number, ...processes: readonly Process[]): Promise<void> {
	const end = clock + ms;
	for (; clock < end; clock += SECOND) for (const process of processes) await process.attend();
}

async function together(): Promise<[Process, Process]> {
	// In the order of their names.
	const [one, other] = [new Process('one'), new Process('other')];
	await pass(5 * MINUTE, one, other);
	expect(one.attendance.others).toEqual(['other']);
	expect(other.attendance.others).toEqual(['one']);
	return [one, other];
}

const asked = () => records.filter(({ asks }) => asks !== undefined).length;

describe('a process that watches alone', () => {
	it('writes one record, and reads none while there is nothing new', async () => {
		const alone = new Process('one');
		await pass(MINUTE, alone);
		const before = looks;
		await pass(600 * MINUTE, alone);
		expect(records).toEqual([{ here: ['one'] }]);
		expect(looks).toBe(before + 1);
	});

	it('goes on at once with what stands by', async () => {
		const alone = new Process('one');
		await pass(MINUTE, alone);
		alone.stand('a');
		await pass(2 * SECOND, alone);
		expect(alone.ends).toEqual(['a: free']);
	});
});

describe('processes that watch the same', () => {
	it('say nothing from minute to minute', async () => {
		const [one, other] = await together();
		const before = records.length;
		await pass(50 * MINUTE, one, other);
		expect(records.length).toBe(before);
	});

	it('leave an event to the one that holds it, until it is settled', async () => {
		const [one, other] = await together();
		one.carried.add('a');
		other.stand('a');
		await pass(60 * MINUTE, one, other);
		expect(other.ends).toEqual([]);
		one.carried.delete('a');
		records.push({ settled: ['a'] });
		await pass(10 * SECOND, one, other);
		expect(other.ends).toEqual(['a: settled']);
	});

	it('ask for nothing that is settled soon', async () => {
		const [one, other] = await together();
		const before = asked();
		other.stand('a');
		await pass(10 * SECOND, one, other);
		records.push({ settled: ['a'] });
		await pass(MINUTE, one, other);
		expect(other.ends).toEqual(['a: settled']);
		expect(asked()).toBe(before);
	});

	it('go on with an event that all others say they do not hold', async () => {
		const [one, other] = await together();
		other.stand('a');
		await pass(2 * MINUTE, one, other);
		expect(other.ends).toEqual(['a: free']);
	});

	it('go on with an event for which both stand by, one of them alone', async () => {
		const [one, other] = await together();
		one.stand('a');
		other.stand('a');
		await pass(3 * MINUTE, one, other);
		expect([one.ends, other.ends]).toEqual([['a: free'], []]);
		one.carried.add('a');
		await pass(30 * MINUTE, one, other);
		expect(other.ends).toEqual([]);
	});

	it('go on with an event when the one that holds it ends in order', async () => {
		const [one, other] = await together();
		one.carried.add('a');
		other.stand('a');
		await pass(5 * MINUTE, one, other);
		one.attendance.leave();
		records.push({ gone: ['one'] });
		await pass(10 * SECOND, other);
		expect(other.ends).toEqual(['a: free']);
	});

	it('go on with an event of one that gives no answer, and not sooner than it could have', async () => {
		const [one, other] = await together();
		one.carried.add('a');
		other.stand('a');
		await pass(2 * MINUTE, other);
		expect(other.ends).toEqual([]);
		await pass(2 * MINUTE, other);
		expect(other.ends).toEqual(['a: free']);
		expect(other.attendance.others).toEqual([]);
		// It was only held up, and says so.
		await pass(2 * MINUTE, one, other);
		expect(other.attendance.others).toEqual(['one']);
	});

	it('ask again over a new connection: who was away as well could not answer', async () => {
		const [one, other] = await together();
		one.carried.add('a');
		other.stand('a');
		await pass(30 * SECOND, other);
		clock += 10 * MINUTE;
		other.attendance.connected();
		await pass(MINUTE, other);
		one.attendance.connected();
		await pass(5 * MINUTE, one, other);
		expect(other.ends).toEqual([]);
	});

	it('do not ask one that is known to have ended', async () => {
		const ended = new Set<string>();
		const one = new Process('one', (name) => ended.has(name));
		const other = new Process('other');
		await pass(5 * MINUTE, one, other);
		const before = asked();
		ended.add('other');
		one.stand('a');
		await pass(2 * SECOND, one);
		expect(one.ends).toEqual(['a: free']);
		expect(asked()).toBe(before);
		expect(records.at(-1)).toEqual({ gone: ['other'] });
	});

	it('find out that another is dead although no event stands by', async () => {
		const [, other] = await together();
		await pass(70 * MINUTE, other);
		expect(other.attendance.others).toEqual([]);
	});
});
