import { chainFaults, type Entry } from '../account/chainCheck.ts';
import { RECORDS, type ModelServer, type Stored } from './server.ts';
import type { Run, World } from './world.ts';
import { sha256 } from '../sha256.ts';

interface Arrival {
	readonly raw: Buffer;
	readonly sha256: string;
	readonly sending: string | undefined;
	fate: 'there' | 'purged' | 'removedByPerson';
}

interface Sending {
	delivered: boolean;
	/** The step at which bad news came. */
	failedAt: number | undefined;
}

interface Elsewhere {
	/** By pecKey. */
	readonly stored: ReadonlyMap<string, Buffer>;
	/** Where that is required: what a preservation service keeps, by SHA-256. */
	readonly handedOver?: ReadonlySet<string>;
}

const contents = new WeakMap<Buffer, Record<string, object[]>>();

/** A record never changes. */
function contentOf(raw: Buffer): Record<string, object[]> {
	const known = contents.get(raw);
	if (known) return known;
	const text = raw.toString('latin1');
	const body = Buffer.from(text.slice(text.indexOf('\r\n\r\n') + 4), 'base64').toString('utf8');
	const content = JSON.parse(body) as Record<string, object[]>;
	contents.set(raw, content);
	return content;
}

/** Knows what arrived, and what must not become of it; nothing of `nodes/`. */
export class ModelJudge {
	readonly violations: string[] = [];
	purged = 0;
	readonly #world: World;
	readonly #server: ModelServer;
	readonly #elsewhere: Elsewhere;
	readonly #arrivals = new Map<string, Arrival>();
	readonly #sendings = new Map<string, Sending>();
	readonly #flaggedAt = new Map<string, number>();

	constructor(world: World, server: ModelServer, elsewhere: Elsewhere) {
		this.#world = world;
		this.#server = server;
		this.#elsewhere = elsewhere;
	}

	note(what: string): void {
		this.violations.push(what);
		this.#world.history.push(`${this.#world.step} VIOLATION ${what}`);
	}

	began(sending: string): void {
		this.#sendings.set(sending, { delivered: false, failedAt: undefined });
	}

	answered(sending: string, type: string): void {
		const known = this.#sendings.get(sending);
		if (!known) return;
		if (type === 'avvenuta-consegna') known.delivered = true;
		else known.failedAt = this.#world.step;
	}

	arrived(raw: Buffer, sending: string | undefined): void {
		const hash = sha256(raw);
		this.#arrivals.set(hash, { raw, sha256: hash, sending, fate: 'there' });
	}

	flagged(message: Stored): void {
		message.flags.add('\\Flagged');
		const hash = sha256(message.raw);
		this.#flaggedAt.set(hash, this.#flaggedAt.get(hash) ?? this.#world.step);
	}

	removedByPerson(raw: Buffer): void {
		const arrival = this.#arrivals.get(sha256(raw));
		if (arrival) arrival.fate = 'removedByPerson';
	}

	/** At the moment in which a clean-up removes messages. */
	removedByCleanUp(run: Run, path: string, messages: readonly Stored[]): void {
		const copies = this.#hashesOf('copies');
		const recorded = new Set([...this.#hashesOf('planned'), ...this.#hashesOf('deletions')]);
		const kept = new Set([...this.#elsewhere.stored.values()].map(sha256));
		for (const { raw } of messages) {
			const arrival = this.#arrivals.get(sha256(raw));
			if (!arrival) continue;
			arrival.fate = 'purged';
			this.purged += 1;
			const { sha256: hash, sending } = arrival;
			if (!kept.has(hash)) this.note('removed, and in no storage byte for byte');
			if (!copies.has(hash)) this.note('removed, and no copy of it is on record');
			if (!recorded.has(hash)) this.note('removed, and no record says so');
			if (this.#elsewhere.handedOver?.has(hash) === false)
				this.note('removed, and not handed over');
			const flaggedAt = this.#flaggedAt.get(hash) ?? Infinity;
			if (flaggedAt < (run.scannedAt.get(path) ?? 0))
				this.note('removed, and flagged before the last look');
			const known = sending === undefined ? undefined : this.#sendings.get(sending);
			if (known && !known.delivered) {
				const isBad = known.failedAt !== undefined && known.failedAt < run.beganAt;
				this.note(isBad ? 'removed of a failed sending' : 'removed of a pending sending');
			}
		}
	}

	/** When nothing is under way any more. */
	atTheEnd(deletions: readonly Entry[]): void {
		const held = new Set(
			[...this.#server.folders.values()].flatMap(({ messages }) =>
				messages.map(({ raw }) => sha256(raw)),
			),
		);
		const recorded = this.#hashesOf('deletions');
		for (const { sha256: hash, fate } of this.#arrivals.values()) {
			if (fate === 'there' && !held.has(hash)) this.note('lost');
			if (fate === 'purged' && !recorded.has(hash))
				this.note('removed, and never recorded as deleted');
			if (fate === 'there' && recorded.has(hash)) this.note('recorded as deleted, and there');
		}
		for (const fault of chainFaults(deletions)) this.note(fault);
		if (this.recordsOf('planned').length > 0) this.note('a plan was never settled');
	}

	/** Of all records of the mailbox, what stands under this name. */
	recordsOf(name: string): object[] {
		return this.#server.ensure(RECORDS).messages.flatMap(({ raw }) => contentOf(raw)[name] ?? []);
	}

	#hashesOf(name: string): Set<string> {
		return new Set(this.recordsOf(name).map((entry) => (entry as { sha256: string }).sha256));
	}
}
