/**
 * Cuts values, in their order, into windows of at most so many bytes and values. What is larger by itself has a window of
 * its own.
 */
export function* sizeWindows<T>(
	values: Iterable<T>,
	sizeOf: (value: T) => number,
	most: { readonly bytes: number; readonly values?: number },
): Generator<T[], void> {
	let window: T[] = [];
	let bytes = 0;
	for (const value of values) {
		const size = sizeOf(value);
		const isFull = window.length === most.values || bytes + size > most.bytes;
		if (window.length > 0 && isFull) {
			yield window;
			window = [];
			bytes = 0;
		}
		window.push(value);
		bytes += size;
	}
	if (window.length > 0) yield window;
}
