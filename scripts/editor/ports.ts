import { createServer } from 'node:net';
import { SetUpFailure } from '../setUpFailure.mjs';

/** Whether nothing listens on that port of 127.0.0.1. */
export async function portIsFree(port: number): Promise<boolean> {
	return await new Promise((resolve) => {
		const server = createServer();
		server.once('error', () => resolve(false));
		server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
	});
}

/** Throws `SetUpFailure` when something listens there. */
export async function requireFreePort(port: number): Promise<void> {
	if (await portIsFree(port)) return;
	throw new SetUpFailure(
		`Port ${port} of this machine is in use. End what uses it, or choose another port.`,
	);
}

/** A port of 127.0.0.1 that was free a moment ago. */
export async function findFreePort(): Promise<number> {
	return await new Promise((resolve, reject) => {
		const server = createServer();
		server.once('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const address = server.address();
			const port = typeof address === 'object' && address !== null ? address.port : 0;
			server.close(() => resolve(port));
		});
	});
}
