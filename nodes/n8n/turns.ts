import { setImmediate as nextTurn } from 'node:timers/promises';

const ITEMS_IN_A_TURN = 10;

/**
 * The items, and after every few of them a turn for whatever else this n8n does: the expressions of 500 items take seconds, in
 * which n8n would answer nobody, and renew nothing that others wait for.
 */
export async function* inTurns<T>(items: readonly T[]): AsyncGenerator<T, void, undefined> {
	for (const [index, item] of items.entries()) {
		if (index > 0 && index % ITEMS_IN_A_TURN === 0) await nextTurn();
		yield item;
	}
}
