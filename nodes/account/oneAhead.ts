/**
 * Does the next one's work while the one before is used; never two at once. No more than two results are in memory, and
 * when whoever asks stops half-way, what is under way has ended before it goes on. Values are asked for one further ahead:
 * a result that is there does not wait for them.
 */
export async function* oneAhead<T, R>(
	values: AsyncIterable<T> | Iterable<T>,
	work: (value: T) => Promise<R>,
): AsyncGenerator<{ readonly value: T; readonly result: R }, void> {
	let ahead: { readonly value: T; readonly result: Promise<R> } | undefined;
	try {
		for await (const value of pulledAhead(values)) {
			const before = ahead;
			const result: Promise<R> = before
				? before.result.then(async () => await work(value))
				: work(value);
			// Whoever stops at the one before never asks how it went.
			result.catch(() => undefined);
			ahead = { value, result };
			if (before) yield { value: before.value, result: await before.result };
		}
		if (ahead) yield { value: ahead.value, result: await ahead.result };
	} finally {
		await ahead?.result.catch(() => undefined);
	}
}

async function* pulledAhead<T>(values: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T, void> {
	const iterator =
		Symbol.asyncIterator in values ? values[Symbol.asyncIterator]() : values[Symbol.iterator]();
	const pull = async () => await iterator.next();
	let next = pull();
	try {
		for (;;) {
			const { done, value } = await next;
			if (done) return;
			next = pull();
			// Whoever stops before never asks for it.
			next.catch(() => undefined);
			yield value as T;
		}
	} finally {
		await next.catch(() => undefined);
		await iterator.return?.();
	}
}
