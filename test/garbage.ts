import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Of what nothing refers to, buffers of a native object (a deflate stream) are let go of one collection after it. */
const COLLECTIONS = 2;

/** Resolves when what nothing refers to any more is gone, and whoever waits for that was told. */
export async function collectGarbage(): Promise<void> {
	for (let collection = 0; collection < COLLECTIONS; collection += 1) {
		// a reference taken in a turn of the event loop lasts as long as the turn
		await new Promise(setImmediate);
		collect();
	}
	await new Promise(setImmediate);
}
