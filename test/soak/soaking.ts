import { setTimeout as sleep } from 'node:timers/promises';
import type { Sandbox } from '../../sandbox/index.ts';
import type { EditorRest } from '../../scripts/editor/rest.ts';
import { pecCredential } from '../servers/sandboxAccount.ts';
import { soakFlow } from './flow.ts';
import { tagOf } from './identity.ts';
import { judge, type Observations, type Run, type Verdict } from './judge.ts';
import { Mailbox, RECEIPTS_FOLDER, STUDIO } from './mailbox.ts';
import type { Point } from './places.ts';
import { POINTS } from './points.ts';
import { Random } from '../random.ts';
import type { Scene } from './scene.ts';
import { Settlements } from './settlements.ts';
import { ShownAgain } from './shownAgain.ts';
import { openStage, publish, type SoakInput } from './stage.ts';
import { Storm, type Struck } from './storm.ts';
import { Traffic } from './traffic.ts';

export interface Soaking extends SoakInput {
	readonly points?: readonly Point[];
	/** Until a client notices by itself that its line is dead unless given. */
	readonly longestStallMs?: number;
}

export interface SoakResult {
	readonly seen: Observations;
	readonly verdict: Verdict;
	readonly executions: number;
	/** Runs that were made to fail. */
	readonly failed: number;
	/** Point -> how often it struck. */
	readonly faults: Readonly<Record<string, number>>;
	readonly struck: readonly Struck[];
	readonly minutes: number;
	readonly seed: number;
	/** What n8n printed. */
	readonly editorLog: string;
}

const PROGRESS_MS = 20_000;
/** imapflow's limit of silence, the listener's longest back-off, and the wait before a third attempt. */
const LONGEST_STALL_MS = 200_000;
const OUTSTANDING_MS = 5 * 60_000;
/** Long enough for a listener that is there to have started a run. */
const QUIET_MS = 3_000;
const FAIL_FIRST = 0.15;

async function publishFlows(rest: EditorRest, sandbox: Sandbox, url: string): Promise<string[]> {
	const { id, name } = await rest.createCredential(pecCredential(sandbox, STUDIO));
	const workflows: string[] = [];
	for (const watchFor of ['newPec', 'receipts']) {
		const trigger = {
			type: 'n8n-nodes-pec.pecTrigger',
			typeVersion: 1,
			parameters: { watchFor },
			credentials: { pecApi: { id, name } },
		};
		const pecKey = "$('Trigger').item.json.pecKey";
		workflows.push(await publish(rest, soakFlow(`Soak ${watchFor}`, trigger, { url, pecKey })));
	}
	return workflows;
}

/** Everything that was started ends with it. */
export async function soak(input: Soaking): Promise<SoakResult> {
	const { tell, seed, minutes } = input;
	const random = new Random(seed);
	const failing = new Set<string>();
	const stage = await openStage((key) => failing.has(key));
	const { sandbox, effects } = stage;
	const settlements = new Settlements(sandbox, STUDIO);
	const shownAgain = new ShownAgain(sandbox, { account: STUDIO, triggers: 2 });
	const mailbox = new Mailbox(sandbox);
	mailbox.onArrival = ({ pecKey }) => {
		if (random.next() < FAIL_FIRST) failing.add(pecKey);
	};
	const isSettled = (pecKey: string) => settlements.storedAt.has(tagOf(pecKey));
	const hasEffect = (pecKey: string) => effects.effects.some((one) => one.pecKey === pecKey);
	const outstanding = () =>
		mailbox.messages.filter(
			({ pecKey, removedAt }) =>
				removedAt === undefined && !(isSettled(pecKey) && hasEffect(pecKey)),
		);
	const storm = new Storm(input.points ?? POINTS);
	const flowing = new AbortController();
	let progress: NodeJS.Timeout | undefined;
	try {
		const host = await stage.raise(input);
		const workflows = await publishFlows(host.rest, sandbox, effects.url);
		const traffic = new Traffic(sandbox, { mailboxes: [mailbox], random, kinds: 'all' });
		const longestStallMs = input.longestStallMs ?? LONGEST_STALL_MS;
		const scene: Scene = {
			...{ sandbox, host, effects, traffic, settlements, shownAgain, random, workflows },
			mailboxes: [mailbox],
			longestStallMs,
		};
		const begun = Date.now();
		const say = () =>
			tell(
				`${Math.round((Date.now() - begun) / 1_000)} s: ${mailbox.messages.length} messages, ${effects.effects.length} effects, ${outstanding().length} outstanding, ${host.kills.length} kills; now ${storm.current}`,
			);
		progress = setInterval(say, PROGRESS_MS);

		const traffics = traffic.flow(flowing.signal, () => outstanding().length);
		await storm.rage(scene, begun + minutes * 60_000);
		flowing.abort();
		await traffics;
		await sandbox.settled();
		await calm(scene, outstanding);
		say();
		const seen: Observations = {
			messages: mailbox.messages,
			runs: effects.runs,
			effects: effects.effects,
			stored: await storedAt(host.rest, effects.effects),
			kills: [...host.kills, ...host.ends].sort((one, other) => one.at - other.at),
			settled: new Map(
				mailbox.messages.flatMap(({ pecKey }) => {
					const at = settlements.storedAt.get(tagOf(pecKey));
					return at === undefined ? [] : [[pecKey, at] as const];
				}),
			),
			refused: host.refused(),
			shownAgain: shownAgain.lookedAt,
		};
		return {
			seen,
			verdict: judge(seen),
			executions: await host.executions(),
			failed: effects.failed,
			faults: storm.faults,
			struck: storm.struck,
			minutes,
			seed,
			editorLog: host.log(),
		};
	} finally {
		flowing.abort();
		clearInterval(progress);
		await stage.stop();
	}
}

/** When n8n stored the executions of messages that have several effects. */
async function storedAt(rest: EditorRest, effects: readonly Run[]): Promise<Map<string, number>> {
	const counts = new Map<string, number>();
	for (const { pecKey } of effects) counts.set(pecKey, (counts.get(pecKey) ?? 0) + 1);
	const stored = new Map<string, number>();
	for (const { pecKey, execution } of effects) {
		if (counts.get(pecKey) === 1) continue;
		const { createdAt } = await rest.executionData(execution);
		if (createdAt !== undefined) stored.set(execution, Date.parse(createdAt));
	}
	return stored;
}

/** Waits until nothing is outstanding; then all is shown anew to an n8n that was killed, and nothing of it may run again. */
async function calm(scene: Scene, outstanding: () => readonly unknown[]): Promise<void> {
	await until(outstanding);
	if (outstanding().length > 0) return;
	scene.host.kill('end');
	for (const path of ['INBOX', RECEIPTS_FOLDER]) {
		scene.sandbox.store.account(STUDIO)?.folder(path)?.resetUidValidity();
		scene.shownAgain.note(path);
	}
	await scene.host.restart();
	await scene.traffic.nudge();
	await scene.sandbox.settled();
	await until(outstanding);
	await sleep(QUIET_MS);
}

async function until(outstanding: () => readonly unknown[]): Promise<void> {
	const deadline = Date.now() + OUTSTANDING_MS;
	while (outstanding().length > 0 && Date.now() < deadline) await sleep(250);
}
