import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** Programs hold a connection to here for as long as they live, so that their end can be waited for. */
export async function listenForLives(): Promise<{ port: number; next: () => Promise<Socket> }> {
	const server = createServer();
	const sockets: Socket[] = [];
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	server.on('connection', (socket) => {
		sockets.push(socket);
		socket.on('error', () => socket.destroy());
		socket.resume();
	});
	onTestFinished(() => {
		for (const socket of sockets) socket.destroy();
		server.close();
	});
	const next = async () => {
		const [socket] = (await once(server, 'connection')) as [Socket];
		return socket;
	};
	return { port: (server.address() as AddressInfo).port, next };
}
