import { setImmediate } from 'node:timers/promises';

interface Begun<T, R> {
	readonly value: T;
	readonly result: Promise<R>;
}

/**
 * Does the next one's work while the one before is used; never two at once. No more than two results are in memory, and
 * when whoever asks stops half-way, what is under way has ended before it goes on. Values are asked for one further ahead,
 * behind the work that was begun: where both want one connection, the work goes first.
 */
export async function* oneAhead<T, R>(
	values: AsyncIterable<T> | Iterable<T>,
	work: (value: T) => Promise<R>,
): AsyncGenerator<{ readonly value: T; readonly result: R }, void> {
	const iterator =
		Symbol.asyncIterator in values ? values[Symbol.asyncIterator]() : values[Symbol.iterator]();
	const pull = async () => await iterator.next();
	let pulled = pull();
	const begin = async (): Promise<Begun<T, R> | undefined> => {
		const { done, value } = await pulled;
		if (done) return undefined;
		const result = work(value as T);
		result.catch(() => undefined);
		pulled = pull();
		// Whoever stops before never asks for it.
		pulled.catch(() => undefined);
		return { value: value as T, result };
	};
	let ahead = begin();
	try {
		for (;;) {
			const begun = await ahead;
			if (!begun) return;
			const { value, result } = begun;
			ahead = result.then(begin);
			// Whoever stops at this one never asks how the next one went.
			ahead.catch(() => undefined);
			const used = await result;
			// What was begun asks the server before this thread is taken to use what is there.
			await setImmediate();
			yield { value, result: used };
		}
	} finally {
		const last = await ahead.catch(() => undefined);
		await last?.result.catch(() => undefined);
		await pulled.catch(() => undefined);
		await iterator.return?.();
	}
}
