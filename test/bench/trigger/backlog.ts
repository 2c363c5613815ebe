import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Effect } from './effects.ts';
import { MAILBOXES, saveEmittedFlow, saveFlow } from './flows.ts';
import type { EmittedFlow, Flow, MailboxFlow } from './flows.ts';
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
	flow: MailboxFlow,
	{ letters, pecCa }: { letters: readonly Letter[]; pecCa: string },
): Promise<BacklogFigures> {
	const deliver = ({ raw }: Letter): void => stage.sandbox.deliverRaw(raw, MAILBOXES[flow]);
	for (const letter of letters.slice(0, -1)) deliver(letter);
	return await measureRuns(stage, flow, {
		id: await saveFlow(flow, stage, { pecCa, startFrom: 'beginning' }),
		messageIds: letters.map(({ id }) => id),
		onActive: () => letters.slice(-1).forEach(deliver),
	});
}

/** As many runs with items like PEC Trigger's, started by a trigger that does nothing else. */
export async function measureEmitted(
	stage: Stage,
	flow: EmittedFlow,
	{ messageIds, itemFile }: { messageIds: readonly string[]; itemFile: string },
): Promise<BacklogFigures> {
	const idsFile = join(stage.folder, `${flow}.json`);
	writeFileSync(idsFile, JSON.stringify(messageIds));
	const id = await saveEmittedFlow(flow, stage, { itemFile, idsFile });
	return await measureRuns(stage, flow, { id, messageIds });
}

async function measureRuns(
	{ effects, rest, editor }: Stage,
	flow: Flow,
	of: {
		/** Of the flow in n8n. */
		readonly id: string;
		readonly messageIds: readonly string[];
		readonly onActive?: () => void;
	},
): Promise<BacklogFigures> {
	const before = usageOf(editor.pid);
	const begun = performance.now();
	const activated = rest.activate(of.id).then(({ status }) => {
		if (status !== 'published') throw new Error(`n8n does not start the flow of ${flow}`);
		of.onActive?.();
	});
	const [first] = await Promise.all([effects.reach(flow, 1, PATIENCE_MS), activated]);
	const last: Effect = await effects.reach(flow, of.messageIds.length, PATIENCE_MS);
	const after = usageOf(editor.pid);
	await pause(QUIET_MS);
	effects.requireEach(flow, of.messageIds);
	return {
		firstRunMs: first.at - begun,
		perSecond: (of.messageIds.length / (last.at - begun)) * 1000,
		usage: after &&
			before && {
				...after,
				cpuMilliseconds: after.cpuMilliseconds - before.cpuMilliseconds,
			},
	};
}
