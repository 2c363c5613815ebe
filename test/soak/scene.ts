import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultAction, FaultRule, Sandbox } from '../../sandbox/index.ts';
import type { EffectsServer } from './effects.ts';
import type { Host } from '../editorHost.ts';
import type { Mailbox } from './mailbox.ts';
import type { Random } from '../random.ts';
import type { Settlements } from './settlements.ts';
import type { ShownAgain } from './shownAgain.ts';
import type { Traffic } from './traffic.ts';

/** What the points act upon. */
export interface Scene {
	readonly sandbox: Sandbox;
	readonly host: Host;
	readonly effects: EffectsServer;
	/** Those watched: what strikes, strikes at all of them. */
	readonly mailboxes: readonly Mailbox[];
	readonly traffic: Traffic;
	/** Absent where n8n's own trigger is beside. */
	readonly settlements?: Settlements;
	readonly shownAgain: Pick<ShownAgain, 'note'>;
	readonly random: Random;
	/** Of the workflows under test. */
	readonly workflows: readonly string[];
	/** A short soak does not wait until a client gives up by itself. */
	readonly longestStallMs: number;
}

/** Resolves when `signal` aborts. */
export async function aborted(signal: AbortSignal): Promise<void> {
	if (signal.aborted) return;
	await new Promise<void>((resolve) =>
		signal.addEventListener('abort', () => resolve(), { once: true }),
	);
}

export type Where = Pick<FaultRule, 'at' | 'command' | 'skip' | 'times'>;

/** How long a fault waits for a second listener when the first has met it: it may be dead. */
const OTHERS_MS = 15_000;

/**
 * Puts a fault in force at each mailbox, makes something happen, and waits until it struck as often as it may.
 * @returns whether it struck at one of them at least
 */
export async function strike(
	scene: Scene,
	where: Where,
	action: FaultAction,
	{ signal, provoke, holdFor }: StrikeOptions,
): Promise<boolean> {
	const rules = rulesFor(scene, where);
	const handles = rules.map((rule) => scene.sandbox.faults.add({ ...rule, action }));
	const times = where.times === 'always' ? 1 : (where.times ?? 1);
	const struck = () => handles.some(({ fired }) => fired >= times);
	try {
		await (provoke ?? (async () => await scene.traffic.nudge()))();
		const happened = handles.map(async (handle) => await handle.happened(times));
		await Promise.race([
			Promise.all(happened),
			Promise.race(happened).then(async () => await sleep(OTHERS_MS, undefined, { ref: false })),
			aborted(signal),
		]);
		if (struck()) await holdFor?.();
		return struck();
	} finally {
		for (const handle of handles) handle.remove();
	}
}

/** n8n's own trigger opens its folder to write into it. */
function rulesFor({ mailboxes }: Scene, where: Where) {
	if (where.at === 'imap.connection') return [where];
	return mailboxes.map(({ address }, index) => ({
		...where,
		account: address,
		...(where.command === 'EXAMINE' && index > 0 ? { command: 'SELECT' } : {}),
	}));
}

export interface StrikeOptions {
	readonly signal: AbortSignal;
	/** A message arrives unless given. */
	readonly provoke?: () => Promise<void>;
	/** How long it stays in force; given when it strikes always. */
	readonly holdFor?: () => Promise<void>;
}

/** Every connection ends: what clients do first on a new one follows. */
export async function cut({ sandbox }: Scene): Promise<void> {
	await sandbox.goDown();
	await sandbox.comeBack();
}

/** Kills n8n there, and starts it again. */
export async function killAt(
	scene: Scene,
	point: string,
	where: Where,
	options: StrikeOptions,
): Promise<boolean> {
	const run = () => scene.host.kill(point);
	const struck = await strike(scene, where, { do: 'call', run }, options);
	if (struck) await scene.host.restart();
	return struck;
}

/** Kills n8n when something calls back, and starts it again. @param listen what calls back once; its answer takes it back */
export async function killWhen(
	scene: Scene,
	point: string,
	listen: (strike: () => void) => () => void,
	signal: AbortSignal,
): Promise<boolean> {
	let struck = false;
	await new Promise<void>((resolve) => {
		const takeBack = listen(() => {
			struck = true;
			scene.host.kill(point);
			resolve();
		});
		void scene.traffic.nudge();
		void aborted(signal).then(() => {
			takeBack();
			resolve();
		});
	});
	if (struck) await scene.host.restart();
	return struck;
}
