import { connect, createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { openByteCounter } from '../../servers/byteCounter.ts';
import { FULL, mailingsOf, QUICK, senderOf } from './plan.ts';

it.each([
	['quick', QUICK],
	['full', FULL],
])('every mailing of the %s form is sent once, by an account of its own', (_, plan) => {
	const { small, large } = mailingsOf(plan);
	const wanted = new Set([...plan.growth, plan.memory.small, plan.memory.large]);
	expect(small.map(({ recipients }) => recipients).sort()).toEqual([...wanted].sort());
	expect(new Set([...small, large].map(senderOf)).size).toBe(wanted.size + 1);
});

it('counts what the server sends, and nothing of what the client does', async () => {
	const server = createServer((socket) => {
		socket.once('data', () => socket.end(Buffer.alloc(100_000)));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	onTestFinished(() => void server.close());
	const { port } = server.address() as AddressInfo;
	const counter = await openByteCounter({ host: '127.0.0.1', port, secure: false });
	onTestFinished(async () => await counter.stop());
	const client = connect(counter.address.port, '127.0.0.1');
	client.write(Buffer.alloc(5_000));
	client.resume();
	await once(client, 'end');
	expect(counter.received()).toBe(100_000);
});
