import type { FaultRule, Sandbox } from '../../sandbox/index.ts';
import type { ExecutionData } from '../../scripts/editor/workflow.ts';
import type { Host } from '../editorHost.ts';
import type { Random } from '../random.ts';

/** What a point acts upon: one round. */
export interface CrashScene {
	readonly sandbox: Sandbox;
	/** Where the runs were started, one for each. */
	readonly hosts: readonly Pick<Host, 'kill'>[];
	/** The address it is sent from. */
	readonly account: string;
	readonly rows: number;
	readonly random: Random;
}

/** Something that goes wrong, or is about to. */
export interface Trouble {
	/** @param executions those that were started together, as far as n8n knows their end */
	readonly struck: (executions: readonly ExecutionData[]) => boolean;
	/** Takes back what has not struck, or still holds. */
	readonly end: () => void;
}

export interface CrashPoint {
	readonly name: string;
	/** On which n8n runs of the mailing are started, all at once. */
	readonly startsOn: readonly ('first' | 'second')[];
	/** An account that never sent anything: nothing is known of its provider. */
	readonly newAccount: boolean;
	/** Max Duration of each run; as the node has it unless given. */
	readonly maxMinutes?: number;
	/** How far the provider's clock moves before a run is tried again. */
	readonly advanceMs: number;
	/** How far it moves when nothing is left to send, before one more run; there is none unless given. */
	readonly laterMs?: number;
	/** Puts the trouble in the way of the runs that follow. */
	readonly arm: (scene: CrashScene) => Trouble;
}

const MINUTE_MS = 60_000;

/** Longer than any lease that a killed run can have left behind. */
export const ADVANCE_MS = 15 * MINUTE_MS;

/** A run that waits for somebody, or something, that does not come. */
export const SHORT_RUN = 1;

export const USUAL: Omit<CrashPoint, 'name' | 'arm'> = {
	startsOn: ['first'],
	newAccount: false,
	advanceMs: ADVANCE_MS,
};

/** Messages that pass unharmed before one is struck. */
export function anyRow({ random, rows }: CrashScene): number {
	return random.between(0, rows - 1);
}

export function armRules(
	{ sandbox, account }: CrashScene,
	rules: readonly Omit<FaultRule, 'account'>[],
): Trouble {
	const handles = rules.map((rule) => sandbox.faults.add({ ...rule, account }));
	return {
		struck: () => handles.some(({ fired }) => fired > 0),
		end: () => {
			for (const handle of handles) handle.remove();
		},
	};
}
