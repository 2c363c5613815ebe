import { setTimeout as sleep } from 'node:timers/promises';
import type { Sandbox } from '../../sandbox/index.ts';
import type { ExecutionData, Item } from '../../scripts/editor/workflow.ts';
import { itemsOf } from '../../scripts/editor/workflow.ts';
import type { Host } from '../editorHost.ts';
import type { Random } from '../random.ts';
import { crashFlow, SEND, START } from './flow.ts';
import type { RoundSeen, Shown } from './judge.ts';
import { ADVANCE_MS, type CrashPoint } from './point.ts';
import type { MailingRow } from './rows.ts';
import { emptyMailbox, type CrashStage, type Desk, type Sender } from './stage.ts';

/** Of one run, by the clock of this machine: one that waits for its turn, or for a provider that refuses, takes its time. */
const RUN_MS = 10 * 60_000;

/** Before n8n is asked again. */
const BUSY_MS = 500;

/** A mailing that is not complete after so many runs never will be. */
const MOST_RUNS = 12;

/** A mailing is done when each of its rows came out, and none is to be sent by a later run. */
function isComplete(execution: ExecutionData | undefined, rows: readonly MailingRow[]): boolean {
	if (execution?.status !== 'success') return false;
	const items = itemsOf(execution, SEND);
	return items.length >= rows.length && items.every(({ json }) => json.action !== 'deferred');
}

function shownOf({ json }: Item): Shown {
	const { recipient, rowKey, state, action } = json;
	return { recipient, rowKey, state, action };
}

function problemOf(execution: ExecutionData | undefined): string {
	if (execution === undefined) return 'n8n ended meanwhile';
	const { error, status } = execution;
	return error?.message === undefined ? status : `${error.message} ${error.description ?? ''}`;
}

/** One run to its end; `undefined` when n8n was killed meanwhile, and is to be started again. A run that never ends is ended so. */
async function run(host: Host, workflow: string): Promise<ExecutionData | undefined> {
	const kills = host.kills.length;
	const until = Date.now() + RUN_MS;
	let id: string | undefined;
	for (;;) {
		try {
			id ??= await host.rest.startRun(workflow, START);
			return await host.rest.waitForExecution(id, until - Date.now());
		} catch (error) {
			if (host.kills.length > kills) return undefined;
			// A busy n8n answers 503 now and then.
			if (Date.now() < until) await sleep(BUSY_MS);
			else {
				console.error(`n8n is killed, since a run does not end: ${String(error)}`);
				host.kill('run.stuck');
				return undefined;
			}
		}
	}
}

interface MailingRun {
	readonly rows: readonly MailingRow[];
	readonly host: Host;
	readonly workflow: string;
	readonly advanceMs: number;
}

interface Played {
	readonly last: ExecutionData | undefined;
	readonly runs: number;
}

/** Runs it again, the provider's clock moved ahead each time, until nothing is left to send. */
async function resume(
	sandbox: Sandbox,
	{ rows, host, workflow, advanceMs }: MailingRun,
	before: Played,
): Promise<Played> {
	let { last, runs } = before;
	while (!isComplete(last, rows) && runs < MOST_RUNS) {
		await sandbox.advance(advanceMs);
		last = await run(host, workflow);
		if (last === undefined) await host.restart();
		runs += 1;
	}
	return { last, runs };
}

/** One run on each of these n8n, all at once; those that were killed meanwhile are started again. @returns in the order of their ends */
async function runTogether(started: readonly Pick<MailingRun, 'host' | 'workflow'>[]) {
	const hosts = [...new Set(started.map(({ host }) => host))];
	const kills = new Map(hosts.map((host) => [host, host.kills.length]));
	const ended = await Promise.all(
		started.map(async ({ host, workflow }) => await run(host, workflow)),
	);
	for (const host of hosts) if (host.kills.length !== kills.get(host)) await host.restart();
	return ended
		.filter((one) => one !== undefined)
		.toSorted((one, other) => endOf(one) - endOf(other));
}

