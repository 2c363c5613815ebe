import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WrongAnswer } from '../contest.ts';

/** What one run did: it asked for a page of this server, naming the message that it was started for. */
export interface Effect {
	/** The message's own Message-ID, with angle brackets. */
	readonly id: string;
	/** What the flow says of the message's seal; empty where it says nothing. */
	readonly verified: string;
	/** `performance.now()` when the request was there. */
	readonly at: number;
}

/** The page that flows ask for: counts what runs did, by flow. Listens on loopback. */
export class Effects {
	readonly #server: Server;
	readonly #byFlow = new Map<string, Effect[]>();
	readonly #listeners = new Set<() => void>();

	private constructor(server: Server) {
		this.#server = server;
	}

	static async start(): Promise<Effects> {
		const server = createServer();
		const effects = new Effects(server);
		server.on('request', (request, response) => {
			const at = performance.now();
			const { pathname, searchParams } = new URL(request.url ?? '/', 'http://effects');
			effects.#note(pathname.slice(1), {
				id: searchParams.get('id') ?? '',
				verified: searchParams.get('verified') ?? '',
				at,
			});
			response.setHeader('content-type', 'application/json');
			response.end('{}');
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		return effects;
	}

	urlOf(flow: string): string {
		const { port } = this.#server.address() as AddressInfo;
		return `http://127.0.0.1:${port}/${flow}`;
	}

	of(flow: string): readonly Effect[] {
		return this.#byFlow.get(flow) ?? [];
	}

	/**
	 * Resolves when the flow's effects are so many.
	 * @param patienceMs how long none may come
	 * @returns the last of them; rejects with `WrongAnswer` when none came for too long
	 */
	async reach(flow: string, count: number, patienceMs: number): Promise<Effect> {
		for (;;) {
			const effect = this.of(flow)[count - 1];
			if (effect) return effect;
			if (await this.#next(patienceMs)) continue;
			throw new WrongAnswer(
				`${flow}: ${this.of(flow).length} of ${count} messages have had a run, and none came for ${patienceMs / 1000} s`,
			);
		}
	}

	/** @throws WrongAnswer unless every message had exactly one effect, nothing else had any, and no seal was refused */
	requireEach(flow: string, ids: readonly string[]): void {
		const refused = this.of(flow).filter(({ verified }) => verified === 'false');
		if (refused.length > 0) {
			throw new WrongAnswer(`${flow}: ${refused.length} messages were told as not verified`);
		}
		const counts = new Map(ids.map((id) => [id, 0]));
		const strange: string[] = [];
		for (const { id } of this.of(flow)) {
			const count = counts.get(id);
			if (count === undefined) strange.push(id);
			else counts.set(id, count + 1);
		}
		const missing = [...counts].filter(([, count]) => count === 0);
		const repeated = [...counts].filter(([, count]) => count > 1);
		if (missing.length + repeated.length + strange.length === 0) return;
		throw new WrongAnswer(
			`${flow}: of ${ids.length} messages ${missing.length} had no run and ${repeated.length} more than one; ${strange.length} runs were for no message of these`,
		);
	}

	async stop(): Promise<void> {
		const closed = new Promise((resolve) => this.#server.close(resolve));
		this.#server.closeAllConnections();
		await closed;
	}

	#note(flow: string, effect: Effect): void {
		const effects = this.#byFlow.get(flow) ?? [];
		effects.push(effect);
		this.#byFlow.set(flow, effects);
		for (const listener of [...this.#listeners]) listener();
	}

	/** False when nothing came in that time. */
	async #next(patienceMs: number): Promise<boolean> {
		let listener: (() => void) | undefined;
		let timer: NodeJS.Timeout | undefined;
		const came = await new Promise<boolean>((resolve) => {
			listener = () => resolve(true);
			this.#listeners.add(listener);
			timer = setTimeout(() => resolve(false), patienceMs);
		});
		clearTimeout(timer);
		if (listener) this.#listeners.delete(listener);
		return came;
	}
}
