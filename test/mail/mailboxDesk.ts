import { ImapFlow } from 'imapflow';
import { afterAll, afterEach, beforeAll } from 'vitest';

import { openImap } from '../../nodes/mail/imap.ts';
import type { AccountSettings, ImapSession } from '../../nodes/mail/types.ts';
import { mail } from '../servers/mails.ts';
import type { MailServerUnderTest, RunningMailServer } from '../servers/mailServers.ts';

export interface MailboxDesk {
	running(): RunningMailServer;
	/** Unless given, of the studio. */
	open(settings?: AccountSettings): Promise<ImapSession>;
	/** Another program at the studio's mailbox. */
	anotherProgram(): Promise<ImapFlow>;
	/** One of its own, with these messages. */
	newFolder(session: ImapSession, mails?: readonly Buffer[]): Promise<string>;
	/** One with so many messages, by copying: their UIDs are 1 to `count`. */
	folderOf(session: ImapSession, count: number): Promise<string>;
}

/** For one `describe`: a server that runs as long as its tests, and connections that are closed after each of them. */
export function mailboxDesk(server: MailServerUnderTest): MailboxDesk {
	let running: RunningMailServer | undefined;
	const sessions: Array<{ close(): Promise<void> }> = [];
	let folders = 0;

	beforeAll(async () => {
		running = await server.start();
	});
	afterAll(async () => {
		await running?.stop();
	});
	afterEach(async () => {
		await Promise.all(sessions.splice(0).map(async (session) => await session.close()));
	});

	const desk: MailboxDesk = {
		running() {
			if (!running) throw new Error('no server runs yet');
			return running;
		},
		async open(settings = desk.running().studio) {
			const session = await openImap(settings);
			sessions.push(session);
			return session;
		},
		async anotherProgram() {
			const { imap, user, password, tlsCa } = desk.running().studio;
			const client = new ImapFlow({
				...imap,
				auth: { user, pass: password },
				tls: { ca: tlsCa },
				logger: false,
				disableAutoIdle: true,
			});
			await client.connect();
			sessions.push({ close: async () => client.close() });
			return client;
		},
		async newFolder(session, mails = []) {
			folders += 1;
			const path = `Prova ${folders} (è)`;
			await session.ensureFolder(path);
			for (const raw of mails) await session.append(path, raw);
			return path;
		},
		async folderOf(session, count) {
			const path = await desk.newFolder(session, [mail({ subject: 'una di tante' })]);
			const other = await desk.anotherProgram();
			await other.mailboxOpen(path);
			for (let there = 1; there < count; there *= 2) {
				await other.messageCopy(`1:${Math.min(there, count - there)}`, path, { uid: true });
			}
			return path;
		},
	};
	return desk;
}
