import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { PARENT_WATCH_ARGUMENTS } from '../../../scripts/childGroup.ts';

export type SinkAnswer =
	| {
			readonly told: 'ready';
			readonly port: number;
			readonly plainPort: number;
			readonly tlsCa: string;
	  }
	| { readonly told: 'count'; readonly taken: number };

/** A mail server that takes every message whole and keeps none. It greets at once. */
export interface Sink {
	/** TLS from the first byte, AUTH with any password. On localhost, as the other. */
	readonly port: number;
	/** In clear and without AUTH, for programs that know no TLS. */
	readonly plainPort: number;
	/** PEM. */
	readonly tlsCa: string;
	/** Messages taken since it was started. */
	taken(): Promise<number>;
	stop(): void;
}

export async function startSink(): Promise<Sink> {
	const child = fork(fileURLToPath(new URL('sinkProcess.ts', import.meta.url)), {
		execArgv: [...PARENT_WATCH_ARGUMENTS],
		env: { ...process.env, N8N_NODES_PEC_PARENT: 'channel' },
	});
	const next = async () => {
		const ended = new AbortController();
		const onExit = () => ended.abort();
		child.once('exit', onExit);
		try {
			const [answer] = (await once(child, 'message', { signal: ended.signal })) as [SinkAnswer];
			return answer;
		} finally {
			child.off('exit', onExit);
		}
	};
	const ready = await next();
	if (ready.told !== 'ready') throw new Error('The sink did not start');
	const { port, plainPort, tlsCa } = ready;
	return {
		...{ port, plainPort, tlsCa },
		taken: async () => {
			const answer = next();
			child.send('count');
			const told = await answer;
			return told.told === 'count' ? told.taken : NaN;
		},
		stop: () => void child.kill(),
	};
}
