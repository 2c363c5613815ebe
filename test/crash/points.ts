import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultAction, FaultRule, Sandbox } from '../../sandbox/index.ts';
import type { ExecutionData } from '../../scripts/editor/workflow.ts';
import type { Host } from '../editorHost.ts';
import type { Random } from '../random.ts';

/** What a point acts upon: one round. */
export interface CrashScene {
	readonly sandbox: Sandbox;
	readonly host: Pick<Host, 'kill'>;
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
	/** How many runs of the mailing are started together. */
	readonly together: 1 | 2;
	/** An account that never sent anything: nothing is known of its provider. */
	readonly newAccount: boolean;
	/** How far the provider's clock moves before a run is tried again, and before one more when nothing was left to send. */
	readonly advanceMs: number;
	/** Whether it is run once more, the clock moved ahead, when nothing is left to send. */
	readonly onceMore: boolean;
	/** Puts the trouble in the way of the runs that follow. */
	readonly arm: (scene: CrashScene) => Trouble;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Longer than any lease that a killed run can have left behind. */
export const ADVANCE_MS = 15 * MINUTE_MS;

/** How long a mailbox stays full, in real time. */
const FULL_MS = 3_000;

/** Of a message that is broken off: within its header or text. */
const WITHIN_BYTES = 300;

export const ACCEPTANCE_LATE_MS = 3 * HOUR_MS;

const USUAL = { together: 1, newAccount: false, advanceMs: ADVANCE_MS, onceMore: false } as const;

type Place = Pick<FaultRule, 'at' | 'command' | 'skip'>;

/** Where in the conversation; by chance which message, and which of two places that nobody can tell apart from outside. */
const PLACES = {
	beforeData: (scene) => ({ at: 'smtp.command', command: 'DATA', skip: anyRow(scene) }),
	withinData: (scene) => ({ at: 'smtp.body', skip: anyRow(scene) }),
	// taken or not, the client cannot know
	afterDot: (scene) => ({
		at: scene.random.next() < 0.75 ? 'smtp.accepted' : 'smtp.dot',
		skip: anyRow(scene),
	}),
	after250: (scene) => ({ at: 'smtp.replied', skip: anyRow(scene) }),
	atRecord: (scene) => ({
		at: scene.random.next() < 0.5 ? 'imap.command' : 'imap.done',
		command: 'APPEND',
		skip: scene.random.between(0, 2 + Math.floor(scene.rows / 50)),
	}),
} as const satisfies Record<string, (scene: CrashScene) => Place>;

type PlaceName = keyof typeof PLACES;

function anyRow({ random, rows }: CrashScene): number {
	return random.between(0, rows - 1);
}

function armRules(
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

const BROKEN_OFF: FaultAction = { do: 'drop', afterBytes: WITHIN_BYTES, direction: 'received' };

function killAt(place: PlaceName): CrashPoint {
	const name = `kill.${place}`;
	return {
		...USUAL,
		name,
		arm: (scene) => {
			const where = PLACES[place](scene);
			const kill: FaultAction = { do: 'call', run: () => scene.host.kill(name) };
			// what n8n had handed to the system before it died must not arrive in full
			const rules = place === 'withinData' ? [BROKEN_OFF, kill] : [kill];
			return armRules(
				scene,
				rules.map((action) => ({ ...where, action })),
			);
		},
	};
}

function cutAt(place: PlaceName): CrashPoint {
	return {
		...USUAL,
		name: `network.cut${place[0]?.toUpperCase()}${place.slice(1)}`,
		arm: (scene) => {
			const action: FaultAction = place === 'withinData' ? BROKEN_OFF : { do: 'drop' };
			return armRules(scene, [{ ...PLACES[place](scene), action }]);
		},
	};
}

const MAILBOX_FULL: CrashPoint = {
	...USUAL,
	name: 'mailbox.full',
	arm: (scene) => {
		const trouble = armRules(scene, [
			{
				at: 'imap.command',
				command: 'APPEND',
				skip: scene.random.between(0, 2),
				times: 'always',
				action: { do: 'answer', status: 'NO', code: 'OVERQUOTA', text: 'Quota exceeded' },
			},
		]);
		const look = setInterval(() => {
			if (!trouble.struck([])) return;
			clearInterval(look);
			void sleep(FULL_MS).then(trouble.end);
		}, 100);
		return {
			struck: trouble.struck,
			end: () => {
				clearInterval(look);
				trouble.end();
			},
		};
	},
};

const PROVIDER_BLOCKS: CrashPoint = {
	...USUAL,
	name: 'provider.blocks',
	arm: (scene) => {
		const { random } = scene;
		const refusal: FaultAction =
			random.next() < 0.5
				? {
						do: 'answer',
						reply: 550,
						text: 'blocked "Class Of Service" - Too much traffic from this sender',
					}
				: { do: 'answer', reply: 451, text: '4.7.1 Too many messages, try again later' };
		const where: Place =
			random.next() < 0.5 ? { at: 'smtp.command', command: 'MAIL' } : { at: 'smtp.dot' };
		const times = random.between(1, 3);
		return armRules(scene, [{ ...where, skip: anyRow(scene), times, action: refusal }]);
	},
};

/** The sandbox does it by the mailing's name, which every subject has. */
function acceptance(when: 'late' | 'never', newAccount: boolean): CrashPoint {
	return {
		...USUAL,
		name: `acceptance.${when}`,
		newAccount,
		advanceMs: HOUR_MS,
		onceMore: true,
		arm: ({ sandbox, account }) => {
			const before = sandbox.log.submissions().length;
			return {
				struck: () =>
					sandbox.log
						.submissions()
						.slice(before)
						.some((one) => one.account === account),
				end: () => undefined,
			};
		},
	};
}

const TWO_RUNS: CrashPoint = {
	...USUAL,
	name: 'twoRuns',
	together: 2,
	arm: () => ({
		struck: (executions) => {
			const times = (ends: readonly (string | undefined)[]) =>
				ends.flatMap((end) => (end === undefined ? [] : [Date.parse(end)]));
			const begun = times(executions.map(({ startedAt }) => startedAt));
			const ended = times(executions.map(({ stoppedAt }) => stoppedAt));
			return ended.length > 1 && Math.max(...begun) < Math.min(...ended);
		},
		end: () => undefined,
	}),
};

const PLACE_NAMES = Object.keys(PLACES) as PlaceName[];

export const KILL_POINTS: readonly CrashPoint[] = PLACE_NAMES.map(killAt);

export const POINTS: readonly CrashPoint[] = [
	...KILL_POINTS,
	...PLACE_NAMES.map(cutAt),
	MAILBOX_FULL,
	PROVIDER_BLOCKS,
	acceptance('late', true),
	acceptance('never', false),
	TWO_RUNS,
];

export const POINT_NAMES: readonly string[] = POINTS.map(({ name }) => name);
