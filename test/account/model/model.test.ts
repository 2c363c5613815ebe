import { afterEach, describe, expect, it, vi } from 'vitest';
import { SendingLease } from '../../../nodes/account/lease.ts';
import type { LeaseRecords } from '../../../nodes/account/leaseRecords.ts';
import type { Records } from '../../../nodes/account/records.ts';
import { play, type Planted, type Scenario, type Story } from './scenario.ts';

/** So many worlds each; every one is another order of all steps, with other troubles. */
const WORLDS = 300;

/** In so many worlds a mistake has to show. */
const SEARCHED = 3_000;

/** Some show in one world of a thousand. */
const LONGEST_MS = 180_000;

afterEach(() => vi.restoreAllMocks());

async function worlds(scenario: Scenario, count = WORLDS): Promise<Story[]> {
	const stories: Story[] = [];
	for (let seed = 1; seed <= count; seed += 1) stories.push(await play(seed, scenario));
	return stories;
}

const isBad = ({ doubles, forgotten }: Story) => doubles.length > 0 || forgotten.length > 0;

/** The first world in which something is sent twice or forgotten. */
async function firstBad(scenario: Scenario): Promise<Story | undefined> {
	for (let seed = 1; seed <= SEARCHED; seed += 1) {
		const story = await play(seed, scenario);
		if (isBad(story)) return story;
	}
	return undefined;
}

describe('sending, whatever happens in whatever order', () => {
	it.each<[string, Scenario]>([
		['by two runs', {}],
		['by three runs', { runs: 3 }],
		['by one run, of more rows', { runs: 1, rows: 12 }],
		[
			'by machines that stand still with their clocks',
			{ weather: { crashes: true, pauses: true, losses: true, clocksStandStill: true } },
		],
		[
			'with a person who sends once more what is unclear and was not taken',
			{ aPersonResends: true },
		],
	])('%s: sends nothing twice, and forgets nothing', async (_, scenario) => {
		const stories = await worlds(scenario);
		expect(stories.filter(isBad).map(({ history }) => history)).toEqual([]);
		// Or nothing of it was tried.
		expect(stories.some(({ crashes }) => crashes > 0)).toBe(true);
		expect(stories.some(({ unclear }) => unclear > 0)).toBe(true);
	});
});

/** What the records of a run do is something else. */
function withRecords(change: (records: Records) => Records): Planted {
	return (parts) => ({ ...parts, records: async () => change(await parts.records()) });
}

function withLeases(change: (leases: LeaseRecords) => Partial<LeaseRecords>): Planted {
	return withRecords((records) => ({
		...records,
		leases: { ...records.leases, ...change(records.leases) },
	}));
}

const MISTAKES: Readonly<Record<string, Scenario>> = {
	'does not see the claims of others': {
		planted: withLeases((leases) => {
			const own = new Set<string>();
			return {
				write: async (nonce, step) => {
					own.add(nonce);
					return await leases.write(nonce, step);
				},
				read: async (upTo) => {
					const view = await leases.read(upTo);
					return { ...view, entries: view.entries.filter(({ nonce }) => own.has(nonce)) };
				},
			};
		}),
	},
	'leaves the line by removing its claim, not by a record': {
		planted: withLeases((leases) => ({
			write: async (nonce, step) => {
				if (step !== 'release') return await leases.write(nonce, step);
				const { entries } = await leases.read(0);
				await leases.remove(entries.filter((one) => one.nonce === nonce).map(({ uid }) => uid));
				return 0;
			},
		})),
	},
	'plans before it has the lease': {
		planted: (parts) => {
			const early = parts.plan();
			early.catch(() => undefined);
			return { ...parts, plan: async () => await early };
		},
	},
	'hands messages over before their intent is stored': {
		planted: withRecords((records) => ({
			...records,
			writeSubmissions: async (mailing, entries) => {
				void records.writeSubmissions(mailing, entries).catch(() => undefined);
				return await Promise.resolve(0);
			},
		})),
	},
	'counts a message as taken before the 250': {
		planted: (parts) => ({
			...parts,
			smtp: async () => {
				const smtp = await parts.smtp();
				return {
					...smtp,
					submit: async (draft, mayFinish) => {
						void smtp.submit(draft, mayFinish).catch(() => undefined);
						return await Promise.resolve({ verdict: 'submitted' });
					},
				};
			},
		}),
	},
	'sends again what is unclear': {
		planted: (parts) => ({
			...parts,
			plan: async () =>
				(await parts.plan()).map((row) =>
					row.why === 'inDoubt' ? { ...row, decision: 'send' as const } : row,
				),
		}),
	},
};

it('sends nothing twice, and forgets nothing, when one chunk begins while another is on its way', async () => {
	const stories = await worlds({ rows: 40 }, 150);
	expect(stories.filter(isBad).map(({ history }) => history)).toEqual([]);
	// More than one chunk has.
	expect(stories.some(({ mostAtOnce }) => mostAtOnce > 16)).toBe(true);
	expect(stories.some(({ crashes }) => crashes > 0)).toBe(true);
});

describe('a mistake is found:', () => {
	it.each(Object.entries(MISTAKES))(
		'it %s',
		async (_, scenario) => {
			expect(await firstBad(scenario)).toBeDefined();
		},
		LONGEST_MS,
	);

	it('it sends without a lease', async () => {
		const free = {
			mayFinish: true,
			othersWait: false,
			dueInMs: 3_600_000,
			seenUid: 0,
			confirm: async () => await Promise.resolve(),
			keep: async () => await Promise.resolve(),
			release: async () => await Promise.resolve(),
		};
		vi.spyOn(SendingLease, 'acquire').mockResolvedValue(free as unknown as SendingLease);
		expect(await firstBad({})).toBeDefined();
	});

	it('it does not look again when others wrote records, on a machine that stood still with its clocks', async () => {
		vi.spyOn(SendingLease.prototype, 'confirm').mockResolvedValue();
		const weather = { crashes: true, pauses: true, losses: true, clocksStandStill: true };
		expect(await firstBad({ weather })).toBeDefined();
	});

	it(
		'it writes the final dot without a look at the clocks, and a person resends what is unclear',
		async () => {
			vi.spyOn(SendingLease.prototype, 'mayFinish', 'get').mockReturnValue(true);
			expect(await firstBad({ aPersonResends: true })).toBeDefined();
		},
		LONGEST_MS,
	);
});

describe('what is assumed is needed:', () => {
	it.each<[string, Scenario]>([
		['a view that has a message has all older ones', { mailbox: { viewsHaveGaps: true } }],
		['nobody empties the folder of records meanwhile', { aPersonEmptiesRecords: true }],
		[
			'a server drops a connection that is silent for longer than it may be, before a person resends',
			{ aPersonResends: true, provider: { waitsForEver: true } },
		],
	])(
		'%s',
		async (_, scenario) => {
			expect(await firstBad(scenario)).toBeDefined();
		},
		LONGEST_MS,
	);
});
