import { load } from './load/load.ts';
import { mailbox } from './mailbox/mailbox.ts';
import { read } from './read/read.ts';
import type { Row } from './rows.ts';
import { scaling } from './scaling/scaling.ts';
import { send } from './send/send.ts';
import { track } from './track/track.ts';
import { trigger } from './trigger/trigger.ts';

export interface WorkContext {
	/** Empty, removed afterwards. */
	readonly workFolder: string;
	readonly quick: boolean;
	/** Instead of the work's own number. */
	readonly rounds?: number;
	/** Says what is being done. */
	readonly tell: (line: string) => void;
}

/** Something that is measured. */
export interface Work {
	readonly name: string;
	readonly purpose: string;
	/** Programs it starts. */
	readonly needs: readonly string[];
	/** Programs that it measures against where they are installed. */
	readonly peers?: readonly string[];
	/** Says nothing within seconds: `--quick` leaves it out, unless it is named. */
	readonly takesMinutes?: boolean;
	/** What was measured and how, for docs/PERFORMANCE.md. */
	readonly notes: readonly string[];
	/** Rejects with `WrongAnswer` when somebody answered wrong. */
	run(context: WorkContext): Promise<readonly Row[]>;
}

export const WORKS: readonly Work[] = [load, read, trigger, send, track, mailbox, scaling];
