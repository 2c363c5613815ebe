import { setTimeout as pause } from 'node:timers/promises';
import { MAILBOXES, saveFlow } from './flows.ts';
import type { Flow } from './flows.ts';
import type { Letter } from './letters.ts';
import { usageOf } from './processUsage.ts';
import type { Usage } from './processUsage.ts';
import type { Stage } from './stage.ts';

/** No run for so long: then none comes any more. */
const PATIENCE_MS = 60_000;
const QUIET_MS = 2_000;

export interface BacklogFigures {
	/** From the activation to the first run. */
	readonly firstRunMs: number;
	/** Over the whole time from the activation to the effect of the last run. */
	readonly perSecond: number;
	/** Of n8n's process since it was started; `undefined` where that cannot be seen. */
	readonly usage: Usage | undefined;
}

/**
 * Messages lie there before the flow is activated for the first time; each has to have exactly one effect. The last one
 * comes when it is active: the peer looks at what is there only when something arrives.
 */
export async function measureBacklog(
	stage: Stage,
	flow: Flow,
	{ letters, pecCa }: { letters: readonly Letter[]; pecCa: string },
): Promise<BacklogFigures> {
	const { sandbox, effects, rest, editor } = stage;
	const deliver = ({ raw }: Letter): void => sandbox.deliverRaw(raw, MAILBOXES[flow]);
	for (const letter of letters.slice(0, -1)) deliver(letter);
	const id = await saveFlow(flow, stage, { pecCa, startFrom: 'beginning' });
	const before = usageOf(editor.pid);
	const begun = performance.now();
	const activated = rest.activate(id).then(({ status }) => {
		if (status !== 'published') throw new Error(`n8n does not start the flow of ${flow}`);
		for (const letter of letters.slice(-1)) deliver(letter);
	});
	const [first] = await Promise.all([effects.reach(flow, 1, PATIENCE_MS), activated]);
	const last = await effects.reach(flow, letters.length, PATIENCE_MS);
	const after = usageOf(editor.pid);
	await pause(QUIET_MS);
	effects.requireEach(
		flow,
		letters.map((letter) => letter.id),
	);
	return {
		firstRunMs: first.at - begun,
		perSecond: (letters.length / (last.at - begun)) * 1000,
		usage: after &&
			before && {
				...after,
				cpuMilliseconds: after.cpuMilliseconds - before.cpuMilliseconds,
			},
	};
}
