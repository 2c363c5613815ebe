import type { ImapClient } from './imapClient';

/** imapflow's socket, which its types leave out. The package's version is pinned. */
interface OverSocket {
	readonly socket?: { setTimeout(ms: number): unknown };
}

export interface SilenceWatch {
	/** The server has nothing to say for so many milliseconds, and is not asked. @returns to be called when that is over */
	expectSilence(ms: number): () => void;
	end(): void;
}

/**
 * imapflow takes a silent connection for dead when nothing is under way. A NOOP in the quiet keeps it, and finds out
 * when the socket is established but nobody answers any more.
 */
export function watchSilence(client: ImapClient, timeoutMs: number): SilenceWatch {
	const { socket } = client as OverSocket;
	const askAtIntervals = () =>
		setInterval(() => {
			if (client.usable && !client.idling) client.noop().catch(() => undefined);
		}, timeoutMs / 2).unref();
	let timer: NodeJS.Timeout | undefined = askAtIntervals();
	const stop = () => {
		clearInterval(timer);
		timer = undefined;
	};
	return {
		expectSilence(ms) {
			if (!timer) return () => undefined;
			stop();
			socket?.setTimeout(ms);
			return () => {
				if (!client.usable) return;
				socket?.setTimeout(timeoutMs);
				timer = askAtIntervals();
			};
		},
		end: stop,
	};
}
