import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StandingEnd } from '../../nodes/account/watchAttendance.ts';
import { eventTag, FoldedWatch, type WatchChange } from '../../nodes/account/watchState.ts';
import {
	Offers,
	type OfferRules,
	type Offering,
	type OtherOfferers,
	type RunEnd,
} from '../../nodes/PecTrigger/offers.ts';

const NEVER = new Promise<never>(() => undefined);

/** A mailbox that keeps what was flushed, whatever happens to who flushed it. */
class FakeMailbox {
	readonly records: WatchChange[] = [];
	flushes = 0;

	/** A new process reads it. @param dies called before and after each record is stored; a true answer ends that process */
	journal(dies: () => boolean = () => false) {
		const state = new FoldedWatch();
		for (const record of this.records) state.fold(record);
		let pending: WatchChange[] = [];
		let latestUid: number | undefined;
		return {
			state,
			note: (change: WatchChange) => {
				state.fold(change);
				pending.push(change);
			},
			flush: async () => {
				if (dies()) return await NEVER;
				this.flushes += 1;
				this.records.push(...pending);
				pending = [];
				latestUid = this.records.length;
				if (dies()) return await NEVER;
				return 'stored' as const;
			},
			get latestUid() {
				return latestUid;
			},
		};
	}
}

/** n8n: a row for each key, which stays when it is killed; what ran is what its last node did. */
class FakeEditor {
	readonly rows = new Set<string>();
	readonly effects: string[] = [];

	async run(event: string, key: string, dies: () => boolean, end: RunEnd = 'succeeded') {
		if (dies()) return await NEVER;
		if (this.rows.has(key)) return 'duplicate' as const;
		this.rows.add(key);
		// The row of a killed run keeps its key although nothing ran.
		if (dies()) return await NEVER;
		this.effects.push(event);
		if (dies()) return await NEVER;
		return end;
	}
}

const GO_ON: OfferRules = { limit: 3, attempts: 1, strict: false, waiting: 50 };

function offersOver(
	journal: ReturnType<FakeMailbox['journal']>,
	rules: OfferRules = GO_ON,
	retryMs: readonly number[] = [1],
): Offers {
	const offers = new Offers({ journal, tag: 'watch', onChange: () => undefined, retryMs });
	offers.resume(rules);
	return offers;
}

async function idle(offers: Offers): Promise<void> {
	while (!offers.isIdle) await offers.changed();
}

const offering = (
	key: string,
	emit: Offering['emit'],
	onGivenUp: Offering['onGivenUp'] = () => undefined,
): Offering => ({ key, emit, onGivenUp });

describe('an event', () => {
	it('is recorded as offered before its run starts, and as settled after it ended', async () => {
		const mailbox = new FakeMailbox();
		const journal = mailbox.journal();
		const offers = offersOver(journal);
		const recorded: number[] = [];
		await offers.begin([
			offering('a', async () => {
				recorded.push(mailbox.records.length);
				return await Promise.resolve('succeeded');
			}),
		]);
		await idle(offers);
		await journal.flush();
		expect(recorded).toEqual([1]);
		expect(mailbox.records.at(-1)?.settled).toHaveLength(1);
		expect(offers.isSettled('a')).toBe(true);
	});

	it('is not offered again when it is settled or under way', async () => {
		const offers = offersOver(new FakeMailbox().journal());
		let runs = 0;
		const once = offering('a', async () => {
			runs += 1;
			return await Promise.resolve('succeeded');
		});
		await offers.begin([once]);
		await offers.begin([once]);
		await idle(offers);
		await offers.begin([once]);
		expect(runs).toBe(1);
	});

	it('whose run fails is given up at once by "go on"', async () => {
		const offers = offersOver(new FakeMailbox().journal());
		await offers.begin([offering('a', async () => await Promise.resolve('failed'))]);
		await idle(offers);
		expect(offers.isSettled('a')).toBe(true);
	});

	it('whose run fails is offered again under a new key, as often as is allowed, and then given up', async () => {
		const offers = offersOver(new FakeMailbox().journal(), { ...GO_ON, attempts: 3 });
		const keys: string[] = [];
		let failures = 0;
		await offers.begin([
			offering(
				'a',
				async (key) => {
					keys.push(key);
					return await Promise.resolve('failed');
				},
				(tries) => ({ failures } = tries),
			),
		]);
		await idle(offers);
		expect(new Set(keys).size).toBe(3);
		expect(failures).toBe(3);
		expect(offers.isSettled('a')).toBe(true);
	});

	it('that n8n knows although nobody here offered it was started elsewhere', async () => {
		const offers = offersOver(new FakeMailbox().journal());
		await offers.begin([offering('a', async () => await Promise.resolve('duplicate'))]);
		await idle(offers);
		expect(offers.isSettled('a')).toBe(true);
	});

	it('whose run n8n could not start keeps its key and stays open when watching ends', async () => {
		const offers = offersOver(new FakeMailbox().journal(), GO_ON, [60_000]);
		await offers.begin([offering('a', async () => await Promise.resolve('interrupted'))]);
		offers.pause();
		await idle(offers);
		expect(offers.isSettled('a')).toBe(false);
	});
});

