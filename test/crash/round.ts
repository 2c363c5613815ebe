import type { ExecutionData, Item } from '../../scripts/editor/workflow.ts';
import { itemsOf } from '../../scripts/editor/workflow.ts';
import type { Host } from '../editorHost.ts';
import type { Random } from '../random.ts';
import { crashFlow, SEND, START } from './flow.ts';
import type { RoundSeen, Shown } from './judge.ts';
import { ADVANCE_MS, type CrashPoint } from './points.ts';
import { mailingRows, type MailingRow } from './rows.ts';
import { emptyMailbox, type CrashStage } from './stage.ts';

/** Of one run, by the clock of this machine: one that waits for its turn, or for a provider that refuses, takes its time. */
const RUN_MS = 15 * 60_000;

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
	try {
		const id = await host.rest.startRun(workflow, START);
		return await host.rest.waitForExecution(id, RUN_MS);
	} catch (error) {
		if (host.kills.length === kills) {
			console.error(`n8n is killed, since a run does not end: ${String(error)}`);
			host.kill('run.stuck');
		}
		return undefined;
	}
}

interface MailingRun {
	readonly rows: readonly MailingRow[];
	readonly workflow: string;
	readonly advanceMs: number;
}

/** Runs it again, the provider's clock moved ahead each time, until nothing is left to send. */
async function resume(
	{ sandbox, host }: CrashStage,
	{ rows, workflow, advanceMs }: MailingRun,
	before: { readonly last: ExecutionData | undefined; readonly runs: number },
): Promise<{ last: ExecutionData | undefined; runs: number }> {
	let { last, runs } = before;
	while (!isComplete(last, rows) && runs < MOST_RUNS) {
		await sandbox.advance(advanceMs);
		last = await run(host, workflow);
		if (last === undefined) await host.restart();
		runs += 1;
	}
	return { last, runs };
}

export interface RoundPlan {
	readonly mailing: string;
	readonly batch: number;
	readonly random: Random;
}

/** One mailing, at which one thing goes wrong; then it is run until nothing is left to send. */
export async function playRound(
	stage: CrashStage,
	point: CrashPoint,
	{ mailing, batch, random }: RoundPlan,
): Promise<RoundSeen> {
	const { sandbox, host } = stage;
	const begun = Date.now();
	const rows = mailingRows(batch, random);
	const sender = point.newAccount ? await stage.newSender() : stage.sender;
	const flow = crashFlow(mailing, rows, sender.credential);
	const { id: workflow } = await host.rest.createWorkflow(flow);
	const trouble = point.arm({ sandbox, host, account: sender.address, rows: batch, random });
	try {
		const together = Array.from({ length: point.together }, async () => await run(host, workflow));
		const executions = (await Promise.all(together)).filter((one) => one !== undefined);
		if (executions.length < point.together) await host.restart();
		const first = executions.toSorted((one, other) => endOf(one) - endOf(other)).at(-1);
		const { advanceMs } = point;
		const mailingRun = { rows, workflow, advanceMs };
		let { last, runs } = await resume(stage, mailingRun, { last: first, runs: point.together });
		if (point.onceMore) {
			for (let hours = 0; hours < 4; hours += 1) await sandbox.advance(advanceMs);
			const more = await resume(stage, mailingRun, { last: undefined, runs });
			({ last, runs } = more);
		}
		await sandbox.settled();
		return {
			point: point.name,
			mailing,
			rows,
			...seenIn(last, rows),
			struck: trouble.struck(executions),
			runs,
			seconds: Math.round((Date.now() - begun) / 1_000),
		};
	} finally {
		trouble.end();
	}
}

function endOf({ stoppedAt }: ExecutionData): number {
	return stoppedAt === undefined ? 0 : Date.parse(stoppedAt);
}

function seenIn(
	last: ExecutionData | undefined,
	rows: readonly MailingRow[],
): Pick<RoundSeen, 'shown' | 'complete' | 'problem'> {
	const complete = isComplete(last, rows);
	return {
		shown: last === undefined ? [] : itemsOf(last, SEND).map(shownOf),
		complete,
		...(complete ? {} : { problem: problemOf(last) }),
	};
}

export const EMPTIED = 'mailbox.emptied';

/**
 * A mailing is completed, then all that the mailbox has beside the records is removed: messages first, then folders. Each
 * time it is run again, and nothing may be sent.
 */
export async function playEmptied(
	stage: CrashStage,
	{ mailing, batch, random }: RoundPlan,
): Promise<RoundSeen> {
	const { sandbox, host, sender } = stage;
	const begun = Date.now();
	const rows = mailingRows(batch, random);
	const flow = crashFlow(mailing, rows, sender.credential);
	const { id: workflow } = await host.rest.createWorkflow(flow);
	const mailingRun = { rows, workflow, advanceMs: ADVANCE_MS };
	let seen = await resume(stage, mailingRun, { last: undefined, runs: 0 });
	for (const folders of [false, true]) {
		await sandbox.settled();
		emptyMailbox(sandbox, sender.address, { folders });
		seen = await resume(stage, mailingRun, { last: undefined, runs: seen.runs });
	}
	return {
		point: EMPTIED,
		mailing,
		rows,
		...seenIn(seen.last, rows),
		struck: true,
		runs: seen.runs,
		seconds: Math.round((Date.now() - begun) / 1_000),
	};
}
