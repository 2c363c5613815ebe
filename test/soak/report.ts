import { ORDERLY } from '../editorHost.ts';
import { objections, type Message, type Repeat } from './judge.ts';
import type { SoakResult } from './soaking.ts';

/** What `--json` writes. */
export function figuresOf({ seen, verdict, faults, ...result }: SoakResult) {
	const { suppressed } = verdict;
	const points: Record<string, number> = {};
	for (const { point } of seen.kills) points[point] = (points[point] ?? 0) + 1;
	return {
		messages: verdict.messages,
		executions: result.executions,
		effects: verdict.effects,
		duplicates: verdict.duplicates.length,
		lost: verdict.lost.length,
		suppressed: suppressed.refused + suppressed.settled,
		window: verdict.window.length,
		faults,
		kills: seen.kills.filter(({ point }) => point !== ORDERLY).length,
		minutes: result.minutes,
		seed: result.seed,
		/** By n8n, which had a run of that key; by the trigger, which knew the event as settled. */
		suppressedBy: suppressed,
		/** Runs that were made to fail before their effect. */
		failed: result.failed,
		removed: seen.messages.filter(({ removedAt }) => removedAt !== undefined).length,
		strange: verdict.strange.length,
		killPoints: points,
	};
}

const time = (at: number) => new Date(at).toISOString().slice(11, 23);

/** What happened to one message and around it, in order. */
export function historyOf(message: Message, { seen, struck }: Pick<SoakResult, 'seen' | 'struck'>) {
	const mine = <T extends { readonly pecKey: string }>(list: readonly T[]) =>
		list.filter(({ pecKey }) => pecKey === message.pecKey);
	const events = [
		{ at: message.arrivedAt, what: `arrived in ${message.folder}` },
		...mine(seen.runs).map(({ at, execution }) => ({ at, what: `run ${execution} began` })),
		...mine(seen.effects).map(({ at, execution }) => ({ at, what: `effect of run ${execution}` })),
		...mine(seen.shownAgain).map(({ at }) => ({ at, what: 'shown anew' })),
	];
	const settledAt = seen.settled.get(message.pecKey);
	if (settledAt !== undefined) events.push({ at: settledAt, what: 'settlement stored' });
	if (message.removedAt !== undefined) events.push({ at: message.removedAt, what: 'removed' });
	const last = settledAt === undefined ? Infinity : Math.max(...events.map(({ at }) => at));
	const around = (at: number) => at >= message.arrivedAt && at <= last;
	for (const { at, point } of seen.kills) {
		if (around(at)) events.push({ at, what: `n8n killed (${point})` });
	}
	for (const { point, from, to } of struck) {
		if (around(from)) events.push({ at: from, what: `fault ${point}, for ${to - from} ms` });
	}
	return events
		.sort((one, other) => one.at - other.at)
		.map(({ at, what }) => `    ${time(at)} ${what}`);
}

function told(
	title: string,
	list: readonly { readonly message: Message; readonly note: string }[],
	result: SoakResult,
): string[] {
	return list.flatMap(({ message, note }) => [
		`${title}: ${message.name}${note} (${message.pecKey.slice(0, 16)})`,
		...historyOf(message, result),
	]);
}

export function reportOf(result: SoakResult): string {
	const { verdict } = result;
	const ofRepeat = ({ message, execution, kill }: Repeat) => ({
		message,
		note: `, run ${execution}${kill ? `, ${kill.point}` : ''}`,
	});
	return [
		...told(
			'LOST',
			verdict.lost.map((message) => ({ message, note: '' })),
			result,
		),
		...told('DUPLICATE', verdict.duplicates.map(ofRepeat), result),
		...told('window', verdict.window.map(ofRepeat), result),
		...verdict.strange.map((run) => `STRANGE: run ${run.execution}, ${run.pecKey}`),
		JSON.stringify(figuresOf(result), null, '\t'),
		...objections(verdict, result.faults).map((objection) => `NOT CLEAN: ${objection}`),
	].join('\n');
}

export function isClean({ verdict, faults }: SoakResult): boolean {
	return objections(verdict, faults).length === 0;
}
