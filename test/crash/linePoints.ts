import { setTimeout as sleep } from 'node:timers/promises';
import type { Sandbox } from '../../sandbox/index.ts';
import { RECORDS_FOLDER } from '../servers/watchRecords.ts';
import { armRules, SHORT_RUN, USUAL, type CrashPoint, type CrashScene } from './point.ts';

/** How long the first message is held for a run that may never get in line. */
const HOLD_MS = 60_000;
const LOOK_AGAIN_MS = 20;

/** Two runs send, one after the other: the first message is held until both have their place in line. */
export function twoAtOnce(name: string, startsOn: CrashPoint['startsOn']): CrashPoint {
	return {
		...USUAL,
		name,
		startsOn,
		arm: (scene) => {
			const line = lineOf(scene);
			const { end } = armRules(scene, [line.hold]);
			return { struck: () => line.isSeen(), end };
		},
	};
}

/** How many records are written at most, while both stand in line, before one of them dies. */
const RECORDS_BEFORE = 3;

/** Of two n8n in line one dies, by chance who sends or who waits. */
export const KILL_IN_LINE: CrashPoint = {
	...USUAL,
	name: 'kill.inLine',
	startsOn: ['first', 'second'],
	maxMinutes: SHORT_RUN,
	arm: (scene) => {
		const { hosts, random } = scene;
		const line = lineOf(scene);
		const host = hosts[random.between(0, hosts.length - 1)];
		let left = random.between(0, RECORDS_BEFORE);
		let hasStruck = false;
		const kill = () => {
			if (hasStruck || !line.isLong()) return;
			left -= 1;
			if (left >= 0) return;
			hasStruck = true;
			host?.kill('kill.inLine');
		};
		const { end } = armRules(scene, [
			line.hold,
			{ at: 'imap.done', command: 'APPEND', times: 'always', action: { do: 'call', run: kill } },
		]);
		return { struck: () => hasStruck, end };
	},
};

/** Two runs that came since, by their records. */
function lineOf({ sandbox, account }: CrashScene) {
	const before = new Set(claimsOf(sandbox, account));
	let isSeen = false;
	const isLong = () => {
		const isNow = claimsOf(sandbox, account).filter((nonce) => !before.has(nonce)).length > 1;
		isSeen ||= isNow;
		return isNow;
	};
	const run = async () => {
		const until = Date.now() + HOLD_MS;
		while (!isLong() && Date.now() < until) await sleep(LOOK_AGAIN_MS);
	};
	return {
		isLong,
		isSeen: () => isSeen,
		hold: { at: 'smtp.command', command: 'MAIL', action: { do: 'call', run } },
	} as const;
}

const LEASE = /^Subject: n8n PEC record \d+ leases <([0-9a-f]+)>/m;

/** The runs that are in line, as they name themselves, by the bytes that the server holds (docs/ARCHITECTURE.md, The lease). */
function claimsOf(sandbox: Sandbox, account: string): string[] {
	const records = sandbox.store.account(account)?.folder(RECORDS_FOLDER)?.messages ?? [];
	const claims = new Set<string>();
	for (const { raw } of records) {
		const [header = '', body = ''] = raw.toString('latin1').split('\r\n\r\n');
		const nonce = LEASE.exec(header)?.[1];
		if (nonce === undefined) continue;
		const { step } = JSON.parse(Buffer.from(body, 'base64').toString('utf8')) as { step?: string };
		if (step === 'release') claims.delete(nonce);
		else claims.add(nonce);
	}
	return [...claims];
}
