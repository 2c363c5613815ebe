import type { Dialects, Sandbox } from '../../sandbox/index.ts';
import { killAt } from './placePoints.ts';
import { SHORT_RUN, USUAL, type CrashPoint } from './point.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const LATE_MS = 3 * HOUR_MS;

/**
 * When acceptances come, by the name of the mailing, which each subject has. Without any for its first message no mailing of a
 * new account goes on: that is another point.
 */
export const ACCEPTANCES: Dialects = {
	slow: [
		{ subject: / acceptance\.late #/, acceptance: { delayMs: LATE_MS } },
		{ subject: / kill\.acceptance\.late #(?!R0001$)/, acceptance: { delayMs: LATE_MS } },
		{ subject: / acceptance\.never #(?!R0001$)/, acceptance: 'never' },
	],
};

/** Whether the provider, by its log, owed an acceptance for an hour since then. */
function isOwed(sandbox: Sandbox, account: string, since: number): boolean {
	const acceptedAt = new Map<string | undefined, number>();
	for (const entry of sandbox.log.entries()) {
		if (entry.type !== 'delivery' || entry.wireType !== 'accettazione') continue;
		acceptedAt.set(entry.originalMessageId, Date.parse(entry.at));
	}
	return sandbox.log
		.submissions()
		.slice(since)
		.filter((one) => one.account === account)
		.some(({ messageId, at }) => {
			const waited = (acceptedAt.get(messageId) ?? Infinity) - Date.parse(at);
			return waited >= HOUR_MS;
		});
}

function acceptance(name: string, newAccount: boolean): CrashPoint {
	return {
		...USUAL,
		name,
		newAccount,
		advanceMs: LATE_MS,
		laterMs: DAY_MS,
		maxMinutes: SHORT_RUN,
		arm: ({ sandbox, account }) => {
			const before = sandbox.log.submissions().length;
			return { struck: () => isOwed(sandbox, account, before), end: () => undefined };
		},
	};
}

const KILL = killAt('afterDot', 'kill.acceptance.late');

/** What is unclear shows as unclear for hours, and must not be sent again; then the acceptance tells what became of it. */
export const KILL_THEN_LATE: CrashPoint = {
	...KILL,
	advanceMs: HOUR_MS,
	laterMs: DAY_MS,
	maxMinutes: SHORT_RUN,
	arm: (scene) => {
		const { sandbox, account } = scene;
		const before = sandbox.log.submissions().length;
		const kill = KILL.arm(scene);
		return { ...kill, struck: (ends) => kill.struck(ends) && isOwed(sandbox, account, before) };
	},
};

export const ACCEPTANCE_POINTS: readonly CrashPoint[] = [
	acceptance('acceptance.late', true),
	acceptance('acceptance.never', false),
];
