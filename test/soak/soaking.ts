import { setTimeout as sleep } from 'node:timers/promises';
import { start } from '../../sandbox/index.ts';
import { startEditor } from '../../scripts/editor/editor.ts';
import type { EditorInstallation } from '../../scripts/editor/installEditor.ts';
import type { PackedPackage } from '../../scripts/editor/packPackage.ts';
import { EditorRest } from '../../scripts/editor/rest.ts';
import type { Owner } from '../../scripts/editor/restTypes.ts';
import { EffectsServer } from './effects.ts';
import { soakFlow } from './flow.ts';
import { Host } from './host.ts';
import { tagOf } from './identity.ts';
import { judge, type Observations, type Verdict } from './judge.ts';
import { Mailbox, RECEIPTS_FOLDER, STUDIO } from './mailbox.ts';
import { POINTS, type Point } from './points.ts';
import { Random } from './random.ts';
import type { Scene } from './scene.ts';
import { followSettlements } from './settlements.ts';
import { ShownAgain } from './shownAgain.ts';
import { Storm, type Struck } from './storm.ts';
import { Traffic } from './traffic.ts';

export interface SoakInput {
	readonly nodes: PackedPackage;
	readonly installation: EditorInstallation;
	readonly minutes: number;
	readonly seed: number;
	readonly tell: (line: string) => void;
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

/** Not a secret: this n8n listens on 127.0.0.1 alone and is gone with the soak. */
const OWNER: Owner = { email: 'soak@example.test', password: 'Only-For-Soaks-1' };

const PROGRESS_MS = 20_000;
/** imapflow's limit of silence, the listener's longest back-off, and the wait before a third attempt. */
const LONGEST_STALL_MS = 200_000;
const OUTSTANDING_MS = 5 * 60_000;
/** Long enough for a listener that is there to have started a run. */
const QUIET_MS = 3_000;
const FAIL_FIRST = 0.15;

async function publish(rest: EditorRest, sandbox: Scene['sandbox'], url: string) {
	const account = sandbox.accounts.find(({ address }) => address === STUDIO);
	const { id, name } = await rest.createCredential({
		name: 'PEC',
		type: 'pecApi',
		data: {
			provider: 'custom',
			email: STUDIO,
			password: account?.password,
			imapHost: 'localhost',
			imapPort: sandbox.imap.port,
			imapSecurity: 'tls',
			smtpHost: 'localhost',
			smtpPort: sandbox.smtp.port,
			smtpSecurity: 'tls',
			tlsCa: sandbox.tlsCa,
			pecCa: sandbox.pecCa,
		},
	});
	const workflows: string[] = [];
	for (const watchFor of ['newPec', 'receipts']) {
		const trigger = {
			type: 'n8n-nodes-pec.pecTrigger',
			typeVersion: 1,
			parameters: { watchFor },
			credentials: { pecApi: { id, name } },
		};
		const pecKey = "$('Trigger').item.json.pecKey";
		const workflow = await rest.createWorkflow(
			soakFlow(`Soak ${watchFor}`, trigger, { url, pecKey }),
		);
		const { status, triggers } = await rest.activate(workflow.id);
		if (status !== 'published') {
			throw new Error(`n8n did not activate the trigger: ${triggers[0]?.errorMessage ?? status}`);
		}
		workflows.push(workflow.id);
	}
	return workflows;
}

/** Everything that was started ends with it. */
export async function soak(input: SoakInput): Promise<SoakResult> {
	const { tell, seed, minutes } = input;
	const random = new Random(seed);
	const failing = new Set<string>();
	const sandbox = await start({ dialects: { alfa: { receiptsFolder: RECEIPTS_FOLDER } } });
	const effects = await EffectsServer.start((key) => failing.has(key));
	let editor: Awaited<ReturnType<typeof startEditor>> | undefined;
	const settledTags = followSettlements(sandbox, STUDIO);
	const shownAgain = new ShownAgain(sandbox, { account: STUDIO, triggers: 2 });
	const mailbox = new Mailbox(sandbox);
	mailbox.onArrival = ({ pecKey }) => {
		if (random.next() < FAIL_FIRST) failing.add(pecKey);
	};
	const isSettled = (pecKey: string) => settledTags.has(tagOf(pecKey));
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
		editor = await startEditor({
			nodes: input.nodes,
			installation: input.installation,
			env: { N8N_LOG_FORMAT: 'json' },
		});
		const rest = new EditorRest(editor.url);
		await rest.setUpOwner(OWNER);
		const host = new Host(editor, rest);
		const workflows = await publish(rest, sandbox, effects.url);
		const traffic = new Traffic(sandbox, mailbox, random);
		const longestStallMs = input.longestStallMs ?? LONGEST_STALL_MS;
		const scene: Scene = {
			...{ sandbox, host, effects, mailbox, traffic, shownAgain, random, workflows },
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
			kills: host.kills,
			settled: new Map(
				mailbox.messages.flatMap(({ pecKey }) => {
					const at = settledTags.get(tagOf(pecKey));
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
		await Promise.allSettled([editor?.stop(), effects.stop(), sandbox.stop()]);
	}
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
