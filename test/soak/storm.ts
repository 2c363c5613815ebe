import { setTimeout as sleep } from 'node:timers/promises';
import type { Point } from './places.ts';
import type { Scene } from './scene.ts';

/** How long a point may take to strike: a listener may wait for its next try, and n8n has to be up. */
const PATIENCE_MS = 60_000;
/** Tries of a point that does not strike. */
const TRIES = 4;

/** Share of the troubles after which work goes on before the next; the others hit what is still recovering. */
const RECOVERS = 0.6;
const RECOVERY_MS = 20_000;

/** Until something had its effect, which on a busy machine takes its time after a start of n8n. */
async function recovery({ effects }: Scene): Promise<void> {
	const before = effects.effects.length;
	const deadline = Date.now() + RECOVERY_MS;
	while (effects.effects.length === before && Date.now() < deadline) await sleep(100);
}

export interface Struck {
	readonly point: string;
	readonly from: number;
	readonly to: number;
}

/** One trouble after the other: each point once, in the seed's order, and then at random. */
export class Storm {
	readonly struck: Struck[] = [];
	readonly #points: readonly Point[];
	#current = 'calm';

	constructor(points: readonly Point[]) {
		this.#points = points;
	}

	/** What goes wrong right now. */
	get current(): string {
		return this.#current;
	}

	get faults(): Record<string, number> {
		const times = (name: string) => this.struck.filter(({ point }) => point === name).length;
		return Object.fromEntries(this.#points.map(({ name }) => [name, times(name)]));
	}

	/** Until the time is over and each point struck, or did not in all its tries. */
	async rage(scene: Scene, until: number): Promise<void> {
		const due = scene.random.shuffled(this.#points).map((point) => ({ point, tries: TRIES }));
		while (due.length > 0 || Date.now() < until) {
			const { point, tries } = due.shift() ?? { point: scene.random.pick(this.#points), tries: 1 };
			if (!(await this.#try(point, scene)) && tries > 1) due.push({ point, tries: tries - 1 });
			this.#current = 'calm';
			if (scene.random.next() < RECOVERS) await recovery(scene);
			await sleep(Math.min(scene.random.wait(700), 4_000));
		}
	}

	async #try(point: Point, scene: Scene): Promise<boolean> {
		this.#current = point.name;
		const from = Date.now();
		const isOver = new AbortController();
		const patience = setTimeout(() => isOver.abort(), PATIENCE_MS);
		try {
			const struck = await point.strike(scene, isOver.signal);
			if (struck) this.struck.push({ point: point.name, from, to: Date.now() });
			return struck;
		} finally {
			clearTimeout(patience);
			isOver.abort();
		}
	}
}
