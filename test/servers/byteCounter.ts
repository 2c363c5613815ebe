import { connect, createServer, type AddressInfo } from 'node:net';
import type { ServerAddress } from '../../nodes/mail/types.ts';

/** Stands before a server and counts what goes through it, TLS and all. */
export interface ByteCounter {
	readonly address: ServerAddress;
	/** Bytes that the server sent through it so far. */
	received(): number;
	/** Ends every connection through it; new ones are let through. */
	cut(): void;
	stop(): Promise<void>;
}

export async function openByteCounter(server: ServerAddress): Promise<ByteCounter> {
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
	const { port } = proxy.address() as AddressInfo;
	return {
		address: { ...server, host: 'localhost', port },
		received: () => received,
		cut,
		stop: async () => {
			cut();
			await new Promise((resolve) => proxy.close(resolve));
		},
	};
}
