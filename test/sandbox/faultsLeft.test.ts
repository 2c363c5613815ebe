import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { createSecureContext } from 'node:tls';
import { expect, it } from 'vitest';
import { Faults } from '../../sandbox/faults/faults.ts';
import { Capabilities } from '../../sandbox/imap/capabilities.ts';
import { Connection } from '../../sandbox/imap/connection.ts';
import { Session } from '../../sandbox/imap/session.ts';
import { MailStore } from '../../sandbox/store/mailStore.ts';

it('a reply has left when the system has taken its last byte, not before', async () => {
	const takes: (() => void)[] = [];
	let written = '';
	const socket = new Duplex({
		read: () => undefined,
		write: (chunk, _encoding, callback) => {
			written += String(chunk);
			takes.push(callback);
			socket.emit('written');
		},
	});
	Object.assign(socket, { setNoDelay: () => undefined });
	const faults = new Faults();
	let called = false;
	const run = (): void => void (called = true);
	const rule = faults.add({ at: 'imap.replied', action: { do: 'call', run } });
	const session = new Session({
		connection: new Connection(socket as Socket, { maxLiteral: 0 }),
		store: new MailStore(),
		capabilities: new Capabilities(),
		secureContext: createSecureContext(),
		now: () => new Date(),
		enter: () => ({ leave: () => undefined }),
		log: () => undefined,
		faults,
		number: 1,
	});
	const greeted = once(socket, 'written');
	const running = session.run();
	await greeted;
	takes.shift()?.();
	const replied = once(socket, 'written');
	socket.push('a NOOP\r\n');
	await replied;
	expect(written).toMatch(/a OK done\r\n$/);
	// whatever does not wait for the system has had its turn by then
	await new Promise((resolve) => setImmediate(resolve));
	expect([called, rule.fired]).toEqual([false, 1]);

	while (!called) {
		takes.shift()?.();
		await new Promise((resolve) => setImmediate(resolve));
	}
	socket.destroy();
	await running;
});
