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
	SETTLEMENT_STORED,
	type Point,
} from './places.ts';
import { cut, strike, type Scene, type Where } from './scene.ts';

const DROP = { do: 'drop' } as const;
const SHORT_STALL_MS = [5_000, 30_000] as const;

const dropAt = (name: string, where: Where): Point => ({
	name,
	strike: async (scene, signal) => await strike(scene, where, DROP, { signal }),
});

/** Connections that break, are refused, or fall silent. */
export const CONNECTION_POINTS: readonly Point[] = [
	dropAt('offer.cut', OFFER_ABOUT),
	dropAt('offer.unanswered', OFFER_STORED),
	dropAt('settlement.cut', SETTLEMENT_ABOUT),
	dropAt('settlement.unanswered', SETTLEMENT_STORED),
	dropAt('search.cut', SEARCH),
	{
		name: 'body.cut',
		strike: async (scene, signal) =>
			await strike(
				scene,
				BODY,
				{ do: 'drop', afterBytes: 200_000 },
				{ signal, provoke: async () => await scene.traffic.nudge(LARGE) },
			),
	},
	{
		name: 'examine.cut',
		strike: async (scene, signal) =>
			await strike(scene, EXAMINE, DROP, { signal, provoke: async () => await cut(scene) }),
	},
	{
		name: 'examine.refused',
		strike: async (scene, signal) =>
			await strike(
				scene,
				{ ...EXAMINE, times: 4 },
				{ do: 'answer', status: 'NO', text: 'try later' },
				{ signal, provoke: async () => await cut(scene) },
			),
	},
	{
		name: 'greeting.refused',
		strike: async (scene, signal) =>
			await strike(
				scene,
				{ ...GREETING, times: 3 },
				{ do: 'answer', status: 'BYE', text: 'too busy' },
				{ signal, provoke: async () => await cut(scene) },
			),
	},
	{
		name: 'idle.bye',
		strike: async (scene, signal) =>
			await strike(scene, IDLE, { do: 'answer', status: 'BYE', text: 'maintenance' }, { signal }),
	},
	{
		// "+ idling" leaves, then what is told first is cut through.
		name: 'idle.cut',
		strike: async (scene, signal) =>
			await strike(
				scene,
				IDLE,
				{ do: 'drop', afterBytes: 20 },
				{ signal, holdFor: async () => await scene.traffic.nudge() },
			),
	},
	{ name: 'idle.unconfirmed', strike: stall('imap.command') },
	{ name: 'line.dead', strike: stall('imap.replied') },
	{
		name: 'server.away',
		strike: async (scene) => {
			await scene.sandbox.goDown();
			await seconds(scene, 1, 20);
			await scene.sandbox.comeBack();
			return true;
		},
	},
];

/** The first time until the client gives the connection up by itself, or as long as this soak can wait; then for a while. */
function stall(at: 'imap.command' | 'imap.replied'): Point['strike'] {
	const seen = new WeakSet<Scene>();
	return async (scene, signal) => {
		const longest = seen.has(scene)
			? scene.random.between(...SHORT_STALL_MS)
			: scene.longestStallMs;
		const struck = await strike(
			scene,
			at === 'imap.command' ? IDLE : { at, command: 'UID FETCH' },
			{ do: 'stall' },
			{
				signal,
				holdFor: async () => {
					const from = scene.sandbox.connections();
					const until = Date.now() + longest;
					while (Date.now() < until && scene.sandbox.connections() >= from) await sleep(200);
					// A line that comes to life again would hide that nobody noticed.
					if (scene.sandbox.connections() >= from) await cut(scene);
				},
			},
		);
		if (struck) seen.add(scene);
		return struck;
	};
}