export interface RoundPlan {
	readonly mailing: string;
	readonly rows: readonly MailingRow[];
	readonly sender: Sender;
	readonly random: Random;
}

/** One mailing, at which one thing goes wrong; then it is run until nothing is left to send. */
export async function playRound(
	stage: CrashStage,
	point: CrashPoint,
	{ mailing, rows, sender, random }: RoundPlan,
): Promise<RoundSeen> {
	const { sandbox } = stage;
	const begun = Date.now();
	const { advanceMs, laterMs, maxMinutes } = point;
	const options = maxMinutes === undefined ? {} : { maxDuration: maxMinutes };
	const first = await mailingOn(stage.first, { mailing, rows, sender, options });
	const starts = [];
	for (const which of point.startsOn) {
		const isFirst = which === 'first';
		const other = { mailing, rows, sender, options };
		starts.push(isFirst ? first : await mailingOn(await stage.second(), other));
	}
	const hosts = starts.map(({ host }) => host);
	const trouble = point.arm({ sandbox, hosts, account: sender.address, rows: rows.length, random });
	let executions: readonly ExecutionData[] = [];
	let played: Played = { last: undefined, runs: starts.length };
	try {
		executions = await runTogether(starts);
		const isWhole = executions.length === starts.length;
		const mailingRun = { ...first, rows, advanceMs };
		played = await resume(sandbox, mailingRun, {
			...played,
			last: isWhole ? executions.at(-1) : undefined,
		});
		if (laterMs !== undefined) {
			await sandbox.advance(laterMs);
			played = await resume(sandbox, mailingRun, { ...played, last: undefined });
		}
		await sandbox.settled();
	} finally {
		trouble.end();
	}
	return {
		point: point.name,
		mailing,
		rows,
		...seenIn(played, rows),
		struck: trouble.struck(executions),
		seconds: secondsSince(begun),
	};
}

function secondsSince(begun: number): number {
	return Math.round((Date.now() - begun) / 1_000);
}

async function mailingOn(
	{ host, credentialOf }: Desk,
	{
		mailing,
		rows,
		sender,
		options,
	}: {
		readonly mailing: string;
		readonly rows: readonly MailingRow[];
		readonly sender: Sender;
		readonly options?: { readonly maxDuration?: number };
	},
): Promise<{ host: Host; workflow: string }> {
	const flow = crashFlow(mailing, rows, await credentialOf(sender), options);
	const { id } = await host.rest.createWorkflow(flow);
	return { host, workflow: id };
}

function endOf({ stoppedAt }: ExecutionData): number {
	return stoppedAt === undefined ? 0 : Date.parse(stoppedAt);
}

function seenIn(
	{ last, runs }: Played,
	rows: readonly MailingRow[],
): Pick<RoundSeen, 'shown' | 'complete' | 'problem' | 'runs'> {
	const complete = isComplete(last, rows);
	return {
		shown: last === undefined ? [] : itemsOf(last, SEND).map(shownOf),
		complete,
		runs,
		...(complete ? {} : { problem: problemOf(last) }),
	};
}

export const EMPTIED = 'mailbox.emptied';

/**
 * A mailing is completed, then all that the mailbox has beside the records is removed: messages first, then folders. Each
 * time it is run again, and nothing may be sent.
 */
export async function playEmptied(
	{ sandbox, first }: CrashStage,
	{ mailing, rows, sender }: RoundPlan,
): Promise<RoundSeen> {
	const begun = Date.now();
	const started = await mailingOn(first, { mailing, rows, sender });
	const mailingRun = { ...started, rows, advanceMs: ADVANCE_MS };
	let played = await resume(sandbox, mailingRun, { last: undefined, runs: 0 });
	for (const folders of [false, true]) {
		await sandbox.settled();
		emptyMailbox(sandbox, sender.address, { folders });
		played = await resume(sandbox, mailingRun, { ...played, last: undefined });
	}
	return {
		point: EMPTIED,
		mailing,
		rows,
		...seenIn(played, rows),
		struck: true,
		seconds: secondsSince(begun),
	};
}
