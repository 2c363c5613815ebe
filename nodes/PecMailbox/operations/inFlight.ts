/**
 * Works on several at once, in the order in which they come, and gives what became of them in that order; also when no next
 * one comes because of a failure, which is thrown after it.
 * @param isAlone what has to be done with before the next one is asked for
 */
export async function* inFlight<T, R>(
	values: AsyncIterable<T>,
	work: (value: T) => Promise<R>,
	{ most, isAlone }: { readonly most: number; readonly isAlone: (value: T) => boolean },
): AsyncGenerator<R, void> {
	const under: Array<Promise<R>> = [];
	let hasFailed = false;
	const next = async (): Promise<R> => await (under.shift() as Promise<R>);
	try {
		for await (const value of values) {
			const result = work(value);
			// One that fails is told in its turn; nobody may be asking yet.
			result.catch(() => (hasFailed = true));
			under.push(result);
			if (isAlone(value)) await result.catch(() => undefined);
			while (under.length >= most) yield await next();
		}
		while (under.length > 0) yield await next();
	} catch (error) {
		while (!hasFailed && under.length > 0) yield await next();
		return await Promise.reject(error as Error);
	} finally {
		await Promise.allSettled(under);
	}
}
