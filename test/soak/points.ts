import { CONNECTION_POINTS } from './connectionPoints.ts';
import { KILL_POINTS, PEOPLE_POINTS } from './editorPoints.ts';
import { MAILBOX_POINTS } from './mailboxPoints.ts';
import type { Point } from './places.ts';

/** Everything that goes wrong in a soak. */
export const POINTS: readonly Point[] = [
	...CONNECTION_POINTS,
	...MAILBOX_POINTS,
	...KILL_POINTS,
	...PEOPLE_POINTS,
];

/** Each costs a start of n8n: before and after the record of an offer, of the effect, of a settlement, and without a server. */
const KILLS_OF_A_MINUTE = [
	'kill.offerStored',
	'kill.effect',
	'kill.settlementAbout',
	'kill.settlementStored',
	'kill.serverAway',
];

/** What a test has time for: all but some of the kills. */
export const POINTS_OF_A_MINUTE = POINTS.filter(
	(point) => !KILL_POINTS.includes(point) || KILLS_OF_A_MINUTE.includes(point.name),
);
