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
	// The timer of node:timers/promises makes an error, and its stack, of each sleep that ends early.
	sleep: async (ms, signal) =>
		await new Promise((resolve) => {
			if (signal?.aborted) return resolve();
			const end = () => {
				clearTimeout(timer);
				signal?.removeEventListener('abort', end);
				resolve();
			};
			const timer = setTimeout(end, ms);
			signal?.addEventListener('abort', end, { once: true });
		}),
};
