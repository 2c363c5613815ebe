import type { Quota } from '../mail/types';
import type { PurgeVerdict } from '../pec/types';

/** What is on record together: what an interruption repeats, and what the reserve has to bear, is at most this. */
const MESSAGES = 50;
const BYTES = 100 * 1024 * 1024;

export interface Total {
	readonly messages: number;
	readonly bytes: number;
}

/** In the order given; at least one message each. */
export function* batchesOf(verdicts: readonly PurgeVerdict[]): Generator<PurgeVerdict[]> {
	let batch: PurgeVerdict[] = [];
	let bytes = 0;
	for (const verdict of verdicts) {
		const { size } = verdict.message;
		if (batch.length === MESSAGES || (batch.length > 0 && bytes + size > BYTES)) {
			yield batch;
			batch = [];
			bytes = 0;
		}
		batch.push(verdict);
		bytes += size;
	}
	if (batch.length > 0) yield batch;
}

export function totalOf(messages: ReadonlyArray<{ readonly size: number }>): Total {
	return {
		messages: messages.length,
		bytes: messages.reduce((sum, { size }) => sum + size, 0),
	};
}

/** With one decimal; `undefined` where there is no limit. */
export function percentOf(quota: Quota | undefined): number | undefined {
	if (!quota || quota.limit === 0) return undefined;
	return Math.round((quota.used / quota.limit) * 1000) / 10;
}
