import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Resolves when what nothing refers to any more is gone, and whoever waits for that was told. */
export async function collectGarbage(): Promise<void> {
	// a reference taken in a turn of the event loop lasts as long as the turn
	await new Promise(setImmediate);
	collect();
	await new Promise(setImmediate);
}
