import type { AccountStore } from '../store/accountStore.ts';
import type { Folder } from '../store/folder.ts';
import { Curtains, type Curtain } from './curtains.ts';

/** How a clock is used here. */
export interface FaultClock {
	readonly now: () => Date;
	/** Calls back once it is `at`, by itself or by a clock that is moved; the answer cancels it. */
	readonly schedule: (at: Date, run: () => void) => () => void;
}

/** Draws curtains, and lifts them when their time has come. */
export class Hiding {
	readonly curtains: Curtains;
	readonly #clock: FaultClock;
	/** What commands at work may add, by connection. */
	readonly #atWork = new Map<number, () => void>();

	constructor(clock: FaultClock) {
		this.#clock = clock;
		this.curtains = new Curtains(clock.now);
	}

	/** Hides what was delivered from all connections. The answer shows it. */
	delivered(folder: Folder, uid: number, forMs: number): () => void {
		return this.#for(this.curtains.draw(folder, uid, undefined), forMs);
	}

	/**
	 * Hides what the next command of a connection adds to its account from all others. Drawn before the command runs and
	 * over all it may add to: nobody gets to look in between. The answer shows it.
	 */
	nextCommand(connection: number, mailbox: AccountStore, forMs: number): () => void {
		const drawn = mailbox
			.folders()
			.map((folder) => this.curtains.draw(folder, folder.uidNext, connection));
		let ends: (() => void)[] = drawn.map((curtain) => () => curtain.lift());
		this.settle(connection);
		this.#atWork.set(connection, () => {
			ends = drawn.map((curtain) => {
				if (curtain.hidesAny) return this.#for(curtain, forMs);
				curtain.lift();
				return () => undefined;
			});
		});
		return () => {
			for (const end of ends) end();
		};
	}

	/** The command of a connection is over: what it did not add to is as before. */
	settle(connection: number): void {
		const settle = this.#atWork.get(connection);
		this.#atWork.delete(connection);
		settle?.();
	}

	#for(curtain: Curtain, forMs: number): () => void {
		if (forMs === Infinity) return () => curtain.lift();
		const until = this.#clock.now().getTime() + forMs;
		curtain.endAt(until);
		// Whoever looks after that sees through it; who idles is told.
		const cancel = this.#clock.schedule(new Date(until), () => curtain.lift());
		return () => {
			cancel();
			curtain.lift();
		};
	}
}
