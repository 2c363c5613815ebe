import { ContestantProcess } from '../contest.ts';

/**
 * With so much heap and no more, its young generation included: beside a capped old generation V8 lets that one grow to
 * 192 MB of garbage, which every process has that works for long enough.
 */
export const HEAP_MB = 256;

export interface MemoryFigures {
	/** MB by which the process's peak grew from the small mailbox to the large one. */
	readonly growth: number;
	readonly peakMegabytes: number;
	/** Of the large one, a message. */
	readonly cpuMilliseconds: number;
}

/**
 * One process works on a small mailbox, then on a large one; it dies when its heap does not suffice, and there is no figure.
 * @param settings of the contestant
 */
export async function measureMemory<Settings>(
	name: string,
	module: string,
	{ small, large }: { readonly small: Settings; readonly large: Settings },
): Promise<MemoryFigures> {
	const process = new ContestantProcess(name, [`--max-heap-size=${HEAP_MB}`]);
	try {
		await process.prepare(module, small);
		const before = await process.measure(0);
		await process.prepare(module, large);
		const { cpuMilliseconds, peakMegabytes } = await process.measure(0);
		return { growth: peakMegabytes - before.peakMegabytes, peakMegabytes, cpuMilliseconds };
	} finally {
		process.end();
	}
}
