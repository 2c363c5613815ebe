import { MailError } from '../mail/errors';
import type { Clock } from './clock';
import type { LeaseRecords } from './leaseRecords';
import {
	bygoneIn,
	claimsIn,
	DOT_MS,
	GRACE_MS,
	LEASE_MS,
	livingClaims,
	type Claim,
	type LeaseStep,
} from './leaseRules';

/** Twice again before no dot may be written any more. */
const RENEW_MS = 40_000;

/** In line nothing is sent: its place is all that is to be kept. */
const IN_LINE_RENEW_MS = 3 * 60_000;

/** How long another run may stand in line before a holder knows. */
const LOOK_MS = 10_000;

/** How often a run in line looks. */
export const IN_LINE_MS = 2_000;

/** How far a view may lag behind what was written. */
const LAG_MS = 60_000;
const LAG_LOOK_MS = 250;

const TRIES = 3;

export interface LeaseOptions {
	/** On the connection as it is now: one that was lost is replaced. */
	readonly records: () => Promise<LeaseRecords>;
	readonly clock: Clock;
	/** 20 hexadecimal digits that no other run has. */
	readonly nonce: string;
	/** How long to stand in line, milliseconds. */
	readonly waitMs: number;
	readonly signal?: AbortSignal;
	/** Told once: another run sends from this account. */
	readonly onInLine?: () => void;
}

/** A moment by both clocks. */
interface Moment {
	readonly wall: number;
	readonly monotonic: number;
}

/** What a look shows; only a look that has one's own latest record is one. */
interface Look {
	readonly claims: readonly Claim[];
	/** The latest date in it: what was written before then is in the look as well. */
	readonly serverNow: number;
	/** Until when it lives, if its newest record counts. */
	readonly ownUntil: number;
}

/** The right to send from an account, for one run at a time, on whatever machine (docs/ARCHITECTURE.md, The lease). */
export class SendingLease {
	readonly #options: LeaseOptions;
	/** Before the record was sent by which it lives: the server dated that record later. */
	#livesFrom: Moment;
	#newestUid = 0;
	#claimUid: number | undefined;
	#uidValidity: string | undefined;
	/** Records of those that left or ended so long ago that every view has all they did. */
	#bygone: readonly number[] = [];
	#isReleased = false;
	#seenUid = 0;
	#lookedAt = 0;
	#isOver = false;
	#othersWait = false;
	#keeping: Promise<void> | undefined;

	private constructor(options: LeaseOptions) {
		this.#options = options;
		this.#livesFrom = this.#moment();
	}

	/**
	 * Stands in line until it is first.
	 * @returns `undefined` when that took longer than `waitMs`, or the signal aborted: it is not in line any more then
	 * @throws MailError when records cannot be kept, or the connection stays away
	 */
	static async acquire(options: LeaseOptions): Promise<SendingLease | undefined> {
		const lease = new SendingLease(options);
		let isFirst = false;
		try {
			isFirst = await lease.#standInLine();
		} finally {
			if (!isFirst) await lease.release();
		}
		return isFirst ? lease : undefined;
	}

	/** Whether a final dot may be written now. Asks nobody but the clocks. */
	get mayFinish(): boolean {
		return !this.#isOver && this.#ageMs() < DOT_MS;
	}

	/** Other runs stand in line. */
	get othersWait(): boolean {
		return this.#othersWait;
	}

	/** The highest UID among the lease records seen last. */
	get seenUid(): number {
		return this.#seenUid;
	}

