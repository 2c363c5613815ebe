import { setTimeout as sleep } from 'node:timers/promises';
import { PERSONS_FOLDER, STUDIO } from './mailbox.ts';
import { cut, killAt, killAtEffect, strike, type Scene, type Where } from './scene.ts';

/** A place at which something goes wrong. */
export interface Point {
	readonly name: string;
	/** Makes it happen and resolves when it is over; false when it did not until the signal aborted. */
	readonly strike: (scene: Scene, signal: AbortSignal) => Promise<boolean>;
}

/** An APPEND holds an offer, or a settlement after it. */
const OFFER_ABOUT: Where = { at: 'imap.command', command: 'APPEND' };
const OFFER_STORED: Where = { at: 'imap.done', command: 'APPEND' };
const SETTLEMENT_STORED: Where = { at: 'imap.done', command: 'APPEND', skip: 1 };
const SETTLEMENT_ABOUT: Where = { at: 'imap.command', command: 'APPEND', skip: 1 };
const BODY: Where = { at: 'imap.command', command: 'UID FETCH' };
const SEARCH: Where = { at: 'imap.done', command: 'UID SEARCH' };
const EXAMINE: Where = { at: 'imap.command', command: 'EXAMINE' };
const IDLE: Where = { at: 'imap.command', command: 'IDLE' };
const GREETING: Where = { at: 'imap.connection' };

const DROP = { do: 'drop' } as const;
const LARGE = 1_500_000;

const dropAt = (name: string, where: Where): Point => ({
	name,
	strike: async (scene, signal) => await strike(scene, where, DROP, { signal }),
});

const killOn = (name: string, where: Where, provoke?: (scene: Scene) => Promise<void>): Point => ({
	name,
	strike: async (scene, signal) =>
		await killAt(scene, name, where, {
			signal,
			...(provoke ? { provoke: async () => await provoke(scene) } : {}),
		}),
});

const seconds = async ({ random }: Scene, least: number, most: number) =>
	await sleep(random.between(least * 1_000, most * 1_000));

const CONNECTIONS: readonly Point[] = [
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
				// The first fetch is of the header.
				{ ...BODY, skip: 1 },
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

/** Until the client gives the connection up by itself, or as long as this soak can wait. */
function stall(at: 'imap.command' | 'imap.replied'): Point['strike'] {
	return async (scene, signal) =>
		await strike(
			scene,
			at === 'imap.command' ? IDLE : { at, command: 'UID FETCH' },
			{ do: 'stall' },
			{
				signal,
				holdFor: async () => {
					const from = scene.sandbox.connections();
					const until = Date.now() + scene.longestStallMs;
					while (Date.now() < until && scene.sandbox.connections() >= from) await sleep(200);
					// A line that comes to life again would hide that nobody noticed.
					if (scene.sandbox.connections() >= from) await cut(scene);
				},
			},
		);
}

const MAILBOX: readonly Point[] = [
	{
		name: 'uidValidity.reset',
		strike: async (scene) => {
			const folder = scene.random.pick(['INBOX', 'Ricevute']);
			scene.sandbox.store.account(STUDIO)?.folder(folder)?.resetUidValidity();
			scene.shownAgain.note(folder);
			await scene.traffic.nudge();
			return true;
		},
	},
	{
		name: 'person.moves',
		strike: async (scene) => {
			const from = scene.random.pick(['INBOX', 'Ricevute']);
			const folder = scene.sandbox.store.account(STUDIO)?.folder(from);
			const uids = scene.random
				.shuffled((folder?.messages ?? []).slice(-20).map(({ uid }) => uid))
				.slice(0, 8);
			if (uids.length === 0) return false;
			const moved = await scene.mailbox.move(from, uids, PERSONS_FOLDER);
			scene.shownAgain.note(PERSONS_FOLDER, moved);
			return moved.length > 0;
		},
	},
	{
		name: 'person.expunges',
		strike: async (scene, signal) =>
			await strike(
				scene,
				BODY,
				{
					do: 'call',
					run: ({ folder }) => {
						const newest = folder?.messages.at(-1);
						if (folder && newest) scene.mailbox.remove(folder.path, newest.uid);
					},
				},
				{ signal, provoke: async () => await Promise.resolve(scene.traffic.plantDoomed()) },
			),
	},
	{
		name: 'quota.full',
		strike: async (scene, signal) =>
			await strike(
				scene,
				{ at: 'imap.command', command: 'APPEND', times: 'always' },
				{ do: 'answer', status: 'NO', code: 'OVERQUOTA', text: 'full' },
				{ signal, holdFor: async () => await seconds(scene, 2, 8) },
			),
	},
];

const KILLS: readonly Point[] = [
	killOn('kill.offerAbout', OFFER_ABOUT),
	killOn('kill.offerStored', OFFER_STORED),
	killOn('kill.settlementAbout', SETTLEMENT_ABOUT),
	killOn('kill.settlementStored', SETTLEMENT_STORED),
	killOn('kill.body', { ...BODY, skip: 1 }, async ({ traffic }) => await traffic.nudge(LARGE)),
	killOn('kill.search', SEARCH),
	killOn('kill.examine', EXAMINE, cut),
	killOn('kill.greeting', GREETING, cut),
	killOn('kill.idle', IDLE),
	...(['run', 'effect', 'afterEffect'] as const).map((at) => ({
		name: `kill.${at}`,
		strike: async (scene: Scene, signal: AbortSignal) =>
			await killAtEffect(scene, at, `kill.${at}`, signal),
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

const PEOPLE: readonly Point[] = [
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
			for (const id of scene.workflows) await scene.host.rest.activate(id);
			return true;
		},
	},
	{
		name: 'workflow.offAndOn',
		strike: async (scene) => {
			await scene.traffic.nudge();
			for (const id of scene.workflows) await scene.host.rest.deactivate(id);
			await seconds(scene, 0, 3);
			for (const id of scene.workflows) await scene.host.rest.activate(id);
			return true;
		},
	},
];

export const POINTS: readonly Point[] = [...CONNECTIONS, ...MAILBOX, ...KILLS, ...PEOPLE];
