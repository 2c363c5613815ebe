import type { Coverage } from './coverage.ts';

/** What the parent orders. */
export interface TrialOrder {
	readonly seed: number;
	/** Of the first message. */
	readonly index: number;
	/** Milliseconds, from when the first message is made. */
	readonly time: number;
	/** Where messages are kept; CURRENT in it is the one being read. */
	readonly folder: string;
	readonly reader?: string;
}

/** What the child says. A message it is silent about for long is one that hangs. */
export type TrialNews =
	| { readonly news: 'ready' }
	| {
			readonly news: 'progress';
			readonly index: number;
			readonly messages: number;
			readonly used: number;
			readonly coverage: Coverage;
	  }
	| {
			readonly news: 'found';
			readonly index: number;
			readonly fault: string;
			readonly detail: string;
			readonly file: string;
			readonly recipe: readonly string[];
	  }
	| { readonly news: 'done' };

/** Name of the message being read, without its ending. */
export const CURRENT = 'current';
/** When messages are read. */
export const NOW = new Date('2026-03-01T00:00:00Z');
