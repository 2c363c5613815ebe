import { createHash } from 'node:crypto';

import { cleanUp } from '../../nodes/account/cleanUp.ts';
import type { CopyStore } from '../../nodes/account/copyStore.ts';
import { openRecords } from '../../nodes/account/records.ts';
import { MailError } from '../../nodes/mail/errors.ts';
import type { CopyRecord } from '../../nodes/pec/types.ts';
import type { Entry } from '../account/chainCheck.ts';
import { ModelJudge } from './judge.ts';
import { letter, receiptOf } from './letters.ts';
import { ModelServer, RECORDS, type Fault } from './server.ts';
import { Run, World } from './world.ts';

const ACCOUNT = 'studio@pec.alfa.test';

export interface Story {
	readonly steps: number;
	/** Messages that clean-ups removed. */
	readonly purged: number;
	readonly faults: Partial<Record<Fault, number>>;
	readonly violations: readonly string[];
	readonly history: readonly string[];
}

/** One world: clean-ups over a mailbox in which letters arrive, people do what people do, and things go wrong. */
export async function play(seed: number, bug?: string): Promise<Story> {
	const world = new World(seed, bug);
	const stage = new Stage(world);
	await stage.play();
	return {
		steps: world.turns,
		purged: stage.judge.purged,
		faults: world.struck,
		violations: stage.judge.violations,
		history: world.history,
	};
}

class Stage {
	readonly judge: ModelJudge;
	readonly #world: World;
	readonly #server: ModelServer;
	/** By pecKey. */
	readonly #stored = new Map<string, Buffer>();
	/** What a preservation service keeps, by SHA-256. */
	readonly #handedOver = new Set<string>();
	readonly #wantsHandOver: boolean;
	readonly #limit: number;
	readonly #runs: Run[] = [];
	/** Those that are under way together. */
	#live: Run[] = [];
	#letters = 0;
	#open: string[] = [];

	constructor(world: World) {
		this.#world = world;
		this.#server = new ModelServer(world);
		this.#wantsHandOver = world.chance(4);
		// In most worlds there is no room for the reserve: it is a quarter of a megabyte each time.
		this.#limit = world.chance(8) ? 10_000_000 : 400_000;
		this.#server.quotaLimit = this.#limit;
		this.judge = new ModelJudge(world, this.#server, {
			stored: this.#stored,
			...(this.#wantsHandOver ? { handedOver: this.#handedOver } : {}),
		});
		world.onRemoved = (run, path, messages) => {
			if (path !== RECORDS) this.judge.removedByCleanUp(run, path, messages);
		};
		const letters = world.random.between(2, 7);
		for (let count = 0; count < letters; count += 1) this.#arrive();
	}

