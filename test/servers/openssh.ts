import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
	createServerFolder,
	freePorts,
	giveTo,
	ownerOfServer,
	runServer,
	type Owner,
} from './imapProcess.ts';

const execute = promisify(execFile);

export const OPENSSH_MISSING = 'OpenSSH is not installed: apt-get install openssh-server';

const PATHS = ['/usr/sbin/sshd', '/usr/local/sbin/sshd'];

export interface OpenSsh {
	readonly host: string;
	readonly port: number;
	readonly user: string;
	/** The only way in: an sshd that is not root cannot check passwords. */
	readonly privateKey: string;
	/** Where clients find themselves: the path of a file here is its path in SFTP too. */
	readonly storage: string;
	stop(): Promise<void>;
}

export interface OpenSshOptions {
	/** Bytes. What would make a file larger fails as on a full disk, and what was written until then stays. */
	readonly largestFile?: number;
}

/**
 * systemd's name service tells of nobody that its password is locked, and then sshd lets nobody in, not even by key. Every
 * Unix has this account, and no more than its name.
 */
const DAEMON: Owner = { uid: 1, gid: 1, user: 'daemon', group: 'daemon' };

/** Where OpenSSH's server is installed, or `undefined`. */
export function sshdPath(): string | undefined {
	return PATHS.find((path) => existsSync(path));
}

/**
 * Starts sshd as an ordinary user (daemon, when the tests run as root) from a temporary folder, for SFTP alone, with a
 * host key of its own.
 * @throws Error OPENSSH_MISSING when it is not installed
 */
export async function startOpenSsh({ largestFile }: OpenSshOptions = {}): Promise<OpenSsh> {
	const binary = sshdPath();
	if (binary === undefined) throw new Error(OPENSSH_MISSING);
	const owner = userInfo().uid === 0 ? DAEMON : ownerOfServer();
	const folder = await createServerFolder('openssh');
	const storage = join(folder, 'storage');
	const [port = 0] = await freePorts(1);
	const config = join(folder, 'sshd_config');
	try {
		await mkdir(storage);
		for (const name of ['host_key', 'user_key']) {
			await execute('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
		}
		await copyFile(join(folder, 'user_key.pub'), join(folder, 'authorized_keys'));
		await writeFile(config, configuration({ folder, storage, owner, port }));
		const privateKey = await readFile(join(folder, 'user_key'), 'utf8');
		await giveTo(owner, folder);
		const stop = await runServer({
			name: 'OpenSSH',
			folder,
			owner,
			command: limited([binary, '-D', '-e', '-f', config], largestFile),
			ready: 'Server listening on',
		});
		return { host: '127.0.0.1', port, user: owner.user, privateKey, storage, stop };
	} catch (error) {
		await rm(folder, { recursive: true, force: true });
		throw error;
	}
}

/** POSIX counts the limit in blocks of 512 bytes. */
const BLOCK = 512;

function limited(
	command: readonly [string, ...string[]],
	largestFile: number | undefined,
): readonly [string, ...string[]] {
	if (largestFile === undefined) return command;
	const limit = `ulimit -f ${Math.floor(largestFile / BLOCK)}; exec "$0" "$@"`;
	return ['/bin/sh', '-c', limit, ...command];
}

function configuration(options: {
	folder: string;
	storage: string;
	owner: Owner;
	port: number;
}): string {
	const { folder, storage, owner, port } = options;
	return `
ListenAddress 127.0.0.1
Port ${port}
HostKey ${folder}/host_key
AuthorizedKeysFile ${folder}/authorized_keys
AllowUsers ${owner.user}
PidFile none
UsePAM no
# The temporary folder above ours may be written to by everybody.
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
AllowTcpForwarding no
PermitTTY no
MaxStartups 100
Subsystem sftp internal-sftp
ForceCommand internal-sftp -d ${storage}
`;
}
