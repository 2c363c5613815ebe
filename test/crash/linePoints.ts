import type { Sandbox } from '../../sandbox/index.ts';
import { RECORDS_FOLDER } from '../servers/watchRecords.ts';
import { armRules, SHORT_RUN, USUAL, type CrashPoint } from './point.ts';

export function twoAtOnce(name: string, startsOn: CrashPoint['startsOn']): CrashPoint {
	return {
		...USUAL,
		name,
		startsOn,
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
}

/** Two n8n send, one after the other; while both have a place in line one of them dies, by chance who sends or who waits. */
export const KILL_IN_LINE: CrashPoint = {
	...USUAL,
	name: 'kill.inLine',
	startsOn: ['first', 'second'],
	maxMinutes: SHORT_RUN,
	arm: (scene) => {
		const { sandbox, account, hosts, random } = scene;
		const host = hosts[random.between(0, hosts.length - 1)];
		const before = new Set(claimsOf(sandbox, account));
		let hasStruck = false;
		const kill = () => {
			const claims = claimsOf(sandbox, account).filter((nonce) => !before.has(nonce));
			if (hasStruck || claims.length < 2) return;
			hasStruck = true;
			host?.kill('kill.inLine');
		};
		const { end } = armRules(scene, [
			{ at: 'imap.done', command: 'APPEND', times: 'always', action: { do: 'call', run: kill } },
		]);
		return { struck: () => hasStruck, end };
	},
};

const LEASE = /^Subject: n8n PEC record \d+ leases <([0-9a-f]+)>/m;

/** The runs of which the mailbox holds a lease record, as they name themselves. */
function claimsOf(sandbox: Sandbox, account: string): string[] {
	const records = sandbox.store.account(account)?.folder(RECORDS_FOLDER)?.messages ?? [];
	const named = records.map(({ raw }) => LEASE.exec(raw.toString('latin1'))?.[1]);
	return [...new Set(named.filter((nonce) => nonce !== undefined))];
}