describe('an event that is there twice', () => {
	it('is offered once, and not settled by the second before the first has ended', async () => {
		const offers = offersOver(new FakeMailbox().journal(), { ...GO_ON, attempts: 3 }, [60_000]);
		const editor = new FakeEditor();
		const failing = offering('x', async (key) => await editor.run('x', key, () => false, 'failed'));
		await offers.begin([failing, failing]);
		await offers.changed();
		expect(offers.isSettled('x')).toBe(false);
		expect(editor.effects).toEqual(['x']);
		offers.pause();
	});
});

describe('a run that ends n8n itself', () => {
	it('is not repeated for ever', async () => {
		const mailbox = new FakeMailbox();
		const rows = new Set<string>();
		let tries = 0;
		let crashes = 0;
		for (let life = 0; life < 30; life += 1) {
			const journal = mailbox.journal();
			const offers = offersOver(journal, { ...GO_ON, attempts: 3 });
			const poison = offering(
				'poison',
				async (key) => {
					if (rows.has(key)) return await Promise.resolve('duplicate');
					rows.add(key);
					tries += 1;
					return await NEVER;
				},
				(given) => ({ crashes } = given),
			);
			await offers.begin([poison]);
			await settledSoon();
			await journal.flush();
		}
		expect(tries).toBe(10);
		expect(crashes).toBe(10);
	});
});

describe('places', () => {
	it('are as many for what is offered again', async () => {
		const offers = offersOver(new FakeMailbox().journal(), { ...GO_ON, limit: 1, attempts: 3 });
		let running = 0;
		let most = 0;
		const failed = new Set<string>();
		for (const key of ['a', 'b', 'c', 'd']) {
			while (offers.free <= 0) await offers.changed();
			await offers.begin([
				offering(key, async () => {
					running += 1;
					most = Math.max(most, running);
					await settledSoon();
					running -= 1;
					if (failed.has(key)) return 'succeeded';
					failed.add(key);
					return 'failed';
				}),
			]);
		}
		await idle(offers);
		expect(most).toBe(1);
	});

	it('are as many as runs are allowed at the same time', async () => {
		const offers = offersOver(new FakeMailbox().journal());
		expect(offers.free).toBe(3);
		await offers.begin([offering('a', async () => await NEVER)]);
		expect(offers.free).toBe(2);
	});

	it('in strict order are free only when the event before is settled', async () => {
		const strict = { ...GO_ON, limit: 1, attempts: 2, strict: true };
		const offers = offersOver(new FakeMailbox().journal(), strict, [60_000]);
		await offers.begin([offering('a', async () => await Promise.resolve('failed'))]);
		await offers.changed();
		expect(offers.free).toBe(0);
		offers.pause();
	});
});

