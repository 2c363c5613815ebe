import type { Kill } from '../editorHost.ts';

/** What was seen from outside of n8n and of the nodes. Times are milliseconds since 1970. */
export interface Observations {
	/** Each is one event of one watch. */
	readonly messages: readonly Message[];
	/** Runs, by the first request each made. */
	readonly runs: readonly Run[];
	/** What the last node of a run did. */
	readonly effects: readonly Run[];
	/**
	 * When n8n stored executions of messages with several effects, by id: from then on a run has begun, since n8n starts by
	 * itself, when it comes back, what it stored and had not started.
	 */
	readonly stored: ReadonlyMap<string, number>;
	/** When n8n ended: killed, or restarted in order. */
	readonly kills: readonly Kill[];
	/** When a settlement was stored in the mailbox, by pecKey. */
	readonly settled: ReadonlyMap<string, number>;
	/** Keys of runs that n8n refused to start: it had one of that key (a line of its log). */
	readonly refused: readonly string[];
	/** Messages that the server showed anew (moved, numbered anew), and that the triggers looked at again. */
	readonly shownAgain: readonly Shown[];
}

export interface Message {
	readonly pecKey: string;
	/** For people. */
	readonly name: string;
	readonly arrivedAt: number;
	readonly folder: string;
	/** Somebody removed it from the mailbox: nobody can be blamed for not having seen it. */
	removedAt?: number;
}

export interface Run {
	readonly pecKey: string;
	/** n8n's id of the execution. */
	readonly execution: string;
	readonly at: number;
}

export interface Shown {
	readonly pecKey: string;
	readonly at: number;
}

/** An effect that happened although the same message had one already. */
export interface Repeat {
	readonly message: Message;
	readonly execution: string;
	readonly at: number;
	/** The kill that excuses it. */
	readonly kill?: Kill;
}

export interface Verdict {
	/** Those that were to have an effect. */
	readonly messages: number;
	readonly effects: number;
	/** Repeats with no excuse. */
	readonly duplicates: readonly Repeat[];
	/** Repeats in n8n's own window: it was killed after the run had begun and before its settlement was stored. */
	readonly window: readonly Repeat[];
	/** Without an effect. */
	readonly lost: readonly Message[];
	/** Effects for what never arrived. */
	readonly strange: readonly Run[];
	/** Offers made again that led to no run: refused by n8n, and passed over by the trigger as settled. */
	readonly suppressed: { readonly refused: number; readonly settled: number };
}

function byKey<T extends { readonly pecKey: string }>(list: readonly T[]): Map<string, T[]> {
	const groups = new Map<string, T[]>();
	for (const one of list) {
		const group = groups.get(one.pecKey) ?? [];
		group.push(one);
		groups.set(one.pecKey, group);
	}
	return groups;
}

function repeatsOf(message: Message, effects: readonly Run[], seen: Observations): Repeat[] {
	const settledAt = seen.settled.get(message.pecKey) ?? Infinity;
	const begunAt = ({ execution, at }: Run) =>
		seen.stored.get(execution) ?? seen.runs.find((run) => run.execution === execution)?.at ?? at;
	const inOrder = effects.toSorted((one, other) => begunAt(one) - begunAt(other));
	return inOrder.slice(1).map((effect, index) => {
		const before = inOrder[index];
		const from = before === undefined ? Infinity : begunAt(before);
		const kill = seen.kills.find(({ at }) => at >= from && at <= begunAt(effect) && at < settledAt);
		const { execution, at } = effect;
		return { message, execution, at, ...(kill === undefined ? {} : { kill }) };
	});
}

/** Shown again after it was settled, and no run began from then on. */
function passedOver(seen: Observations, runs: ReadonlyMap<string, readonly Run[]>): number {
	return seen.shownAgain.filter(({ pecKey, at }) => {
		const settledAt = seen.settled.get(pecKey) ?? Infinity;
		return settledAt <= at && !(runs.get(pecKey) ?? []).some((run) => run.at >= at);
	}).length;
}

/** Pure: what became of each message. */
export function judge(seen: Observations): Verdict {
	const effects = byKey(seen.effects.toSorted((one, other) => one.at - other.at));
	const runs = byKey(seen.runs);
	const known = new Set(seen.messages.map(({ pecKey }) => pecKey));
	const repeats = seen.messages.flatMap((message) =>
		repeatsOf(message, effects.get(message.pecKey) ?? [], seen),
	);
	const without = seen.messages.filter(({ pecKey }) => !effects.has(pecKey));
	const lost = without.filter(({ removedAt }) => removedAt === undefined);
	return {
		messages: seen.messages.length - without.length + lost.length,
		effects: seen.effects.length,
		duplicates: repeats.filter(({ kill }) => kill === undefined),
		window: repeats.filter(({ kill }) => kill !== undefined),
		lost,
		strange: seen.effects.filter(({ pecKey }) => !known.has(pecKey)),
		suppressed: { refused: seen.refused.length, settled: passedOver(seen, runs) },
	};
}

/** Why a soak is no proof; nothing when it is one. */
export function objections(verdict: Verdict, faults: Readonly<Record<string, number>>): string[] {
	const { lost, duplicates, strange, suppressed } = verdict;
	const silent = Object.entries(faults)
		.filter(([, times]) => times === 0)
		.map(([point]) => point);
	return [
		...(lost.length > 0 ? [`${lost.length} messages had no effect`] : []),
		...(duplicates.length > 0
			? [`${duplicates.length} effects were repeated outside of n8n's own window`]
			: []),
		...(strange.length > 0 ? [`${strange.length} effects are of no message that arrived`] : []),
		...(suppressed.refused + suppressed.settled === 0
			? ['nothing was offered again and stopped: the soak did not bite']
			: []),
		...(silent.length > 0 ? [`these points never struck: ${silent.join(', ')}`] : []),
	];
}
