// Runs one contestant in a process of its own: contest.ts starts it and asks it for one round at a time.
import process from 'node:process';
import type { Answer, Contestant, Request } from './contest.ts';
import { usageOf } from './trigger/processUsage.ts';

let contestant: Contestant | undefined;

async function prepare({ module, name, settings }: Request & { ask: 'prepare' }): Promise<Answer> {
	const { contestants } = (await import(module)) as {
		contestants: Readonly<Record<string, (settings: unknown) => Promise<Contestant>>>;
	};
	contestant = await contestants[name]?.(settings);
	return { done: 'prepare' };
}

/** Goes over everything as often as fits into the time, at least once. */
async function measure(milliseconds: number): Promise<Answer> {
	if (!contestant) throw new Error('There is no such contestant');
	let [units, elapsed, cpu] = [0, 0, 0];
	do {
		const before = process.cpuUsage();
		const start = performance.now();
		await contestant.run();
		elapsed += performance.now() - start;
		const { user, system } = process.cpuUsage(before);
		cpu += user + system;
		units += contestant.units;
		await contestant.tidy?.();
	} while (elapsed < milliseconds);
	return {
		done: 'measure',
		perSecond: (units / elapsed) * 1000,
		cpuMilliseconds: cpu / 1000 / units,
		peakMegabytes: peakMegabytes(),
	};
}

/**
 * What getrusage(2) tells, kB also where the system counts otherwise, begins with what the process was before it became this
 * program: a parent that holds mailboxes in memory.
 */
function peakMegabytes(): number {
	return usageOf(process.pid)?.peakMegabytes ?? process.resourceUsage().maxRSS / 1024;
}

// endWithParent.mjs lets go of the channel; here it is what there is to wait for.
process.channel?.ref();
process.on('message', (request: Request) => {
	const answer = request.ask === 'prepare' ? prepare(request) : measure(request.milliseconds);
	answer.then(
		(told) => process.send?.(told),
		(error: unknown) => process.send?.({ done: 'failed', reason: String(error) } satisfies Answer),
	);
});
