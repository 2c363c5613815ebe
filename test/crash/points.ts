import type { FaultAction } from '../../sandbox/index.ts';
import { ACCEPTANCE_POINTS, KILL_THEN_LATE } from './acceptancePoints.ts';
import { KILL_IN_LINE, twoAtOnce } from './linePoints.ts';
import { CUT_POINTS, KILL_POINTS, type Place } from './placePoints.ts';
import { anyRow, armRules, USUAL, type CrashPoint } from './point.ts';

/** So many records are refused: of a run or two, however fast they are. */
const REFUSED_RECORDS = 4;

const MAILBOX_FULL: CrashPoint = {
	...USUAL,
	name: 'mailbox.full',
	arm: (scene) =>
		armRules(scene, [
			{
				at: 'imap.command',
				command: 'APPEND',
				skip: scene.random.between(0, 2),
				times: REFUSED_RECORDS,
				action: { do: 'answer', status: 'NO', code: 'OVERQUOTA', text: 'Quota exceeded' },
			},
		]),
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

/** In subjects, each has the name of its mailing: by it the sandbox knows when acceptances come. */
export const LATE = /acceptance\.late/i;
/** All but the first message's: without any, no mailing goes on. */
export const NEVER = /acceptance\.never #(?!R0001$)/;

export const POINTS: readonly CrashPoint[] = [
	...KILL_POINTS,
	KILL_THEN_LATE,
	KILL_IN_LINE,
	...CUT_POINTS,
	MAILBOX_FULL,
	PROVIDER_BLOCKS,
	...ACCEPTANCE_POINTS,
	twoAtOnce('twoRuns', ['first', 'first']),
	twoAtOnce('twoEditors', ['first', 'second']),
];

export const POINT_NAMES: readonly string[] = POINTS.map(({ name }) => name);
