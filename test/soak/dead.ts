/** A span of time, milliseconds since 1970. */
export interface Span {
	readonly from: number;
	readonly to: number;
}

/** A message that was to have an effect. */
export interface Awaited {
	readonly arrivedAt: number;
	/** Of its first effect. */
	readonly effectAt?: number;
}

/** How long a message may wait before its trigger counts as dead. */
export const PATIENT_MS = 30_000;

/**
 * How long a trigger was dead until `end`: a message had waited for more than 30 s, and neither it nor any that came at the same
 * time or later had its effect yet. The clock stands still while it could not work, so neither outages nor starts of n8n count.
 * A message that was passed over while later ones were served makes nothing dead: it is lost.
 * @returns milliseconds
 */
export function deadTime(
	messages: readonly Awaited[],
	unable: readonly Span[],
	end: number,
): number {
	const pauses = union(unable);
	const ordered = messages.toSorted((one, other) => one.arrivedAt - other.arrivedAt);
	let nextEffect = end;
	const spans: Span[] = [];
	for (const { arrivedAt, effectAt } of ordered.toReversed()) {
		nextEffect = Math.min(nextEffect, effectAt ?? Infinity);
		const from = afterWorking(arrivedAt, PATIENT_MS, pauses);
		if (from < nextEffect) spans.push({ from, to: nextEffect });
	}
	return union(spans).reduce((sum, span) => sum + workingTime(span, pauses), 0);
}

/** The same time, without overlaps and in order. */
export function union(spans: readonly Span[]): Span[] {
	const joined: Span[] = [];
	for (const span of spans.toSorted((one, other) => one.from - other.from)) {
		const last = joined.at(-1);
		if (last && span.from <= last.to) {
			joined[joined.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
		} else joined.push(span);
	}
	return joined;
}

function workingTime({ from, to }: Span, pauses: readonly Span[]): number {
	const paused = pauses.map((pause) =>
		Math.max(0, Math.min(to, pause.to) - Math.max(from, pause.from)),
	);
	return to - from - paused.reduce((sum, ms) => sum + ms, 0);
}

/** When so much time in which it could work has passed since `from`. */
function afterWorking(from: number, ms: number, pauses: readonly Span[]): number {
	let at = from + ms;
	for (const pause of pauses) {
		if (pause.to <= from || pause.from >= at) continue;
		at += pause.to - Math.max(pause.from, from);
	}
	return at;
}
