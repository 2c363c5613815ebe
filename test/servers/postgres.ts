import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
	createServerFolder,
	freePorts,
	giveTo,
	identityOf,
	ownerOfServer,
	runServer,
} from './imapProcess.ts';

const execute = promisify(execFile);

export const POSTGRES_MISSING = 'PostgreSQL is not installed: apt-get install postgresql';

/** Debian has a folder for each version; on no path, since its own commands choose among them. */
const DEBIAN = '/usr/lib/postgresql';
const OTHERS = ['/usr/local/pgsql/bin', '/usr/local/bin', '/usr/bin'];

/** Both have to be of the same version. */
const PROGRAMS = ['initdb', 'postgres'];

export interface Postgres {
	/** On 127.0.0.1, without a password. */
	readonly port: number;
	readonly user: string;
	/** One that every PostgreSQL has. */
	readonly database: string;
	stop(): Promise<void>;
}

/** Where PostgreSQL's server is installed, the newest one, or `undefined`. */
export function postgresFolder(): string | undefined {
	const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN) : [];
	const newestFirst = versions.toSorted((one, other) => Number(other) - Number(one));
	return [...newestFirst.map((version) => join(DEBIAN, version, 'bin')), ...OTHERS].find((folder) =>
		PROGRAMS.every((program) => existsSync(join(folder, program))),
	);
}

/**
 * Starts PostgreSQL as an ordinary user (nobody, when the tests run as root, as which it refuses to work), with an empty
 * database that does not outlive it.
 * @throws Error POSTGRES_MISSING when it is not installed
 */
export async function startPostgres(): Promise<Postgres> {
	const programs = postgresFolder();
	if (programs === undefined) throw new Error(POSTGRES_MISSING);
	const owner = ownerOfServer();
	const folder = await createServerFolder('postgres');
	const data = join(folder, 'data');
	const user = 'n8n';
	try {
		await giveTo(owner, folder);
		await execute(
			join(programs, 'initdb'),
			[
				...['--pgdata', data, '--username', user, '--auth', 'trust'],
				...['--encoding', 'UTF8', '--locale', 'C', '--no-sync'],
			],
			{ cwd: folder, ...identityOf(owner) },
		);
	} catch (error) {
		await rm(folder, { recursive: true, force: true });
		throw error;
	}
	const [port = 0] = await freePorts(1);
	const settings = {
		listen_addresses: '127.0.0.1',
		unix_socket_directories: folder,
		// Five processes of n8n, with up to ten connections each.
		max_connections: 200,
		fsync: 'off',
		full_page_writes: 'off',
		synchronous_commit: 'off',
	};
	const stop = await runServer({
		name: 'PostgreSQL',
		folder,
		owner,
		command: [
			join(programs, 'postgres'),
			...['-D', data, '-p', String(port)],
			...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
		],
		ready: 'database system is ready to accept connections',
		// Its workers are no part of its process group, and SIGKILL would leave its shared memory behind.
		endsBy: 'SIGQUIT',
	});
	return { port, user, database: 'postgres', stop };
}
