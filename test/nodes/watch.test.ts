import { EventEmitter, once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { watchFolder, type Position } from '../../nodes/PecTrigger/watch.ts';
import { FakeServer } from './fakeFolder.ts';

const START = new Date('2026-03-01T10:00:00Z');
const BEFORE = new Date('2026-02-01T10:00:00Z');
const AFTER = new Date('2026-03-01T11:00:00Z');

interface Watching {
	readonly received: string[];
	readonly positions: Position[];
	readonly events: EventEmitter;
	readonly outages: number[];
	stop(): Promise<void>;
	/** Resolves when so many messages were handed over in all. */
	until(count: number): Promise<void>;
}

const running: Watching[] = [];
afterEach(async () => {
	await Promise.all(running.splice(0).map(async (watching) => await watching.stop()));
});

function watch(
	server: FakeServer,
	options: {
		position?: Position;
		startAt?: 'end' | 'beginning';
		onMessage?: (text: string) => void;
	} = {},
): Watching {
	const control = new AbortController();
	const events = new EventEmitter();
	const received: string[] = [];
	const positions: Position[] = [];
	const outages: number[] = [];
	const done = watchFolder({
		connect: server.connect,
		folder: 'INBOX',
		position: options.position,
		startAt: options.startAt ?? 'end',
		now: () => START,
		isWanted: ({ headers }) => !headers.toString().startsWith('other'),
		onMessage: async ({ raw }) => {
			options.onMessage?.(raw.toString());
			received.push(raw.toString());
			events.emit('message');
		},
		onPosition: (position) => positions.push(position),
		onOutage: (_, retryInMs) => {
			outages.push(retryInMs);
			events.emit('outage');
		},
		onConnected: () => events.emit('connected'),
		signal: control.signal,
		random: () => 0.5,
		backOffMs: { first: 1, longest: 4 },
	});
	const watching: Watching = {
		received,
		positions,
		events,
		outages,
		stop: async () => {
			control.abort();
			await done;
		},
		until: async (count) => {
			while (received.length < count) await once(events, 'message');
		},
	};
	running.push(watching);
	return watching;
}

describe('watching a folder', () => {
	it('starts at the end of the folder and hands over what arrives, in order', async () => {
		const server = new FakeServer();
		server.deliver('old');
		const watching = watch(server);
		await once(watching.events, 'connected');
		server.deliver('one');
		server.deliver('two');
		await watching.until(2);
		expect(watching.received).toEqual(['one', 'two']);
		expect(watching.positions.at(-1)).toMatchObject({ uidValidity: '1', lastUid: 3 });
	});

	it('starts at the beginning when asked', async () => {
		const server = new FakeServer();
		server.deliver('old', BEFORE);
		const watching = watch(server, { startAt: 'beginning' });
		await watching.until(1);
		expect(watching.received).toEqual(['old']);
	});

	it('moves past messages that are not wanted without reading them', async () => {
		const server = new FakeServer();
		const watching = watch(server, { startAt: 'beginning' });
		await once(watching.events, 'connected');
		server.breakOnFetch.add(server.deliver('other'));
		server.deliver('wanted');
		await watching.until(1);
		expect(watching.received).toEqual(['wanted']);
		expect(watching.outages).toEqual([]);
	});

	it('goes on from its position, so that what arrived while it was off is not lost', async () => {
		const server = new FakeServer();
		server.deliver('done');
		server.deliver('missed');
		const watching = watch(server, {
			position: { uidValidity: '1', lastUid: 1, since: START.toISOString() },
		});
		await watching.until(1);
		expect(watching.received).toEqual(['missed']);
	});

	it('connects again, with growing waits up to a limit, until the server is back', async () => {
		const server = new FakeServer();
		const watching = watch(server);
		await once(watching.events, 'connected');
		server.goDown();
		while (watching.outages.length < 5) await once(watching.events, 'outage');
		server.deliver('arrived meanwhile');
		server.up = true;
		await watching.until(1);
		expect(watching.received).toEqual(['arrived meanwhile']);
		expect(Math.max(...watching.outages)).toBeLessThanOrEqual(4);
		expect(server.connections).toBe(1);
	});

	it('loses no message whose reading broke the connection, and repeats none before it', async () => {
		const server = new FakeServer();
		const watching = watch(server, { startAt: 'beginning' });
		await once(watching.events, 'connected');
		server.breakOnFetch.add(2);
		server.deliver('one');
		server.deliver('two');
		server.deliver('three');
		await watching.until(3);
		expect(watching.received).toEqual(['one', 'two', 'three']);
	});

	it('offers a message again when handing it over failed', async () => {
		const server = new FakeServer();
		let failures = 2;
		const watching = watch(server, {
			startAt: 'beginning',
			onMessage: () => {
				failures -= 1;
				if (failures >= 0) throw new Error('n8n could not take it');
			},
		});
		server.deliver('one');
		await watching.until(1);
		expect(watching.received).toEqual(['one']);
		expect(watching.outages).toHaveLength(2);
	});

	it('looks at everything since its start again when the folder was numbered anew', async () => {
		const server = new FakeServer();
		server.deliver('before the start', BEFORE);
		server.deliver('after the start', AFTER);
		server.renumber();
		const watching = watch(server, {
			position: { uidValidity: '1', lastUid: 7, since: START.toISOString() },
		});
		await watching.until(1);
		server.deliver('an old message that a person moved here later', BEFORE);
		await watching.until(2);
		expect(watching.received).toEqual([
			'after the start',
			'an old message that a person moved here later',
		]);
	});

	it('forgets nothing of the new numbering when the connection breaks in the middle of it', async () => {
		const server = new FakeServer();
		server.deliver('before the start', BEFORE);
		server.deliver('after the start', AFTER);
		server.deliver('also before', BEFORE);
		server.renumber();
		server.breakOnFetch.add(2);
		const watching = watch(server, {
			position: { uidValidity: '1', lastUid: 7, since: START.toISOString() },
		});
		await watching.until(1);
		server.deliver('new', AFTER);
		await watching.until(2);
		expect(watching.received).toEqual(['after the start', 'new']);
	});

	it('hands over what arrived while the server was away at the start, and nothing older', async () => {
		const server = new FakeServer();
		server.deliver('old', BEFORE);
		server.up = false;
		const watching = watch(server);
		await once(watching.events, 'outage');
		server.deliver('arrived after the start', AFTER);
		server.up = true;
		await watching.until(1);
		server.deliver('next', AFTER);
		await watching.until(2);
		expect(watching.received).toEqual(['arrived after the start', 'next']);
	});

	it('passes over a message that was deleted before it was read', async () => {
		const server = new FakeServer();
		const watching = watch(server);
		await once(watching.events, 'connected');
		server.uidNext = 5;
		server.deliver('next');
		await watching.until(1);
		expect(watching.positions.at(-1)?.lastUid).toBe(5);
	});

	it('ends when told to, and leaves no connection', async () => {
		const server = new FakeServer();
		const watching = watch(server);
		await once(watching.events, 'connected');
		await watching.stop();
		expect(server.connections).toBe(0);
	});
});
