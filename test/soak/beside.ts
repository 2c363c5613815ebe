import { setTimeout as sleep } from 'node:timers/promises';
import type { Sandbox } from '../../sandbox/index.ts';
import type { EditorRest } from '../../scripts/editor/rest.ts';
import { pecCredential } from '../servers/sandboxAccount.ts';
import { CONNECTION_POINTS } from './connectionPoints.ts';
import { deadTime, type Span } from './dead.ts';
import { KILL_POINTS, PEOPLE_POINTS } from './editorPoints.ts';
import type { EffectsServer } from './effects.ts';
import { soakFlow } from './flow.ts';
import { judge } from './judge.ts';
import { Mailbox, STUDIO } from './mailbox.ts';
import { MAILBOX_POINTS } from './mailboxPoints.ts';
import { seconds, type Point } from './places.ts';
import { Random } from '../random.ts';
import type { Scene } from './scene.ts';
import { openStage, publish, type SoakInput } from './stage.ts';
import { Storm } from './storm.ts';
import { Traffic } from './traffic.ts';

const TWIN = 'alfa2@pec.alfa.test';

/** The two triggers, by what their flows put before a message's name. */
const OURS = 'PEC Trigger';
const THEIRS = 'Email Trigger (IMAP)';

/** Newest version of n8n's node at the pinned n8n. */
export const THEIR_VERSION = 2.2;

const PROGRESS_MS = 20_000;
const OUTSTANDING_MS = 3 * 60_000;
const QUIET_MS = 3_000;
const FIRST_EFFECT_MS = 120_000;
const LONGEST_STALL_MS = 200_000;

/** A restart of a provider, as it happens in a night. */
const AWAY_FOR_MINUTES: Point = {
	name: 'server.awayForMinutes',
	strike: async (scene) => {
		await scene.sandbox.goDown();
		await seconds(scene, 60, 120);
		await scene.sandbox.comeBack();
		return true;
	},
};

/** What both have: neither records in the mailbox, which one of them alone keeps, nor moves out of the one folder that n8n's watches. */
const LEFT_OUT = /offer|settlement|Stored|person|quota/i;

export const BESIDE_POINTS: readonly Point[] = [
	AWAY_FOR_MINUTES,
	...[...CONNECTION_POINTS, ...MAILBOX_POINTS, ...KILL_POINTS, ...PEOPLE_POINTS].filter(
		({ name }) => !LEFT_OUT.test(name),
	),
];

export interface BesideRow {
	readonly trigger: string;
	readonly messages: number;
	readonly effects: number;
	/** Without an effect until the end. */
	readonly lost: number;
	/** Effects beyond the first of a message. */
	readonly doubled: number;
	/** deadTime, in minutes. */
	readonly dead: number;
}

export interface BesideResult {
	readonly rows: readonly BesideRow[];
	readonly faults: Readonly<Record<string, number>>;
	readonly kills: number;
	/** From the first message to the end of waiting. */
	readonly lasted: number;
	readonly minutes: number;
	readonly seed: number;
	readonly editorLog: string;
}

/** The name a message bears in its subject, which both triggers put out. */
const nameIn = (raw: Buffer) => /soak-\d+/.exec(raw.toString('latin1', 0, 50_000))?.[0] ?? '';

const keyFor = (trigger: string) => (raw: Buffer) => `${trigger}: ${nameIn(raw)}`;

async function publishBoth(rest: EditorRest, sandbox: Sandbox, url: string): Promise<string[]> {
	const ours = await rest.createCredential(pecCredential(sandbox, STUDIO));
	const account = sandbox.accounts.find(({ address }) => address === TWIN);
	const { host: _, port, secure } = sandbox.imap;
	const theirs = await rest.createCredential({
		name: 'IMAP',
		type: 'imap',
		data: { host: 'localhost', port, secure, user: account?.user, password: account?.password },
	});
	const flow = (trigger: string, node: Parameters<typeof soakFlow>[1]) => {
		const name = "(JSON.stringify($('Trigger').item.json).match(/soak-\\d+/) ?? [''])[0]";
		return soakFlow(trigger, node, { url, pecKey: `'${trigger}: ' + ${name}` });
	};
	return [
		await publish(
			rest,
			flow(OURS, {
				type: 'n8n-nodes-pec.pecTrigger',
				typeVersion: 1,
				parameters: {},
				credentials: { pecApi: { id: ours.id, name: ours.name } },
			}),
		),
		await publish(
			rest,
			flow(THEIRS, {
				type: 'n8n-nodes-base.emailReadImap',
				typeVersion: THEIR_VERSION,
				parameters: {},
				credentials: { imap: { id: theirs.id, name: theirs.name } },
			}),
		),
	];
}

