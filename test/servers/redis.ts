import { existsSync } from 'node:fs';
import { createServerFolder, freePorts, giveTo, ownerOfServer, runServer } from './imapProcess.ts';

export const REDIS_MISSING = 'Redis is not installed: apt-get install redis-server';

const PATHS = ['/usr/bin/redis-server', '/usr/local/bin/redis-server'];

export interface Redis {
	/** On 127.0.0.1, without a password. */
	readonly port: number;
	stop(): Promise<void>;
}

/** Where Redis is installed, or `undefined`. */
export function redisPath(): string | undefined {
	return PATHS.find((path) => existsSync(path));
}

/** Starts Redis as an ordinary user, in memory alone. @throws Error REDIS_MISSING when it is not installed */
export async function startRedis(): Promise<Redis> {
	const binary = redisPath();
	if (binary === undefined) throw new Error(REDIS_MISSING);
	const owner = ownerOfServer();
	const folder = await createServerFolder('redis');
	await giveTo(owner, folder);
	const [port = 0] = await freePorts(1);
	const options = {
		port,
		bind: '127.0.0.1',
		dir: folder,
		save: '',
		appendonly: 'no',
	};
	const stop = await runServer({
		name: 'Redis',
		folder,
		owner,
		command: [
			binary,
			...Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]),
		],
		ready: 'Ready to accept connections',
	});
	return { port, stop };
}
