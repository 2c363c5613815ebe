/** What several measurements of the same thing come to. */
export interface Summary {
	readonly median: number;
	readonly min: number;
	readonly max: number;
	/** Measurements beyond Tukey's fences: more than 1.5 times the middle half's width away from it. They count. */
	readonly outliers: number;
}

/** The value below which a share of the measurements lies, between two neighbours in proportion. */
export function quantile(values: readonly number[], share: number): number {
	const sorted = [...values].sort((one, other) => one - other);
	const place = (sorted.length - 1) * share;
	const below = sorted[Math.floor(place)];
	const above = sorted[Math.ceil(place)];
	if (below === undefined || above === undefined) throw new RangeError('Nothing was measured');
	return below + (above - below) * (place - Math.floor(place));
}

export function summaryOf(values: readonly number[]): Summary {
	const [low, high] = [quantile(values, 0.25), quantile(values, 0.75)];
	const fence = 1.5 * (high - low);
	return {
		median: quantile(values, 0.5),
		min: Math.min(...values),
		max: Math.max(...values),
		outliers: values.filter((value) => value < low - fence || value > high + fence).length,
	};
}

/**
 * How many times ours is theirs: the median of the rounds' own ratios, since the two of a round met the same machine.
 * Throws a RangeError when they were not measured equally often.
 */
export function ratioOf(ours: readonly number[], theirs: readonly number[]): number {
	if (ours.length !== theirs.length) throw new RangeError('A round has no counterpart');
	return quantile(
		ours.map((value, round) => value / (theirs[round] ?? Number.NaN)),
		0.5,
	);
}
