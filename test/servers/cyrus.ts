import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { createPki } from '../../sandbox/pki/hierarchy.ts';
import { cacheFolder } from '../../scripts/folders.ts';
import { configureCyrus } from './cyrusConfiguration.ts';
import {
	createServerFolder,
	freePorts,
	giveTo,
	identityOf,
	ownerOfServer,
	runServer,
	type ImapProcess,
	type Owner,
	type ServerAccount,
} from './imapProcess.ts';
import { LineClient } from './lineClient.ts';

export const CYRUS_MISSING = 'Cyrus is not there: scripts/unpackCyrus.sh brings it, without root';

/** Without a domain the administrator is everybody's; SASL then looks under the server's name. */
const ADMINISTRATOR = { user: 'cyrus', password: 'prova-cyrus' };

/** Where its programs are. `unpacked`: with the libraries and the SASL plugins they need, and to be moved at will. */
interface Cyrus {
	readonly programs: string;
	readonly saslpasswd: string;
	readonly unpacked?: string;
}

/** Cyrus as it is installed, else as scripts/unpackCyrus.sh left it, or `undefined`. */
export function findCyrus(): Cyrus | undefined {
	const installed = { programs: '/usr/lib/cyrus/bin', saslpasswd: '/usr/sbin/saslpasswd2' };
	const all = [installed, unpackedIn(join(cacheFolder(), 'cyrus'))];
	return all.find(
		({ programs, saslpasswd }) => existsSync(join(programs, 'imapd')) && existsSync(saslpasswd),
	);
}

function unpackedIn(folder: string): Cyrus {
	const programs = join(folder, 'bin');
	return { programs, saslpasswd: join(programs, 'saslpasswd2'), unpacked: folder };
}

/**
 * Starts Cyrus as an ordinary user (nobody, when the tests run as root) from a temporary folder, on free ports of
 * 127.0.0.1, with the folders of an Italian provider and its own throw-away certificate.
 * @throws Error CYRUS_MISSING when it is neither installed nor unpacked
 */
export async function startCyrus(accounts: readonly ServerAccount[]): Promise<ImapProcess> {
	const found = findCyrus();
	if (found === undefined) throw new Error(CYRUS_MISSING);
	const owner = ownerOfServer();
	const folder = await createServerFolder('cyrus');
	const cyrus = await readableFor(owner, found, folder);
	const pki = await createPki({ providers: [], now: new Date(), tls: 'valid' });
	const [imapPort = 0, startTlsPort = 0] = await freePorts(2);
	for (const name of ['conf/socket', 'spool', 'sasl', 'sock', 'sieve']) {
		await mkdir(join(folder, name), { recursive: true });
	}
	await writeFile(join(folder, 'cert.pem'), pki.tls.cert);
	await writeFile(join(folder, 'key.pem'), pki.tls.key, { mode: 0o600 });
	const { programs } = cyrus;
	const files = configureCyrus({ folder, owner, programs, imapPort, startTlsPort });
	for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
	await giveTo(owner, folder);
	const env = environmentOf(cyrus);
	for (const { user, password } of [...accounts, ADMINISTRATOR]) {
		const [name = '', domain = 'localhost'] = user.split('@');
		const database = join(folder, 'sasl', 'sasldb2');
		execFileSync(cyrus.saslpasswd, ['-p', '-c', '-f', database, '-u', domain, name], {
			input: password,
			env,
			...identityOf(owner),
		});
	}
	const [master, configured] = [join(programs, 'master'), join(folder, 'imapd.conf')];
	const stop = await runServer({
		name: 'Cyrus',
		folder,
		owner,
		command: [
			...([master, '-D', '-p', join(folder, 'pid')] as const),
			...['-C', configured, '-M', join(folder, 'cyrus.conf')],
		],
		env,
		ready: 'cyrus is ready',
	});
	const running: ImapProcess = {
		imap: { host: 'localhost', port: imapPort, secure: true },
		imapStartTls: { host: 'localhost', port: startTlsPort, secure: false },
		tlsCa: pki.tlsCa,
		stop,
	};
	try {
		await limit(running, accounts);
	} catch (error) {
		await stop();
		throw error;
	}
	return running;
}

/** Root's home is closed to nobody: what was unpacked there is copied (7 MB). */
async function readableFor(owner: Owner, cyrus: Cyrus, folder: string): Promise<Cyrus> {
	if (identityOf(owner).uid === undefined || cyrus.unpacked === undefined) return cyrus;
	const copy = join(folder, 'cyrus');
	await cp(cyrus.unpacked, copy, { recursive: true });
	return unpackedIn(copy);
}

function environmentOf({ unpacked }: Cyrus): Record<string, string> {
	if (unpacked === undefined) return {};
	const libraries = join(unpacked, 'lib');
	return { LD_LIBRARY_PATH: libraries, SASL_PATH: join(libraries, 'sasl2') };
}

/** A quota is the administrator's to set, and the mailbox comes into being when its user first signs in. */
async function limit(running: ImapProcess, accounts: readonly ServerAccount[]): Promise<void> {
	const limited = accounts.filter(({ quotaLimit }) => quotaLimit !== undefined);
	if (limited.length === 0) return;
	const connect = async ({ user, password }: ServerAccount) =>
		await LineClient.connect({ ...running.imap, ca: running.tlsCa, user, password });
	for (const account of limited) {
		const client = await connect(account);
		// The mailbox is made, and its own quota set, between the reply to signing in and the next one.
		await client.ok('NOOP');
		client.close();
	}
	const administrator = await connect(ADMINISTRATOR);
	for (const { user, quotaLimit = 0 } of limited) {
		const kilobytes = Math.floor(quotaLimit / 1024);
		await administrator.ok(`SETQUOTA "user/${user}" (STORAGE ${kilobytes})`);
	}
	administrator.close();
}