	async play(): Promise<void> {
		const world = this.#world;
		const runs = Array.from({ length: world.random.between(1, 3) }, () => this.#start());
		this.#live = runs;
		await world.goOn(runs, () => this.#happen());
		if (world.chance(2)) {
			this.#live = [this.#start(), this.#start()];
			await world.goOn(this.#live, () => this.#happen());
		}
		world.isFair = true;
		this.#server.quotaLimit = this.#limit;
		for (let times = 0; times < 2; times += 1) {
			// Later than any run could still be about to do what it planned.
			world.step += 10_000;
			await world.goOn([this.#start()], () => undefined);
			if (this.#wantsHandOver) this.#handOver();
		}
		this.judge.atTheEnd(this.#deletions());
	}

	#start(): Run {
		const run = new Run(this.#world);
		this.#runs.push(run);
		void this.#work(run).catch((error: unknown) => {
			if (!(error instanceof MailError)) this.judge.note(`broke: ${String(error)}`);
			run.isOver = true;
		});
		return run;
	}

	async #work(run: Run): Promise<void> {
		const world = this.#world;
		const imap = this.#server.connect(run);
		const now = () => world.date;
		const events = cleanUp({
			imap,
			account: ACCOUNT,
			records: await openRecords(imap, { account: ACCOUNT, now }),
			criteria: {
				olderThan: new Date(8.64e15),
				keepUnread: false,
				keepUnverified: false,
				copyRequired: this.#wantsHandOver ? 'handedOver' : 'checked',
			},
			budget: world.isFair || world.chance(2) ? {} : { maxMessages: world.random.between(1, 4) },
			store: this.#store(run),
			comparesBytes: world.chance(4),
			trust: { issuers: [] },
			now,
		});
		while (!(await events.next()).done);
		run.isOver = true;
	}

	#store(run: Run): CopyStore {
		const world = this.#world;
		const spoilt = (bytes: Buffer): Buffer => {
			if (world.strikes('otherBytes'))
				return Buffer.concat([bytes.subarray(0, -1), Buffer.from('!')]);
			if (world.strikes('truncatedBytes')) return bytes.subarray(0, -3);
			return world.strikes('errorPage') ? Buffer.from('<html>502</html>') : bytes;
		};
		const lost = () => new MailError('connectionLost', 'storage', { whatToDo: '', retry: 'now' });
		return {
			put: async ({ pecKey, raw }) => {
				await world.turn(run, 'put');
				if (world.strikes('storeLost')) throw lost();
				// What the store keeps may be other bytes for good, or only what it gives back once.
				if (!this.#stored.has(pecKey)) this.#stored.set(pecKey, Buffer.from(spoilt(raw)));
				return `store:${pecKey}`;
			},
			read: async ({ pecKey }) => {
				await world.turn(run, 'read back');
				if (world.strikes('storeLost')) throw lost();
				const bytes = this.#stored.get(pecKey);
				return bytes && spoilt(bytes);
			},
		};
	}

	/** A letter, or a sending of which the acceptance came, and later more. */
	#arrive(): void {
		const world = this.#world;
		this.#letters += 1;
		const id = `l${this.#letters}@pec.alfa.test`;
		if (world.chance(2)) {
			this.#deliver(letter(id, world.random.between(10, 300)));
			return;
		}
		this.#open.push(id);
		this.judge.began(`<${id}>`);
		this.#deliver(receiptOf('accettazione', id), id);
	}

	/** What the recipient's provider says of a sending. */
	#answer(): void {
		const id = this.#open.shift();
		if (id === undefined) return;
		const type = this.#world.chance(4) ? 'errore-consegna' : 'avvenuta-consegna';
		this.judge.answered(`<${id}>`, type);
		this.#deliver(receiptOf(type, id), id);
	}

	#deliver(raw: Buffer, sending?: string): void {
		this.judge.arrived(raw, sending === undefined ? undefined : `<${sending}>`);
		this.#server.put('INBOX', raw, this.#world.date);
	}

	#happen(): void {
		const world = this.#world;
		const does = world.random.pick([
			'arrive',
			'answer',
			'answer',
			'person',
			'person',
			'trouble',
			'handOver',
			'cleanUp',
		]);
		if (does === 'arrive') this.#arrive();
		if (does === 'answer') this.#answer();
		if (does === 'person') this.#person();
		if (does === 'handOver') this.#handOver();
		// Beside those under way, which go on until all are over.
		if (does === 'cleanUp' && this.#runs.length < 6) this.#live.push(this.#start());
		if (does !== 'trouble') return;
		if (world.strikes('uidValidity')) this.#server.renumber('INBOX', true);
		// No look helps against a server that does so between the last look and the deletion.
		const isAssumed = this.#runs.every((run) => run.isOver || !run.isAboutToRemove);
		if (isAssumed && world.strikes('uidsReused')) this.#server.renumber('INBOX', false);
		if (world.strikes('overQuota'))
			this.#server.quotaLimit = this.#server.used + world.random.between(0, 3_000);
	}

	/** Moves, flags, reads, marks or deletes a message. */
	#person(): void {
		const world = this.#world;
		const places = ['INBOX', 'Archivio'].flatMap((path) =>
			this.#server.ensure(path).messages.map((message) => ({ path, message })),
		);
		if (places.length === 0) return;
		const { path, message } = world.random.pick(places);
		const what = world.random.pick(['move', 'move', 'flag', 'read', 'mark', 'delete']);
		world.history.push(`${world.step} a person: ${what} ${path} ${message.uid}`);
		if (what === 'flag') this.judge.flagged(message);
		if (what === 'read') message.flags.add('\\Seen');
		if (what === 'mark') message.flags.add('\\Deleted');
		if (what !== 'move' && what !== 'delete') return;
		this.#server.take(path, new Set([message.uid]));
		if (what === 'delete') this.judge.removedByPerson(message.raw);
		else
			this.#server.put(
				path === 'INBOX' ? 'Archivio' : 'INBOX',
				message.raw,
				message.receivedAt,
				message.flags,
			);
	}

	/** A preservation service takes what the storage has, and its report raises the copies whose hashes it names. */
	#handOver(): void {
		const copies = this.#records('copies') as unknown as CopyRecord[];
		if (!this.#wantsHandOver || copies.length === 0) return;
		const named = new Map<string, CopyRecord>();
		for (const copy of copies) {
			const bytes = this.#stored.get(copy.pecKey);
			if (!bytes || (!this.#world.isFair && this.#world.chance(2))) continue;
			const sha256 = createHash('sha256').update(bytes).digest('hex');
			this.#handedOver.add(sha256);
			if (copy.sha256 === sha256) named.set(copy.pecKey, { ...copy, level: 'handedOver' });
		}
		if (named.size > 0)
			this.#server.put(RECORDS, recordOf({ copies: [...named.values()] }), this.#world.date);
	}

	#deletions(): Entry[] {
		return this.#records('deletions') as unknown as Entry[];
	}

	#records(name: string): object[] {
		return this.judge.recordsOf(name);
	}
}

function recordOf(content: object): Buffer {
	const json = JSON.stringify({ version: 1, type: 'copies', ...content });
	const headers = [
		'Subject: n8n PEC record 1 copies',
		'Content-Type: application/json; charset=utf-8; name="record.json"',
		'Content-Transfer-Encoding: base64',
		'Content-Disposition: attachment; filename="record.json"',
	];
	return Buffer.from(`${headers.join('\r\n')}\r\n\r\n${Buffer.from(json).toString('base64')}\r\n`);
}
