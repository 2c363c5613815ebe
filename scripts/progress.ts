const TERMINAL_INTERVAL_MS = 3_000;
const LOG_INTERVAL_MS = 20_000;

export interface ProgressOutput {
	readonly isTTY?: boolean;
	write(text: string): unknown;
}

/** Whole seconds up to a minute, then minutes and seconds: `42 s`, `3 min 05 s`. */
export function formatDuration(ms: number): string {
	const seconds = Math.round(ms / 1000);
	if (seconds < 60) return `${seconds} s`;
	return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/**
 * Says what is going on while `action` runs: the label at once, the time it has taken every few seconds on a terminal
 * (in place) and every 20 s in a log, and how long it took at the end.
 */
export async function withProgress<T>(
	label: string,
	action: () => Promise<T>,
	output: ProgressOutput = process.stderr,
): Promise<T> {
	const startedAt = performance.now();
	const elapsed = () => formatDuration(performance.now() - startedAt);
	const onTerminal = output.isTTY === true;
	output.write(onTerminal ? `${label}…` : `${label}…\n`);
	const timer = setInterval(
		() => output.write(onTerminal ? `\r${label}… ${elapsed()}` : `  ${label}: ${elapsed()}\n`),
		onTerminal ? TERMINAL_INTERVAL_MS : LOG_INTERVAL_MS,
	);
	let outcome = 'stopped after';
	try {
		const result = await action();
		outcome = 'done in';
		return result;
	} finally {
		clearInterval(timer);
		const line = `${label}: ${outcome} ${elapsed()}`;
		output.write(onTerminal ? `\r${line}\u001b[K\n` : `${line}\n`);
	}
}
