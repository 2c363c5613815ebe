import { setTimeout as pause } from 'node:timers/promises';
import type { Sandbox } from '../../../sandbox/index.ts';
import type { Editor } from '../../../scripts/editor/editor.ts';
import type { Effects } from '../trigger/effects.ts';
import { mailboxOf, type FlowName } from '../trigger/flows.ts';
import type { Letter } from '../trigger/letters.ts';
import { usageOf } from '../trigger/processUsage.ts';

/** Mailboxes whose letters are carried to the ends of runs, and the page that the runs ask for. */
export interface CarryingDesk {
	readonly sandbox: Sandbox;
	readonly effects: Effects;
	/** Active already. */
	readonly flows: readonly FlowName[];
	/** The same ones go to every mailbox, each once. */
	readonly letters: readonly Letter[];
	/** How many of them did so. */
	carried: number;
}

/** The processes of n8n that do it. */
export interface Carriers {
	readonly main: Editor;
	/** None in regular mode. */
	readonly workers: readonly Editor[];
}

export interface CarryingFigures {
	/** Messages of all mailboxes, from the first that arrives to the effect of the last run. */
	readonly perSecond: number;
	/** Of the processor, for each message; `undefined` where that cannot be seen. */
	readonly mainMs: number | undefined;
	/** Of all workers together. */
	readonly workersMs: number | undefined;
	readonly mainPeakMegabytes: number | undefined;
	/** Of the largest. */
	readonly workerPeakMegabytes: number | undefined;
}

/** No run for so long: then none comes any more. */
const PATIENCE_MS = 60_000;
const QUIET_MS = 2_000;

/**
 * So many letters arrive at once in every mailbox. Each has to have exactly one run.
 * @param each letters for a mailbox
 */
export async function carry(
	desk: CarryingDesk,
	{ main, workers }: Carriers,
	each: number,
): Promise<CarryingFigures> {
	const { sandbox, effects, flows, letters } = desk;
	const round = letters.slice(desk.carried, desk.carried + each);
	if (round.length < each) throw new Error('There are too few letters');
	desk.carried += each;
	const processes = [main, ...workers].map(({ pid }) => pid);
	const atFirst = processes.map(usageOf);
	const begun = performance.now();
	for (const { raw } of round) {
		for (const flow of flows) sandbox.deliverRaw(raw, mailboxOf(flow));
	}
	const last = await Promise.all(
		flows.map(async (flow) => await effects.reach(flow, desk.carried, PATIENCE_MS)),
	);
	const seconds = (Math.max(...last.map(({ at }) => at)) - begun) / 1_000;
	// What is recorded of the last ones, and a run too many.
	await pause(QUIET_MS);
	const ids = letters.slice(0, desk.carried).map(({ id }) => id);
	for (const flow of flows) effects.requireEach(flow, ids);
	const messages = each * flows.length;
	const used = processes.map((pid, index) => {
		const [first, now] = [atFirst[index], usageOf(pid)];
		return first && now && (now.cpuMilliseconds - first.cpuMilliseconds) / messages;
	});
	const peaks = processes.map((pid) => usageOf(pid)?.peakMegabytes);
	return {
		perSecond: messages / seconds,
		mainMs: used[0],
		workersMs: together(used.slice(1), (values) => values.reduce((sum, one) => sum + one, 0)),
		mainPeakMegabytes: peaks[0],
		workerPeakMegabytes: together(peaks.slice(1), (values) => Math.max(...values)),
	};
}

function together(
	values: readonly (number | undefined)[],
	join: (values: readonly number[]) => number,
): number | undefined {
	const known = values.filter((value) => value !== undefined);
	return known.length > 0 && known.length === values.length ? join(known) : undefined;
}
