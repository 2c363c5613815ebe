import { setTimeout as timer } from 'node:timers/promises';

/** Time as the sending of messages needs it. */
export interface Clock {
	/** The wall clock, which somebody may set. */
	now(): Date;
	/** Milliseconds; never set back, but may stand still while the machine sleeps. */
	monotonic(): number;
	/** Resolves also, and early, when the signal aborts. */
	sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
	now: () => new Date(),
	monotonic: () => performance.now(),
	sleep: async (ms, signal) => {
		await timer(ms, undefined, signal ? { signal } : {}).catch(() => undefined);
	},
};
