import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Run } from './judge.ts';

/** Where n8n is killed while it speaks with the effects server. */
export type EffectPoint = 'run' | 'effect' | 'afterEffect';

interface Report {
	readonly pecKey: string;
	readonly execution: string;
}

/**
 * What the flow's nodes speak to: the first says that a run began, the last is the effect, which counts as soon as it was
 * asked for.
 */
export class EffectsServer {
	readonly runs: Run[] = [];
	readonly effects: Run[] = [];
	readonly #server: Server;
	readonly #failsFirst: (pecKey: string) => boolean;
	readonly #failed = new Set<string>();
	readonly #standing = new Map<EffectPoint, () => void>();

	private constructor(server: Server, failsFirst: (pecKey: string) => boolean) {
		this.#server = server;
		this.#failsFirst = failsFirst;
		server.on('request', (request, response) => void this.#answer(request, response));
	}

	/** @param failsFirst whether the first run of a message is to fail, before its effect */
	static async start(failsFirst: (pecKey: string) => boolean): Promise<EffectsServer> {
		const server = createServer();
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		return new EffectsServer(server, failsFirst);
	}

	get url(): string {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	/** How many runs were made to fail. */
	get failed(): number {
		return this.#failed.size;
	}

	/** Calls back the next time a request is at this point. The answer takes it back. */
	at(point: EffectPoint, strike: () => void): () => void {
		this.#standing.set(point, strike);
		return () => void this.#standing.delete(point);
	}

	async stop(): Promise<void> {
		const closed = once(this.#server, 'close');
		this.#server.close();
		this.#server.closeAllConnections();
		await closed;
	}

	#pass(point: EffectPoint): void {
		const strike = this.#standing.get(point);
		this.#standing.delete(point);
		strike?.();
	}

	async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		let body = '';
		try {
			for await (const chunk of request) body += String(chunk);
		} catch {
			// n8n was killed while it asked: nothing was asked for.
			return;
		}
		const { pecKey, execution } = JSON.parse(body) as Report;
		const run = { pecKey, execution, at: Date.now() };
		let status = 200;
		if (request.url === '/run') {
			this.runs.push(run);
			this.#pass('run');
			if (this.#failsFirst(pecKey) && !this.#failed.has(pecKey)) {
				this.#failed.add(pecKey);
				status = 500;
			}
		} else {
			this.effects.push(run);
			this.#pass('effect');
			response.once('finish', () => this.#pass('afterEffect'));
		}
		response.writeHead(status, { 'content-type': 'application/json' }).end('{"ok":true}');
	}
}
