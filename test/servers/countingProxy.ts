import { connect, createServer, type AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { ServerAddress } from '../../nodes/mail/types.ts';

export interface CountingProxy {
	readonly address: ServerAddress;
	/** Bytes that the server sent through it so far. */
	received(): number;
	/** Ends every connection through it; new ones are let through. */
	cut(): void;
}

/** Stands before a server and counts, TLS and all; ends with the test. */
export async function countingProxy(server: ServerAddress): Promise<CountingProxy> {
	let received = 0;
	const open = new Set<() => void>();
	const proxy = createServer((client) => {
		const upstream = connect(server.port, server.host);
		const end = (): void => {
			client.destroy();
			upstream.destroy();
			open.delete(end);
		};
		open.add(end);
		for (const socket of [client, upstream]) socket.on('error', end).on('close', end);
		upstream.on('data', (chunk: Buffer) => (received += chunk.length));
		client.pipe(upstream);
		upstream.pipe(client);
	});
	await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
	const cut = (): void => {
		for (const end of [...open]) end();
	};
	onTestFinished(async () => {
		cut();
		await new Promise((resolve) => proxy.close(resolve));
	});
	const { port } = proxy.address() as AddressInfo;
	return { address: { ...server, host: 'localhost', port }, received: () => received, cut };
}