describe('whatever crashes when', () => {
	it('every event has its effect, and a second one only if the crash fell between its start and its record', async () => {
		const life = fc.integer({ min: 0, max: 25 });
		await fc.assert(
			fc.asyncProperty(fc.array(life, { maxLength: 4 }), async (lives) => {
				const events = ['a', 'b', 'c', 'd', 'e'];
				const mailbox = new FakeMailbox();
				const editor = new FakeEditor();
				let windows = 0;
				for (const steps of [...lives, Infinity]) {
					let left = steps;
					const dies = () => {
						left -= 1;
						return left < 0;
					};
					const journal = mailbox.journal(dies);
					const offers = offersOver(journal);
					const under = new Set<string>();
					const work = (async () => {
						for (const event of events) {
							while (offers.free <= 0) {
								await offers.changed();
								await journal.flush();
							}
							await offers.begin([
								offering(event, async (key) => {
									under.add(event);
									return await editor.run(event, key, dies);
								}),
							]);
						}
						await idle(offers);
						await journal.flush();
						return 'done';
					})();
					// Nothing here waits for the clock: whoever has not ended by then is dead.
					const end = await Promise.race([work, settledSoon()]);
					if (end === 'done') break;
					windows += under.size;
				}
				const counts = events.map((event) => editor.effects.filter((one) => one === event).length);
				expect(Math.min(...counts)).toBeGreaterThanOrEqual(1);
				expect(editor.effects.length - events.length).toBeLessThanOrEqual(windows);
			}),
			{ numRuns: 2000 },
		);
	});
});

async function settledSoon(): Promise<'dead'> {
	for (let turn = 0; turn < 30; turn += 1) await new Promise((resolve) => setImmediate(resolve));
	return 'dead';
}