function rowOf(
	trigger: string,
	mailbox: Mailbox,
	{ effects, unable, end }: { effects: EffectsServer; unable: readonly Span[]; end: number },
): BesideRow {
	const mine = effects.effects.filter(({ pecKey }) => pecKey.startsWith(`${trigger}: `));
	const { lost, duplicates, messages } = judge({
		messages: mailbox.messages,
		runs: effects.runs,
		effects: mine,
		kills: [],
		settled: new Map(),
		stored: new Map(),
		refused: [],
		shownAgain: [],
	});
	const awaited = mailbox.messages.map(({ pecKey, arrivedAt }) => {
		const effectAt = mine.find((effect) => effect.pecKey === pecKey)?.at;
		return { arrivedAt, ...(effectAt === undefined ? {} : { effectAt }) };
	});
	return {
		trigger,
		messages,
		effects: mine.length,
		lost: lost.length,
		doubled: duplicates.length,
		dead: deadTime(awaited, unable, end) / 60_000,
	};
}

/** Both triggers in one n8n, at two mailboxes that get the same messages, under the same faults. */
export async function soakBeside(input: SoakInput): Promise<BesideResult> {
	const { seed, minutes, tell } = input;
	const random = new Random(seed);
	const stage = await openStage(() => false);
	const { sandbox, effects } = stage;
	const ours = new Mailbox(sandbox, STUDIO, keyFor(OURS));
	const theirs = new Mailbox(sandbox, TWIN, keyFor(THEIRS));
	const storm = new Storm(BESIDE_POINTS);
	const flowing = new AbortController();
	let progress: NodeJS.Timeout | undefined;
	const waiting = (mailbox: Mailbox) => {
		const done = new Set(effects.effects.map(({ pecKey }) => pecKey));
		return mailbox.messages.filter(({ pecKey }) => !done.has(pecKey)).length;
	};
	try {
		const host = await stage.raise(input);
		const workflows = await publishBoth(host.rest, sandbox, effects.url);
		const mailboxes = [ours, theirs];
		const traffic = new Traffic(sandbox, { mailboxes, random, kinds: 'inbox' });
		const scene: Scene = {
			...{ sandbox, host, effects, traffic, random, workflows, mailboxes },
			shownAgain: { note: () => undefined },
			longestStallMs: LONGEST_STALL_MS,
		};
		const begun = Date.now();
		progress = setInterval(
			() =>
				tell(
					`${Math.round((Date.now() - begun) / 1_000)} s: ${ours.messages.length} messages each; waiting: ${waiting(ours)} ours, ${waiting(theirs)} theirs; now ${storm.current}`,
				),
			PROGRESS_MS,
		);
		const traffics = traffic.flow(flowing.signal, () => waiting(ours));
		await bothWork(effects);
		await storm.rage(scene, begun + minutes * 60_000);
		flowing.abort();
		await traffics;
		await sandbox.settled();
		const deadline = Date.now() + OUTSTANDING_MS;
		while (waiting(ours) + waiting(theirs) > 0 && Date.now() < deadline) await sleep(500);
		await sleep(QUIET_MS);
		const end = Date.now();
		const unable = [...storm.struck.flatMap(unableIn), ...host.starting];
		return {
			rows: [
				rowOf(OURS, ours, { effects, unable, end }),
				rowOf(THEIRS, theirs, { effects, unable, end }),
			],
			faults: storm.faults,
			kills: host.kills.length,
			lasted: (end - begun) / 60_000,
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

/** Troubles begin when both triggers have shown that they work, or one could not within two minutes. */
async function bothWork({ effects }: EffectsServer): Promise<void> {
	const deadline = Date.now() + FIRST_EFFECT_MS;
	const works = (trigger: string) => effects.some(({ pecKey }) => pecKey.startsWith(trigger));
	while (!(works(OURS) && works(THEIRS)) && Date.now() < deadline) await sleep(200);
}

/** While the server is away or turns everybody away, or the workflows are off, no trigger can work. */
function unableIn({ point, from, to }: Storm['struck'][number]): Span[] {
	return /^(server\.|kill\.serverAway|greeting|workflow\.offAndOn)/.test(point)
		? [{ from, to }]
		: [];
}
