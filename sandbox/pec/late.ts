import type { Clock } from './clock.ts';
import type { Lateness } from './dialect.ts';
import type { Job, JobQueue } from './jobQueue.ts';

/** Into the queue: at once, when it is due by the clock, or never. */
export function pushInTime(
	queue: JobQueue,
	clock: Clock,
	lateness: Lateness | undefined,
	about: string,
	job: Job,
): void {
	if (lateness === 'never') return;
	if (lateness === undefined) {
		queue.push(about, job);
		return;
	}
	const due = new Date(clock.now().getTime() + lateness.delayMs);
	clock.schedule(due, () => queue.push(about, job));
}
