// Child of fuzz.ts: makes messages, has them read and tells its parent what it found. It may hang, or die of a message.

import { mkdirSync } from 'node:fs';
import { addMessage, emptyCoverage } from './coverage.ts';
import { openDesk, type Desk } from './desk.ts';
import { Growth, WINDOW } from './growth.ts';
import { keep, keepIssuers, keepLeast } from './keep.ts';
import { makeMessage, type Made } from './make.ts';
import { minimise } from './minimise.ts';
import { CURRENT, NOW, type TrialNews, type TrialOrder } from './news.ts';
import { judge, type Complaint } from './oracles.ts';
import { Random } from './random.ts';
import { loadReader, type Reader } from './reader.ts';

const MINIMISING = 3000;
const NEWS_INTERVAL = 250;

const tell = (news: TrialNews): void => void process.send?.(news);

class Trial {
	readonly #order: TrialOrder;
	readonly #desk: Desk;
	readonly #reader: Reader;
	readonly #growth = new Growth();
	/** Faults of which one message was made smaller: each is found many times. */
	readonly #known = new Set<string>();
	readonly #options;
	#coverage = emptyCoverage();
	#over = false;
	#messages = 0;
	#used = 0;
	#toldAt = performance.now();

	constructor(order: TrialOrder, desk: Desk, reader: Reader) {
		this.#order = order;
		this.#desk = desk;
		this.#reader = reader;
		this.#options = { trust: { issuers: desk.issuers }, now: NOW };
	}

	async run(): Promise<void> {
		const { seed, time } = this.#order;
		const end = performance.now() + time;
		let { index } = this.#order;
		for (; performance.now() < end && !this.#over; index += 1) {
			// A random start for each message: it can be made without those before it.
			const made = makeMessage(this.#desk, new Random(Math.imul(seed ^ index, 0x9e3779b1)));
			keep(this.#order.folder, CURRENT, made);
			const { message, complaint } = await judge(this.#reader, made, this.#options);
			this.#messages += 1;
			if (message) addMessage(this.#coverage, message, this.#reader.unwrapP7m(made.p7m));
			if (complaint) await this.#found(index, made, complaint);
			if (index % WINDOW === 0) await this.#weigh(index, made);
			if (performance.now() - this.#toldAt > NEWS_INTERVAL) this.#progress(index);
		}
		this.#progress(index);
	}

	#progress(index: number): void {
		this.#toldAt = performance.now();
		tell({
			news: 'progress',
			index,
			messages: this.#messages,
			used: this.#used,
			coverage: this.#coverage,
		});
		this.#messages = 0;
		this.#coverage = emptyCoverage();
	}

	async #found(index: number, made: Made, complaint: Complaint): Promise<void> {
		const { fault, detail } = complaint;
		const file = this.#save(index, fault, made);
		// A slow one would be read a thousand times.
		if (fault !== 'slow' && !this.#known.has(fault)) {
			this.#known.add(fault);
			const isFound = async (raw: Buffer): Promise<boolean> =>
				(await judge(this.#reader, { ...made, raw }, this.#options)).complaint?.fault === fault;
			keepLeast(file, await minimise(made.raw, isFound, performance.now() + MINIMISING));
		}
		tell({ news: 'found', index, fault, detail, file, recipe: made.recipe });
	}

	#save(index: number, fault: string, made: Made): string {
		const { folder, seed } = this.#order;
		return keep(folder, `${fault}-${seed}-${index}`, made);
	}

	async #weigh(index: number, made: Made): Promise<void> {
		globalThis.gc?.();
		// What was external is let go in the next turn only.
		await new Promise(setImmediate);
		globalThis.gc?.();
		const { heapUsed, external, rss } = process.memoryUsage();
		this.#used = heapUsed + external;
		const detail = this.#growth.add(this.#used, rss);
		if (detail === undefined) return;
		const file = this.#save(index, 'grew', made);
		tell({ news: 'found', index, fault: 'grew', detail, file, recipe: made.recipe });
		// Nothing more can be told by a process that has grown.
		this.#over = true;
	}
}

process.once('message', (order: TrialOrder) => {
	void (async () => {
		mkdirSync(order.folder, { recursive: true });
		const reader = await loadReader(order.reader);
		const desk = await openDesk(process.env.PEC_SAMPLES_DIR);
		keepIssuers(order.folder, desk.issuers);
		tell({ news: 'ready' });
		await new Trial(order, desk, reader).run();
		tell({ news: 'done' });
		process.disconnect();
	})();
});
