import { setTimeout as pause } from 'node:timers/promises';
import type { Letter } from './letters.ts';
import { MAILBOXES, saveFlow } from './flows.ts';
import type { Contender } from './flows.ts';
import { Onlooker } from './onlooker.ts';
import type { Stage } from './stage.ts';

/** How long it is measured. */
export interface PushPace {
	readonly rounds: number;
	/** Of each contender in a round; the same number goes before the first round, unmeasured. */
	readonly messages: number;
	/** After an effect: then a listener has recorded what it records and idles again. */
	readonly pauseMs: number;
}

/** Longer than anybody takes: then the run never comes. */
const PATIENCE_MS = 30_000;
/** After the last round: a run too many would have come. */
const QUIET_MS = 2_000;
const CONTENDERS: readonly Contender[] = ['ours', 'theirs'];

export interface PushFigures {
	/** Milliseconds from the server's push to the effect of the run, by contender and round. */
	readonly delays: Readonly<Record<Contender, readonly (readonly number[])[]>>;
	/** Milliseconds from delivery to the push, for scale. */
	readonly pushes: readonly number[];
}

/**
 * Messages arrive one at a time, for ours and for theirs in turns of a round, both flows active in one n8n.
 * @param letters enough for all rounds and the one before; both get the same ones
 */
export async function measurePush(
	stage: Stage,
	{ rounds, messages, pauseMs }: PushPace,
	{ letters, pecCa }: { letters: readonly Letter[]; pecCa: string },
): Promise<PushFigures> {
	const { sandbox, effects, rest } = stage;
	const onlookers = new Map<Contender, Onlooker>();
	const delays: Record<Contender, number[][]> = { ours: [], theirs: [] };
	const pushes: number[] = [];
	try {
		for (const contender of CONTENDERS) {
			const id = await saveFlow(contender, stage, { pecCa, startFrom: 'now' });
			const { status } = await rest.activate(id);
			if (status !== 'published') throw new Error(`n8n does not start the flow of ${contender}`);
			onlookers.set(contender, await Onlooker.open(sandbox, contender));
		}
		await pause(QUIET_MS);
		const delayOf = async (contender: Contender, { raw }: Letter): Promise<number> => {
			const before = effects.of(contender).length;
			const pushed = onlookers.get(contender)?.pushed();
			const delivered = performance.now();
			sandbox.deliverRaw(raw, MAILBOXES[contender]);
			const pushedAt = (await pushed) ?? NaN;
			pushes.push(pushedAt - delivered);
			const { at } = await effects.reach(contender, before + 1, PATIENCE_MS);
			await pause(pauseMs);
			return at - pushedAt;
		};
		for (let round = 0; round <= rounds; round += 1) {
			const ofRound = letters.slice(round * messages, (round + 1) * messages);
			for (const contender of CONTENDERS) {
				const measured: number[] = [];
				for (const letter of ofRound) measured.push(await delayOf(contender, letter));
				if (round > 0) delays[contender].push(measured);
			}
		}
		await pause(QUIET_MS);
		const used = letters.slice(0, (rounds + 1) * messages).map(({ id }) => id);
		for (const contender of CONTENDERS) effects.requireEach(contender, used);
		return { delays, pushes };
	} finally {
		for (const onlooker of onlookers.values()) await onlooker.close();
	}
}
