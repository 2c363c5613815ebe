import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { createPki } from '../../sandbox/pki/hierarchy.ts';
import {
	createServerFolder,
	freePorts,
	giveTo,
	identityOf,
	ownerOfServer,
	spawnServer,
	type ImapProcess,
	type Owner,
	type ServerAccount,
	type ServerCommand,
} from './imapProcess.ts';

const execute = promisify(execFile);

export const DOVECOT_MISSING =
	'Dovecot is not installed: apt-get install dovecot-imapd dovecot-lmtpd';

const DOVECOT_PATHS = ['/usr/sbin/dovecot', '/usr/local/sbin/dovecot'];
/** Of a package of its own on Debian. */
const LMTP_PATHS = ['/usr/lib/dovecot/lmtp', '/usr/local/libexec/dovecot/lmtp'];

export interface Dovecot extends ImapProcess {
	/** Ends it at once, with all its connections; what it keeps stays. */
	kill(): Promise<void>;
	/** On the same ports. */
	start(): Promise<void>;
	/** The administrator ends the user's connections (`doveadm kick`). */
	kick(user: string): Promise<void>;
	/** Sends a signal to the processes that hold the user's connections. @returns how many there are */
	signal(user: string, signal: NodeJS.Signals): Promise<number>;
	/** In clear text; `user+folder@domain` is delivered into that folder, which is made when it is missing. */
	readonly lmtp: { readonly host: string; readonly port: number; readonly folderDelimiter: '+' };
}

/** Where Dovecot is installed with its LMTP server, or `undefined`. */
export function dovecotPath(): string | undefined {
	if (!LMTP_PATHS.some((path) => existsSync(path))) return undefined;
	return DOVECOT_PATHS.find((path) => existsSync(path));
}

/** A user's own Maildir, in the folder of all mail. */
export function maildirOf(mail: string, user: string): string {
	return join(mail, user, 'Maildir');
}

/**
 * Starts Dovecot as an ordinary user (nobody, when the tests run as root) from a temporary folder, on free ports of
 * 127.0.0.1, with the folders of an Italian provider and its own throw-away certificate.
 * @param mail where all mail lies (`maildirOf`), the owner's; it stays when the server ends. Default: with the server's own files
 * @throws Error DOVECOT_MISSING when it is not installed
 */
export async function startDovecot(
	accounts: readonly ServerAccount[],
	{ mail: givenMail }: { readonly mail?: string } = {},
): Promise<Dovecot> {
	const binary = dovecotPath();
	if (binary === undefined) throw new Error(DOVECOT_MISSING);
	const owner = ownerOfServer();
	const folder = await createServerFolder('dovecot');
	const mail = givenMail ?? join(folder, 'mail');
	const pki = await createPki({ providers: [], now: new Date(), tls: 'valid' });
	const [imapPort = 0, startTlsPort = 0, lmtpPort = 0] = await freePorts(3);
	const users = accounts.map(({ user, password, quotaLimit }) => {
		const rule = quotaLimit === undefined ? '' : `userdb_quota_rule=*:bytes=${quotaLimit}`;
		return `${user}:{PLAIN}${password}:${owner.uid}:${owner.gid}::${mail}/${user}::${rule}`;
	});
	for (const name of ['run', 'state']) await mkdir(join(folder, name));
	await mkdir(mail, { recursive: true });
	await writeFile(join(folder, 'cert.pem'), pki.tls.cert);
	await writeFile(join(folder, 'key.pem'), pki.tls.key, { mode: 0o600 });
	await writeFile(join(folder, 'users'), `${users.join('\n')}\n`);
	await writeFile(
		join(folder, 'dovecot.conf'),
		configuration({ folder, mail, owner, imapPort, startTlsPort, lmtpPort }),
	);
	await giveTo(owner, folder);
	const config = join(folder, 'dovecot.conf');
	const command: ServerCommand = {
		name: 'Dovecot',
		folder,
		owner,
		command: [binary, '-F', '-c', config],
		// Said when the master listens on all ports.
		ready: 'starting up',
	};
	let kill = NOTHING;
	const start = async () => {
		kill = await spawnServer(command);
	};
	const stop = async () => {
		await kill();
		await rm(folder, { recursive: true, force: true });
	};
	try {
		await start();
	} catch (error) {
		await stop();
		throw error;
	}
	const administer = async (...args: string[]) =>
		(await execute('doveadm', ['-c', config, ...args], identityOf(owner))).stdout;
	return {
		imap: { host: 'localhost', port: imapPort, secure: true },
		imapStartTls: { host: 'localhost', port: startTlsPort, secure: false },
		lmtp: { host: '127.0.0.1', port: lmtpPort, folderDelimiter: '+' },
		tlsCa: pki.tlsCa,
		kill: async () => await kill(),
		start,
		kick: async (user) => void (await administer('kick', user)),
		signal: async (user, signal) => {
			const pids = pidsOf(await administer('who', '-1', user));
			for (const pid of pids) process.kill(pid, signal);
			return pids.length;
		},
		stop,
	};
}

const NOTHING = async () => await Promise.resolve();

/** Lines of `user proto pid ip`, below a heading. */
function pidsOf(list: string): number[] {
	return list
		.split('\n')
		.map((line) => Number(/^\S+\s+imap\s+(\d+)/.exec(line)?.[1]))
		.filter((pid) => pid > 0);
}

function configuration(options: {
	folder: string;
	mail: string;
	owner: Owner;
	imapPort: number;
	startTlsPort: number;
	lmtpPort: number;
}): string {
	const { folder, mail, owner, imapPort, startTlsPort, lmtpPort } = options;
	return `
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = /dev/stderr
default_internal_user = ${owner.user}
default_internal_group = ${owner.group}
default_login_user = ${owner.user}
first_valid_uid = 1
first_valid_gid = 1
mail_uid = ${owner.uid}
mail_gid = ${owner.gid}
protocols = imap lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <${folder}/cert.pem
ssl_key = <${folder}/key.pem
disable_plaintext_auth = yes
auth_mechanisms = plain login
auth_failure_delay = 0
login_trusted_networks =
mail_max_userip_connections = 100
mail_location = maildir:${maildirOf(mail, '%u')}
mail_plugins = quota
mail_fsync = never
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%u ${folder}/users
}
userdb {
  driver = passwd-file
  args = username_format=%u ${folder}/users
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox Inviata {
    auto = subscribe
    special_use = \\Sent
  }
  mailbox Bozze {
    auto = subscribe
    special_use = \\Drafts
  }
  mailbox Cestino {
    auto = subscribe
    special_use = \\Trash
  }
  mailbox Archivio {
    auto = subscribe
    special_use = \\Archive
  }
}
protocol imap {
  mail_plugins = quota imap_quota
}
plugin {
  quota = count:User quota
  quota_vsizes = yes
  quota_grace = 0
}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
  chroot =
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${startTlsPort}
  }
  inet_listener imaps {
    port = ${imapPort}
    ssl = yes
  }
}
protocol lmtp {
  mail_plugins = quota
}
lmtp_save_to_detail_mailbox = yes
lda_mailbox_autocreate = yes
service lmtp {
  inet_listener lmtp {
    port = ${lmtpPort}
  }
}
service stats {
  chroot =
}
service auth-worker {
  user = ${owner.user}
}
service auth {
  user = ${owner.user}
  extra_groups =
}
`;
}