	/** Milliseconds until `keep` has something to do. */
	get dueInMs(): number {
		const sinceLook = this.#options.clock.monotonic() - this.#lookedAt;
		return Math.max(0, Math.min(RENEW_MS - this.#ageMs(), LOOK_MS - sinceLook));
	}

	/** Looks once more that it is first, in a view that has this message of one's own. @throws MailError when it is not */
	async confirm(upTo: number): Promise<void> {
		this.#requireFirst(await this.#look(upTo));
	}

	/** Renews it when that is due, and sees who stands in line. @throws MailError when it is lost, or the connection is */
	async keep(): Promise<void> {
		if (!this.#lives()) throw this.#lose();
		if (this.dueInMs > 0) return;
		// Asked for by all that is under way, done once.
		this.#keeping ??= this.#renew().finally(() => (this.#keeping = undefined));
		await this.#keeping;
	}

	async #renew(): Promise<void> {
		if (this.#ageMs() >= RENEW_MS) await this.#write('renewal');
		const look = await this.#look();
		this.#requireFirst(look);
		this.#othersWait = livingClaims(look.claims, look.serverNow).length > 1;
	}

	/**
	 * Leaves the line, by a record: a view in which it is has everything that was written before. That the claim is gone would be
	 * seen at once, also in a view that lags behind.
	 */
	async release(): Promise<void> {
		if (this.#isReleased) return;
		this.#isOver = true;
		this.#isReleased = true;
		if (this.#newestUid === 0) return;
		try {
			const records = await this.#options.records();
			await records.write(this.#options.nonce, 'release');
			await records.remove(this.#bygone);
		} catch {
			// The connection is gone, and whoever comes next waits for the end.
		}
	}

	async #standInLine(): Promise<boolean> {
		const { clock, waitMs, signal, onInLine } = this.#options;
		const begun = clock.monotonic();
		await this.#write('claim');
		for (let isTold = false; !signal?.aborted; isTold = true) {
			const look = await this.#look();
			const [first] = livingClaims(look.claims, look.serverNow);
			if (first?.nonce === this.#options.nonce && this.#ageMs() < RENEW_MS) return true;
			if (clock.monotonic() - begun >= waitMs) return false;
			const isFirst = first?.nonce === this.#options.nonce;
			if (!isTold && !isFirst) onInLine?.();
			if (!isFirst) await clock.sleep(IN_LINE_MS, signal);
			// That the first one's time is over must be dated by the server, in a record of one's own.
			const isOver = first && look.serverNow + this.#ageMs() > first.until + GRACE_MS;
			if (isFirst || isOver || this.#ageMs() >= IN_LINE_RENEW_MS) await this.#write('renewal');
		}
		return false;
	}

	/** A lost answer is no answer: it may be written twice, and lives from before the first try. */
	async #write(step: LeaseStep): Promise<void> {
		const from = this.#moment();
		for (let tries = 1; ; tries += 1) {
			try {
				const records = await this.#options.records();
				this.#newestUid = await records.write(this.#options.nonce, step);
				break;
			} catch (error) {
				if (!isOfConnection(error) || tries === TRIES) return await Promise.reject(error);
			}
		}
		this.#livesFrom = from;
	}

	async #look(upTo = this.#newestUid): Promise<Look> {
		const { clock, nonce, signal } = this.#options;
		const begun = clock.monotonic();
		for (;;) {
			const { uidValidity, entries, isWhole } = await (await this.#options.records()).read(upTo);
			const own = entries.filter((entry) => entry.nonce === nonce);
			const newest = own.find(({ uid }) => uid === this.#newestUid);
			if (newest && isWhole) {
				this.#requireSamePlace(uidValidity, own[0]?.uid);
				this.#lookedAt = clock.monotonic();
				this.#seenUid = entries.at(-1)?.uid ?? 0;
				const serverNow = Math.max(...entries.map(({ at }) => at));
				this.#bygone = bygoneIn(entries, serverNow);
				return {
					claims: claimsIn(entries),
					serverNow,
					ownUntil: newest.at + LEASE_MS,
				};
			}
			if (clock.monotonic() - begun >= LAG_MS || signal?.aborted) throw this.#lose();
			await clock.sleep(LAG_LOOK_MS, signal);
		}
	}

	/** A folder that was numbered anew, or emptied, says nothing of who came first. */
	#requireSamePlace(uidValidity: string | undefined, claimUid: number | undefined): void {
		this.#uidValidity ??= uidValidity;
		this.#claimUid ??= claimUid;
		if (uidValidity !== this.#uidValidity || claimUid !== this.#claimUid) throw this.#lose();
	}

	/** The first of those that live, and by the record by which it thinks it lives: one that came late counts for nothing. */
	#requireFirst({ claims, serverNow, ownUntil }: Look): void {
		const [first] = livingClaims(claims, serverNow);
		const isCounted = first !== undefined && first.until >= ownUntil;
		if (first?.nonce !== this.#options.nonce || !isCounted || !this.#lives()) throw this.#lose();
	}

	#lives(): boolean {
		return !this.#isOver && this.#ageMs() < LEASE_MS;
	}

	#lose(): MailError {
		this.#isOver = true;
		return new MailError('refused', 'Another run may be sending from this account by now', {
			whatToDo:
				'Run the workflow again: what was sent stays sent, and it goes on with the others. If it happens often, look whether somebody moves or deletes messages in the folder "n8n PEC (do not delete)"',
			retry: 'now',
		});
	}

	#moment(): Moment {
		const { clock } = this.#options;
		return { wall: clock.now().getTime(), monotonic: clock.monotonic() };
	}

	/** The greater of both clocks' opinions; a wall clock that was set back tells nothing. */
	#ageMs(): number {
		const { wall, monotonic } = this.#moment();
		return Math.max(wall - this.#livesFrom.wall, monotonic - this.#livesFrom.monotonic);
	}
}

function isOfConnection(error: unknown): boolean {
	return (
		error instanceof MailError && (error.code === 'connectionLost' || error.code === 'timeout')
	);
}
