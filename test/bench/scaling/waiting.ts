import { setTimeout as pause } from 'node:timers/promises';
import { WrongAnswer } from '../contest.ts';
import { summaryOf } from '../statistics.ts';
import { saveFlow, type Contender, type FlowName } from '../trigger/flows.ts';
import { usageOf } from '../trigger/processUsage.ts';
import type { Stage } from '../trigger/stage.ts';
import { liveMegabytes } from './liveMemory.ts';

/** How long n8n is looked at while nothing happens. */
export interface WaitingPace {
	/** How many triggers wait in one n8n, ascending. */
	readonly counts: readonly number[];
	readonly windows: number;
	readonly windowMs: number;
	/** After the last trigger waits, before the first window. */
	readonly settleMs: number;
}

/** What one n8n costs in which so many triggers wait for mail that does not come. */
export interface WaitingFigures {
	readonly triggers: number;
	/** At the mail server. */
	readonly connections: number;
	/** Milliseconds of n8n's processor a minute, one for each window. */
	readonly cpu: readonly number[];
	/** Megabytes that are resident, the median of each window. */
	readonly resident: readonly number[];
	/** Megabytes that n8n needs, after each window. */
	readonly live: readonly number[];
}

export type ByContender<T> = Readonly<Record<Contender, T>>;

const CONTENDERS: readonly Contender[] = ['ours', 'theirs'];
const SAMPLE_MS = 1_000;
/** Longer than n8n takes for fifty on a busy machine: then one of them never waits. */
const PATIENCE_MS = 300_000;
const AT_ONCE = 5;

/** Of the triggers of one contender, each on a mailbox of its own. */
export function waitingFlows(contender: Contender, count: number): FlowName[] {
	return Array.from({ length: count }, (_, index): FlowName => `${contender}-waits-${index + 1}`);
}

/**
 * Two n8n with nothing to do, each with triggers of one contender: more and more of them, both looked at in the same windows.
 * @returns figures for no trigger and for each count; none where processes cannot be looked at
 */
export async function measureWaiting(
	stages: ByContender<Stage>,
	{ counts, ...pace }: WaitingPace,
	{ pecCa, tell }: { readonly pecCa: string; readonly tell: (line: string) => void },
): Promise<readonly ByContender<WaitingFigures>[]> {
	const figures = [];
	let before = 0;
	for (const count of [0, ...counts]) {
		for (const contender of CONTENDERS) {
			const flows = waitingFlows(contender, count).slice(before);
			tell(`Starting ${flows.length} more triggers, ${contender}…`);
			await startWaiting(stages[contender], flows, pecCa);
		}
		before = count;
		if (usageOf(process.pid) === undefined) continue;
		tell(`Looking at n8n with ${count} triggers that wait…`);
		await pause(pace.settleMs);
		const [ours, theirs] = await Promise.all(
			CONTENDERS.map(async (contender) => await lookAt(stages[contender], count, pace)),
		);
		if (ours && theirs) figures.push({ ours, theirs });
	}
	return figures;
}

/** Saves and activates the flows; resolves when each of them idles on its mailbox. */
export async function startWaiting(
	stage: Pick<Stage, 'effects' | 'rest' | 'sandbox'>,
	flows: readonly FlowName[],
	pecCa: string,
): Promise<void> {
	const idling = new Set<string>();
	const rule = stage.sandbox.faults.add({
		at: 'imap.command',
		command: 'IDLE',
		times: 'always',
		action: { do: 'call', run: ({ account }) => void idling.add(account ?? '') },
	});
	for (let index = 0; index < flows.length; index += AT_ONCE) {
		await Promise.all(
			flows.slice(index, index + AT_ONCE).map(async (flow) => {
				const id = await saveFlow(flow, stage, { pecCa, startFrom: 'now' });
				const { status } = await stage.rest.activate(id, PATIENCE_MS);
				if (status !== 'published') throw new Error(`n8n does not start the flow ${flow}`);
			}),
		);
	}
	const deadline = performance.now() + PATIENCE_MS;
	// Those of before may idle anew meanwhile.
	const waits = (flow: FlowName) => [...idling].some((account) => account.startsWith(`${flow}@`));
	while (!flows.every(waits)) {
		if (performance.now() > deadline) {
			throw new WrongAnswer(`${flows.filter((flow) => !waits(flow)).join(', ')}: idle never`);
		}
		await pause(100);
	}
	rule.remove();
}

async function lookAt(
	{ editor, sandbox }: Stage,
	triggers: number,
	{ windows, windowMs }: Pick<WaitingPace, 'windowMs' | 'windows'>,
): Promise<WaitingFigures> {
	const cpu: number[] = [];
	const resident: number[] = [];
	const live: number[] = [];
	// What the start of the triggers left is no cost of waiting.
	await liveMegabytes(editor.logFile);
	for (let window = 0; window < windows; window += 1) {
		const begun = performance.now();
		const atFirst = usageNow(editor.pid);
		const samples: number[] = [];
		do {
			await pause(Math.min(SAMPLE_MS, windowMs));
			samples.push(usageNow(editor.pid).residentMegabytes);
		} while (performance.now() - begun < windowMs);
		const used = usageNow(editor.pid).cpuMilliseconds - atFirst.cpuMilliseconds;
		cpu.push((used / (performance.now() - begun)) * 60_000);
		resident.push(summaryOf(samples).median);
		live.push(await liveMegabytes(editor.logFile));
	}
	return { triggers, connections: sandbox.connections(), cpu, resident, live };
}

function usageNow(pid: number | undefined) {
	const usage = usageOf(pid);
	if (usage === undefined) throw new WrongAnswer('n8n ended while it was looked at');
	return usage;
}
