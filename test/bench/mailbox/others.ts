import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Contestant } from '../contest.ts';
import type { Settings } from './ours.ts';
import { openBinaryStore } from './binaryStore.ts';
import { putAside } from './putAside.ts';
import { readRaw, readRawMessages } from './rawSocket.ts';

const execute = promisify(execFile);

/** @param least bytes that have to come: fewer are an answer that was not understood */
function raw(items: string, { messages, server }: Settings, least: number): Contestant {
	return {
		units: messages,
		run: async () => {
			const bytes = await readRaw(server, items);
			if (bytes < least) throw new Error(`${bytes} bytes came`);
		},
	};
}

/** Whole messages, of which nothing is kept. */
export async function rawMessages(settings: Settings): Promise<Contestant> {
	return await Promise.resolve(raw('BODY.PEEK[]', settings, settings.bytes));
}

/** As many as an Export gives to the store at once. */
const STORED_AT_ONCE = 4;

/** The least that an export into n8n's store takes: no client, no header is looked at, no message is known. */
export async function rawStored(settings: Settings): Promise<Contestant> {
	const { server, messages, folder } = settings;
	const { prepareBinaryData, empty } = await openBinaryStore(join(folder, 'raw'));
	return {
		units: messages,
		run: async () => {
			const hashes = new Set<string>();
			const keep = async (message: Buffer): Promise<void> => {
				hashes.add(createHash('sha256').update(message).digest('hex'));
				await prepareBinaryData(message, `${hashes.size}.eml`, 'message/rfc822');
			};
			await readRawMessages(server, keep, STORED_AT_ONCE);
			if (hashes.size !== messages) throw new Error(`${hashes.size} messages came`);
		},
		tidy: empty,
	};
}

/** What a scan asks for, with whole headers, of which nothing is kept. */
export async function rawHeaders(settings: Settings): Promise<Contestant> {
	const items = '(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER])';
	return await Promise.resolve(raw(items, settings, settings.messages * 300));
}

/** A program that fetches a mailbox into a Maildir, beginning with nothing. */
function toMaildir(
	{ messages }: Settings,
	program: { command: [string, ...string[]]; maildir: string; tidy: () => void },
): Contestant {
	const [command, ...args] = program.command;
	return {
		units: messages,
		run: async () => {
			await execute(command, args, { maxBuffer: 64 * 1024 * 1024 });
			const files = ['new', 'cur'].flatMap((name) => readdirSync(join(program.maildir, name)));
			if (files.length !== messages) throw new Error(`${command} left ${files.length} messages`);
		},
		tidy: program.tidy,
	};
}

function writeCa(folder: string, tlsCa: string): string {
	const file = join(folder, 'ca.pem');
	writeFileSync(file, tlsCa);
	return file;
}

/** isync; it does not wait for the disk, as nobody here does. */
export async function mbsync(settings: Settings): Promise<Contestant> {
	const { host, port, tlsCa, user, password } = settings.server;
	const folder = join(settings.folder, 'mbsync');
	mkdirSync(folder);
	const mail = join(folder, 'mail');
	const file = join(folder, 'mbsyncrc');
	writeFileSync(
		file,
		`FSync no
IMAPAccount pec
Host ${host}
Port ${port}
User ${user}
Pass ${password}
SSLType IMAPS
SystemCertificates no
CertificateFile ${writeCa(folder, tlsCa)}

IMAPStore server
Account pec

MaildirStore local
Path ${mail}/
Inbox ${mail}/INBOX
SubFolders Verbatim

Channel pec
Far :server:
Near :local:
Patterns INBOX
Create Near
Sync PullNew
SyncState *
`,
	);
	const before = join(folder, 'before');
	for (const each of [mail, before]) mkdirSync(each);
	const tidy = (): void => {
		putAside(mail, before);
		mkdirSync(mail);
	};
	const command: [string, ...string[]] = ['mbsync', '--quiet', '--config', file, 'pec'];
	return await Promise.resolve(
		toMaildir(settings, { command, maildir: join(mail, 'INBOX'), tidy }),
	);
}

export async function offlineimap(settings: Settings): Promise<Contestant> {
	const { host, port, tlsCa, user, password } = settings.server;
	const folder = join(settings.folder, 'offlineimap');
	mkdirSync(folder);
	const [mail, state] = [join(folder, 'mail'), join(folder, 'state')];
	const file = join(folder, 'offlineimaprc');
	writeFileSync(
		file,
		`[general]
accounts = pec
metadata = ${state}
ui = quiet
fsync = no

[Account pec]
localrepository = local
remoterepository = server

[Repository local]
type = Maildir
localfolders = ${mail}

[Repository server]
type = IMAP
remotehost = ${host}
remoteport = ${port}
remoteuser = ${user}
remotepass = ${password}
ssl = yes
sslcacertfile = ${writeCa(folder, tlsCa)}
readonly = true
folderfilter = lambda name: name == 'INBOX'
`,
	);
	const before = join(folder, 'before');
	for (const each of [mail, state, before]) mkdirSync(each);
	const tidy = (): void => {
		for (const each of [mail, state]) {
			putAside(each, before);
			mkdirSync(each);
		}
	};
	const command: [string, ...string[]] = ['offlineimap', '-c', file, '-o', '-1'];
	return await Promise.resolve(
		toMaildir(settings, { command, maildir: join(mail, 'INBOX'), tidy }),
	);
}
