import { MailError } from '../mail/errors';
import type { Clock } from './clock';
import type { LeaseRecords } from './leaseRecords';
import {
	claimsIn,
	GRACE_MS,
	LEASE_MS,
	livingClaims,
	type Claim,
	type LeaseStep,
} from './leaseRules';

/** Several tries before the lease ends. */
const RENEW_MS = 3 * 60_000;

/** How long another run may stand in line before a holder knows. */
const LOOK_MS = 10_000;

/** How often a run in line looks. */
const IN_LINE_MS = 2_000;

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
	#ownUids: readonly number[] = [];
	#seenUid = 0;
	#lookedAt = 0;
	#isOver = false;
	#othersWait = false;

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
	get isHeld(): boolean {
		return !this.#isOver && this.#ageMs() < LEASE_MS;
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

	/** Looks once more that it is first. @throws MailError when it is not */
	async confirm(): Promise<void> {
		this.#requireFirst(await this.#look());
	}

	/** Renews it when that is due, and sees who stands in line. @throws MailError when it is lost, or the connection is */
	async keep(): Promise<void> {
		if (!this.isHeld) throw this.#lose();
		if (this.dueInMs > 0) return;
		if (this.#ageMs() >= RENEW_MS) await this.#write('renewal');
		const look = await this.#look();
		this.#requireFirst(look);
		this.#othersWait = livingClaims(look.claims, look.serverNow).length > 1;
	}

	/** Leaves the line. Never throws: what stays behind ends by its date. */
	async release(): Promise<void> {
		this.#isOver = true;
		if (this.#newestUid === 0) return;
		try {
			const records = await this.#options.records();
			const uids = this.#ownUids.length > 0 ? this.#ownUids : [this.#newestUid];
			if (!(await records.remove(uids))) await records.write(this.#options.nonce, 'release');
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
			if (first?.nonce === this.#options.nonce) return await this.#seesAll();
			if (clock.monotonic() - begun >= waitMs) return false;
			if (!isTold) onInLine?.();
			await clock.sleep(IN_LINE_MS, signal);
			// That the first one's time is over must be dated by the server, in a record of one's own.
			const isOver = first && look.serverNow + this.#ageMs() > first.until + GRACE_MS;
			if (isOver || this.#ageMs() >= RENEW_MS) await this.#write('renewal');
		}
		return false;
	}

	/**
	 * That those before have left does not show that the view has what they wrote last: it may lag behind. What was written
	 * before a record of one's own is in a view that has that record.
	 */
	async #seesAll(): Promise<boolean> {
		if (!this.isHeld) return false;
		await this.#write('renewal');
		this.#requireFirst(await this.#look());
		return true;
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

	async #look(): Promise<Look> {
		const { clock, nonce, signal } = this.#options;
		const begun = clock.monotonic();
		for (;;) {
			const { uidValidity, entries } = await (await this.#options.records()).read();
			const own = entries.filter((entry) => entry.nonce === nonce);
			const newest = own.find(({ uid }) => uid === this.#newestUid);
			if (newest) {
				this.#requireSamePlace(uidValidity, own[0]?.uid);
				this.#ownUids = own.map(({ uid }) => uid);
				this.#lookedAt = clock.monotonic();
				this.#seenUid = entries.at(-1)?.uid ?? 0;
				return {
					claims: claimsIn(entries),
					serverNow: Math.max(...entries.map(({ at }) => at)),
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
		if (first?.nonce !== this.#options.nonce || !isCounted || !this.isHeld) throw this.#lose();
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
