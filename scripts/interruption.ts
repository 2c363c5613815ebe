const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What a shell shows for a program ended by Ctrl+C. */
export const INTERRUPTED_STATUS = 130;

/** Calls `handler` once: at Ctrl+C, or when this process is asked to end (endWithParent.mjs does so too). */
export function onInterruption(handler: () => void): void {
	let told = false;
	const tell = () => {
		if (told) return;
		told = true;
		handler();
	};
	for (const signal of SIGNALS) process.on(signal, tell);
}