describe('in queue mode, where a run is not of the process that offered it', () => {
	/** A main: what it knows of others is what the mailbox holds. */
	function mainOver(mailbox: FakeMailbox, journal = mailbox.journal(), mayBeThere = true): Offers {
		let known = mailbox.records.length;
		const others: OtherOfferers = {
			mayBeThere,
			isKnown: true,
			look: async () => {
				known = mailbox.records.length;
				return await Promise.resolve();
			},
			offeredAt: (tag) => {
				const own = journal.latestUid;
				const index = mailbox.records
					.slice(0, known)
					.findIndex(({ offers }, at) => offers?.[tag] && at + 1 !== own);
				return index === -1 ? undefined : index + 1;
			},
		};
		const options = { journal, tag: 'watch', onChange: () => undefined, retryMs: [1], others };
		const offers = new Offers(options);
		offers.resume(GO_ON);
		return offers;
	}

	/** Of a main that is ended, or not asked, while its run goes on at a worker. */
	const atWorker =
		(editor: FakeEditor): Offering['emit'] =>
		async (key) => {
			const end = await editor.run('message', key, () => false);
			return end === 'duplicate' ? end : await NEVER;
		};

	const endStanding = async (offers: Offers, end: StandingEnd) => {
		while (offers.standing.size === 0) await offers.changed();
		for (const one of [...offers.standing.values()]) one.end(end);
	};

	it('is not run again by a main that finds it under way at a worker', async () => {
		const mailbox = new FakeMailbox();
		const editor = new FakeEditor();
		// Two mains that overlap; or one that was ended while the run went on, and its successor.
		await mainOver(mailbox).begin([offering('message', atWorker(editor))]);
		const second = mainOver(mailbox);
		await second.begin([offering('message', atWorker(editor))]);
		expect([...second.standing.keys()]).toEqual([eventTag('message')]);
		expect(second.carries(eventTag('message'))).toBe(false);
		await endStanding(second, 'settled');
		await idle(second);
		expect(editor.effects).toEqual(['message']);
	});

	it('is not run by the main whose offer came second, although n8n forgot the run of the first', async () => {
		const mailbox = new FakeMailbox();
		const editor = new FakeEditor();
		const [first, second] = [mainOver(mailbox), mainOver(mailbox)];
		await first.begin([offering('message', atWorker(editor))]);
		await settledSoon();
		editor.rows.clear();
		await second.begin([offering('message', atWorker(editor))]);
		await settledSoon();
		expect(second.standing.size).toBe(1);
		expect(editor.effects).toEqual(['message']);
	});

	it('is run by the main whose offer came first, although it sees that of the other', async () => {
		const mailbox = new FakeMailbox();
		const editor = new FakeEditor();
		const journal = mailbox.journal();
		const first = mainOver(mailbox, {
			...journal,
			flush: async () => {
				const stored = await journal.flush();
				mailbox.records.push({ offers: { [eventTag('message')]: { times: 1, failures: 0 } } });
				return stored;
			},
			latestUid: 1,
		});
		await first.begin([offering('message', atWorker(editor))]);
		await settledSoon();
		expect(editor.effects).toEqual(['message']);
	});

	it('holds no place of a main that waits for another', async () => {
		const mailbox = new FakeMailbox();
		const editor = new FakeEditor();
		await mainOver(mailbox).begin([offering('message', atWorker(editor))]);
		const second = mainOver(mailbox);
		await second.begin([offering('message', atWorker(editor))]);
		expect(second.free).toBe(GO_ON.limit);
		second.pause();
		await idle(second);
		expect(second.isSettled('message')).toBe(false);
	});

	it('is run again when nobody is there who holds it', async () => {
		const mailbox = new FakeMailbox();
		const editor = new FakeEditor();
		await mainOver(mailbox).begin([offering('message', atWorker(editor))]);
		const second = mainOver(mailbox);
		await second.begin([offering('message', atWorker(editor))]);
		await endStanding(second, 'free');
		// n8n knows the key: whether somebody went on with it meanwhile is asked once more.
		await second.changed();
		await endStanding(second, 'free');
		await settledSoon();
		expect(editor.effects).toEqual(['message', 'message']);
	});

	it('is not run by the one of two mains whose key n8n refuses, and not settled before it has ended', async () => {
		const mailbox = new FakeMailbox();
		const editor = new FakeEditor();
		const first = mainOver(mailbox);
		// It does not know yet that there is another.
		const second = mainOver(mailbox, mailbox.journal(), false);
		await first.begin([offering('message', atWorker(editor))]);
		await second.begin([offering('message', atWorker(editor))]);
		await settledSoon();
		expect(editor.effects).toEqual(['message']);
		expect(second.standing.size).toBe(1);
		expect(second.isSettled('message')).toBe(false);
	});

	it('is not run again, and told, when the main that started it handed it over', async () => {
		const mailbox = new FakeMailbox();
		const editor = new FakeEditor();
		const journal = mailbox.journal();
		const ended = mainOver(mailbox, journal);
		await ended.begin([offering('message', atWorker(editor))]);
		await settledSoon();
		ended.handOver();
		await journal.flush();
		const next = offersOver(mailbox.journal());
		let told = 0;
		await next.begin([
			{ ...offering('message', atWorker(editor)), onHandedOver: () => (told += 1) },
		]);
		await idle(next);
		expect(editor.effects).toEqual(['message']);
		expect({ told, isSettled: next.isSettled('message') }).toEqual({ told: 1, isSettled: true });
	});

	it('is run when it was handed over and n8n knows nothing of it', async () => {
		const mailbox = new FakeMailbox();
		const editor = new FakeEditor();
		const journal = mailbox.journal();
		const ended = mainOver(mailbox, journal);
		await ended.begin([offering('message', async () => await NEVER)]);
		ended.handOver();
		await journal.flush();
		const next = offersOver(mailbox.journal());
		await next.begin([
			offering('message', async (key) => await editor.run('message', key, () => false)),
		]);
		await idle(next);
		expect(editor.effects).toEqual(['message']);
	});
});
