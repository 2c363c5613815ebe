import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { WrongAnswer } from '../contest.ts';

/** Variables of an n8n that is asked for its live memory. */
export const INSPECTED = { NODE_OPTIONS: '--inspect=127.0.0.1:0' };

/** Ours comes first: what n8n starts inherits the variables. */
const LISTENING = /^Debugger listening on (ws:\S+)$/m;
const MEGABYTE = 1024 ** 2;
const PATIENCE_MS = 60_000;
const LIVE = '(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())';

/**
 * Megabytes of what n8n's process holds after everything else was collected: what is resident beside that is room that
 * V8 keeps, a matter of chance.
 * @param logFile of an n8n with INSPECTED
 */
export async function liveMegabytes(logFile: string): Promise<number> {
	const url = LISTENING.exec(readFileSync(logFile, 'utf8'))?.[1];
	if (url === undefined) throw new WrongAnswer('n8n lets nobody look at its memory');
	const socket = new WebSocket(url);
	try {
		await once(socket, 'open', { signal: AbortSignal.timeout(PATIENCE_MS) });
		await ask(socket, 1, 'HeapProfiler.collectGarbage');
		const bytes = await ask(socket, 2, 'Runtime.evaluate', { expression: LIVE });
		if (bytes === undefined) throw new WrongAnswer('n8n does not tell its memory');
		return bytes / MEGABYTE;
	} finally {
		socket.close();
	}
}

interface Reply {
	readonly id?: number;
	readonly result?: { readonly result?: { readonly value?: number } };
}

async function ask(
	socket: WebSocket,
	id: number,
	method: string,
	params: object = {},
): Promise<number | undefined> {
	const signal = AbortSignal.timeout(PATIENCE_MS);
	socket.send(JSON.stringify({ id, method, params }));
	for (;;) {
		const [{ data }] = (await once(socket, 'message', { signal })) as [{ readonly data: unknown }];
		const reply = JSON.parse(String(data)) as Reply;
		if (reply.id === id) return reply.result?.result?.value;
	}
}
