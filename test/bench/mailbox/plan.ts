import type { Pace } from '../contest.ts';
import { FULL_SIZE, SMALL_SIZE } from './letters.ts';
import type { MailboxPlan } from './stage.ts';

/** What is measured, and how much of it. */
export interface BenchPlan {
	/** Messages that are exported: to the store, and to files by others. */
	readonly export: number;
	/** A few of the same, for who takes a minute for a thousand. */
	readonly few: number;
	readonly scan: number;
	readonly growth: readonly number[];
	readonly memory: { readonly small: number; readonly large: number };
	/** A round is one run at least. */
	readonly pace: Pace;
	readonly growthPace: Pace;
}

export const QUICK: BenchPlan = {
	export: 100,
	few: 10,
	scan: 1_000,
	growth: [500],
	memory: { small: 50, large: 300 },
	pace: { rounds: 2, milliseconds: 1, warmUp: 1 },
	growthPace: { rounds: 1, milliseconds: 1, warmUp: 1 },
};

export const FULL: BenchPlan = {
	export: 2_000,
	few: 300,
	scan: 20_000,
	growth: [1_000, 10_000, 100_000],
	memory: { small: 100, large: 10_000 },
	pace: { rounds: 9, milliseconds: 1_000, warmUp: 2_000 },
	growthPace: { rounds: 3, milliseconds: 1, warmUp: 1 },
};

export function mailboxesOf({ growth, memory, ...plan }: BenchPlan): MailboxPlan[] {
	return [
		{ name: 'export', messages: plan.export, mix: FULL_SIZE },
		{ name: 'few', messages: plan.few, mix: FULL_SIZE },
		{ name: 'small', messages: memory.small, mix: FULL_SIZE },
		{ name: 'large', messages: memory.large, mix: FULL_SIZE },
		{ name: 'scan', messages: plan.scan, mix: SMALL_SIZE },
		...growth.map((messages) => ({ name: growthName(messages), messages, mix: SMALL_SIZE })),
	];
}

export function growthName(messages: number): string {
	return `growth${messages}`;
}
