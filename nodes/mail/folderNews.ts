import type { ImapClient } from './imapClient';
import type { FolderContext } from './openFolder';
import { cancelled, connectionLost } from './connectionError';
import { folderChanged } from './imapError';

/** Whether anything arrived in, or left, the selected folder since it was last asked. */
export interface News {
	/** @param arrived so many messages came; 0 for anything else */
	note(arrived: number): void;
	/** True once for any number of events: asking takes the news. */
	take(): boolean;
	/** As many messages arrived, by the news taken last. */
	readonly arrived: number;
	/** Called at each event until the returned function is called. */
	onEvent(listener: () => void): () => void;
}

export function noNews(): News {
	let pending = false;
	let arriving = 0;
	let arrived = 0;
	const listeners = new Set<() => void>();
	return {
		note(messages) {
			pending = true;
			arriving += messages;
			for (const listener of listeners) listener();
		},
		take() {
			if (!pending) return false;
			pending = false;
			arrived = arriving;
			arriving = 0;
			return true;
		},
		get arrived() {
			return arrived;
		},
		onEvent(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
	};
}

export interface NewsOptions {
	readonly maxMs: number;
	readonly pollMs: number;
	readonly signal?: AbortSignal;
}

/**
 * IDLE where the server has it, else a NOOP each `pollMs`. News that came between two calls counts: an arrival during
 * the caller's last search is not slept through. When the connection is wanted by others the wait is over, and quiet.
 * @throws MailError `connectionLost`, `folderChanged`, or `cancelled` when the signal aborts
 */
export async function waitForNews(
	client: ImapClient,
	path: string,
	context: FolderContext,
	{ maxMs, pollMs, signal }: NewsOptions,
): Promise<'news' | 'quiet'> {
	const end = Date.now() + maxMs;
	// A server that refuses IDLE, or ends it at once, is asked at intervals like one that has none.
	let idles = context.capabilities.has('IDLE');
	for (;;) {
		if (signal?.aborted) throw cancelled();
		if (!client.usable) throw connectionLost(context.server);
		if (!context.isSelected()) throw folderChanged(path);
		if (context.news.take()) return 'news';
		const left = end - Date.now();
		if (left <= 0 || context.wanted.aborted) return 'quiet';
		const started = Date.now();
		const idle = idles ? client.idle({ whenFree: true }) : undefined;
		// Silence is what an idle server has to say; whether it is there is asked at the end.
		const endSilence = idle && context.expectSilence(left + patienceOf(context));
		const woken = await firstOf(
			client,
			context.news,
			idle,
			idles ? left : Math.min(left, pollMs),
			signal ? [signal, context.wanted] : [context.wanted],
		);
		endSilence?.();
		if (woken === 'idleEnded') {
			idles = Date.now() - started >= Math.min(pollMs, 1_000);
			continue;
		}
		if (woken === 'event' && idle) {
			// The next command ends IDLE: a NOOP of its own would be one more round trip before the news is read.
			idle.catch(() => undefined);
			continue;
		}
		// Ends IDLE, and asks a server without it: what is new comes as events before the answer.
		if (woken !== 'closed') await answered(client, patienceOf(context));
		await idle;
	}
}

/** A server that is there answers this at once; two minutes of silence would be two minutes of messages not seen. */
const NOOP_PATIENCE_MS = 20_000;

function patienceOf({ timeoutMs }: Pick<FolderContext, 'timeoutMs'>): number {
	return Math.min(NOOP_PATIENCE_MS, timeoutMs);
}

/** Asks for a sign of life, and gives a connection up that gives none. */
async function answered(client: ImapClient, patienceMs: number): Promise<void> {
	const timer = setTimeout(() => client.close(), patienceMs);
	try {
		await client.noop();
	} finally {
		clearTimeout(timer);
	}
}

type Woken = 'event' | 'time' | 'idleEnded' | 'closed';

async function firstOf(
	client: ImapClient,
	news: News,
	idle: Promise<unknown> | undefined,
	ms: number,
	signals: readonly AbortSignal[],
): Promise<Woken> {
	const undo: Array<() => void> = [];
	try {
		return await new Promise<Woken>((resolve) => {
			const timer = setTimeout(() => resolve('time'), ms);
			undo.push(() => clearTimeout(timer));
			undo.push(news.onEvent(() => resolve('event')));
			const abort = () => resolve('time');
			for (const signal of signals) {
				signal.addEventListener('abort', abort, { once: true });
				undo.push(() => signal.removeEventListener('abort', abort));
			}
			const close = () => resolve('closed');
			client.on('close', close);
			undo.push(() => client.off('close', close));
			idle?.then(
				() => resolve('idleEnded'),
				() => resolve('closed'),
			);
		});
	} finally {
		for (const step of undo) step();
	}
}
