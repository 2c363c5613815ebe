import type { FaultAction, FaultRule, Sandbox } from '../../sandbox/index.ts';
import type { EffectPoint, EffectsServer } from './effects.ts';
import type { Host } from './host.ts';
import { STUDIO, type Mailbox } from './mailbox.ts';
import type { Random } from './random.ts';
import type { ShownAgain } from './shownAgain.ts';
import type { Traffic } from './traffic.ts';

/** What the points act upon. */
export interface Scene {
	readonly sandbox: Sandbox;
	readonly host: Host;
	readonly effects: EffectsServer;
	readonly mailbox: Mailbox;
	readonly traffic: Traffic;
	readonly shownAgain: ShownAgain;
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

/**
 * Puts a fault in force, makes something happen, and waits until it struck as often as it may.
 * @param options.holdFor how long it stays in force then; given when it strikes always
 */
export async function strike(
	scene: Scene,
	where: Where,
	action: FaultAction,
	{ signal, provoke, holdFor }: StrikeOptions,
): Promise<boolean> {
	const account = where.at === 'imap.connection' ? {} : { account: STUDIO };
	const handle = scene.sandbox.faults.add({ ...where, ...account, action });
	try {
		await (provoke ?? (async () => await scene.traffic.nudge()))();
		const times = where.times === 'always' ? 1 : (where.times ?? 1);
		await Promise.race([handle.happened(times), aborted(signal)]);
		if (handle.fired >= times) await holdFor?.();
		return handle.fired >= times;
	} finally {
		handle.remove();
	}
}

export interface StrikeOptions {
	readonly signal: AbortSignal;
	/** A message arrives unless given. */
	readonly provoke?: () => Promise<void>;
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

/** Kills n8n while it speaks with the effects server, and starts it again. */
export async function killAtEffect(
	scene: Scene,
	at: EffectPoint,
	point: string,
	signal: AbortSignal,
): Promise<boolean> {
	let struck = false;
	await new Promise<void>((resolve) => {
		const takeBack = scene.effects.at(at, () => {
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
