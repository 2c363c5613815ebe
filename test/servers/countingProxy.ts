import { onTestFinished } from 'vitest';
import type { ServerAddress } from '../../nodes/mail/types.ts';
import { openByteCounter, type ByteCounter } from './byteCounter.ts';

export type CountingProxy = Omit<ByteCounter, 'stop'>;

/** Stands before a server and counts, TLS and all; ends with the test. */
export async function countingProxy(server: ServerAddress): Promise<CountingProxy> {
	const counter = await openByteCounter(server);
	onTestFinished(async () => await counter.stop());
	return counter;
}
