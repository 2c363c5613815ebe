import type { AddressInfo, Socket } from 'node:net';
import { createServer as createPlainServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

export interface ScriptedServer {
	readonly host: string;
	readonly port: number;
	/** Lines received on all connections, in order. */
	readonly received: readonly string[];
	/** Connections accepted so far. */
	connections(): number;
	/** Ends those that are open, and goes on listening. */
	dropConnections(): Promise<void>;
	stop(): Promise<void>;
}

export interface ScriptedConnection {
	/** Counts from 1. */
	readonly number: number;
	readonly socket: Socket;
	say(line: string): void;
}

/**
 * A line server that does exactly what a test says: for what no well-behaved server does at will. `tls` absent: in
 * clear text.
 */
export async function startScripted(options: {
	tls?: { key: string; cert: string };
	greet(connection: ScriptedConnection): void;
	answer(line: string, connection: ScriptedConnection): void;
}): Promise<ScriptedServer> {
	const received: string[] = [];
	const sockets = new Set<Socket>();
	let connections = 0;
	const accept = (socket: Socket) => {
		connections += 1;
		sockets.add(socket);
		socket.on('close', () => sockets.delete(socket));
		// A client that goes away is part of the play.
		socket.on('error', () => undefined);
		const connection: ScriptedConnection = {
			number: connections,
			socket,
			say: (line) => socket.write(`${line}\r\n`),
		};
		let rest = '';
		socket.setEncoding('latin1');
		socket.on('data', (chunk: string) => {
			const lines = (rest + chunk).split('\r\n');
			rest = lines.pop() ?? '';
			for (const line of lines) {
				received.push(line);
				options.answer(line, connection);
			}
		});
		options.greet(connection);
	};
	const server: Server = options.tls
		? createTlsServer(options.tls, accept)
		: createPlainServer(accept);
	server.on('tlsClientError', () => undefined);
	const port = await new Promise<number>((resolve) => {
		server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
	});
	return {
		host: 'localhost',
		port,
		received,
		connections: () => connections,
		dropConnections: async () => {
			const closed = [...sockets].map(async (socket) => {
				await new Promise((resolve) => socket.once('close', resolve).end());
			});
			await Promise.all(closed);
		},
		stop: async () => {
			for (const socket of sockets) socket.destroy();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
