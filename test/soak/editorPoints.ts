import { setTimeout as sleep } from 'node:timers/promises';
import {
	BODY,
	EXAMINE,
	GREETING,
	IDLE,
	LARGE,
	OFFER_ABOUT,
	OFFER_STORED,
	SEARCH,
	seconds,
	SETTLEMENT_ABOUT,
	type Point,
} from './places.ts';
import { cut, killAt, killWhen, type Scene, type Where } from './scene.ts';

const killOn = (name: string, where: Where, provoke?: (scene: Scene) => Promise<void>): Point => ({
	name,
	strike: async (scene, signal) =>
		await killAt(scene, name, where, {
			signal,
			...(provoke ? { provoke: async () => await provoke(scene) } : {}),
		}),
});

/** Where n8n is killed. */
export const KILL_POINTS: readonly Point[] = [
	killOn('kill.offerAbout', OFFER_ABOUT),
	killOn('kill.offerStored', OFFER_STORED),
	killOn('kill.settlementAbout', SETTLEMENT_ABOUT),
	{
		name: 'kill.settlementStored',
		strike: async (scene, signal) =>
			await killWhen(
				scene,
				'kill.settlementStored',
				(kill) => scene.settlements?.onNext(kill) ?? (() => undefined),
				signal,
			),
	},
	killOn('kill.body', BODY, async ({ traffic }) => await traffic.nudge(LARGE)),
	killOn('kill.search', SEARCH),
	killOn('kill.examine', EXAMINE, cut),
	killOn('kill.greeting', GREETING, cut),
	killOn('kill.idle', IDLE),
	...(['run', 'effect', 'afterEffect'] as const).map((at) => ({
		name: `kill.${at}`,
		strike: async (scene: Scene, signal: AbortSignal) =>
			await killWhen(scene, `kill.${at}`, (kill) => scene.effects.at(at, kill), signal),
	})),
	{
		name: 'kill.anywhere',
		strike: async (scene) => {
			await sleep(scene.random.between(0, 1_500));
			scene.host.kill('kill.anywhere');
			await scene.host.restart();
			return true;
		},
	},
	{
		// n8n starts while the server is away.
		name: 'kill.serverAway',
		strike: async (scene) => {
			scene.host.kill('kill.serverAway');
			await scene.sandbox.goDown();
			await scene.host.restart();
			await seconds(scene, 1, 5);
			await scene.sandbox.comeBack();
			return true;
		},
	},
];

/** An n8n that was killed while it published holds the workflow for some minutes: then it takes it up again. */
const PUBLISHED_MS = 8 * 60_000;

async function publishAll({ workflows, host }: Scene): Promise<void> {
	for (const id of workflows) await host.rest.activate(id, PUBLISHED_MS);
}

/** What people do with n8n. */
export const PEOPLE_POINTS: readonly Point[] = [
	{
		name: 'n8n.restarted',
		strike: async (scene) => {
			await scene.traffic.nudge();
			await scene.host.restart();
			return true;
		},
	},
	{
		name: 'workflow.published',
		strike: async (scene) => {
			await scene.traffic.nudge();
			await publishAll(scene);
			return true;
		},
	},
	{
		name: 'workflow.offAndOn',
		strike: async (scene) => {
			await scene.traffic.nudge();
			for (const id of scene.workflows) await scene.host.rest.deactivate(id, PUBLISHED_MS);
			await seconds(scene, 0, 3);
			await publishAll(scene);
			return true;
		},
	},
];
