import { ImapFlow } from 'imapflow';
import { afterAll, afterEach, beforeAll, describe } from 'vitest';

import { LineClient, type Reply } from '../servers/lineClient.ts';
import {
	MAIL_SERVERS,
	titleOf,
	type RunningMailServer,
	type ServerName,
} from '../servers/mailServers.ts';

/** One of the three servers, and what a test needs of it. What was opened is closed after each test. */
export interface Bench {
	readonly name: ServerName;
	readonly running: () => RunningMailServer;
	/** A line client that has signed in; to the full mailbox when asked. */
	open(account?: 'studio' | 'full'): Promise<LineClient>;
	/** A line client that has read the greeting. */
	greeted(options?: { secure?: boolean }): Promise<LineClient>;
	/** A signed-in imapflow. */
	flow(options?: { startTls?: boolean }): Promise<ImapFlow>;
	/** A new folder with these messages, its name as it stands in a command. */
	folder(mails?: readonly Buffer[]): Promise<string>;
	/** A name no folder has. */
	newName(): string;
}

/** The same tests over the embedded server, Dovecot and Cyrus. */
export function overEachServer(title: string, suite: (bench: Bench) => void): void {
	describe.each(MAIL_SERVERS)(title, (server) => {
		describe.skipIf(server.missing !== undefined)(titleOf(server), () => {
			let running: RunningMailServer;
			let folders = 0;
			// Of all tests together: to sign in costs more than most of them.
			let filler: Promise<LineClient> | undefined;
			const open = new Set<{ close(): void }>();
			beforeAll(async () => {
				running = await server.start();
			});
			afterAll(async () => {
				(await filler)?.close();
				await running?.stop();
			});
			afterEach(() => {
				for (const client of open) client.close();
				open.clear();
			});
			const kept = <Client extends { close(): void }>(client: Client): Client => {
				open.add(client);
				return client;
			};
			const signIn = async (account: 'studio' | 'full'): Promise<LineClient> => {
				const { imap, user, password, tlsCa } = running[account];
				return await LineClient.connect({ ...imap, ca: tlsCa ?? '', user, password });
			};
			const bench: Bench = {
				name: server.name,
				running: () => running,
				open: async (account = 'studio') => kept(await signIn(account)),
				greeted: async ({ secure = true } = {}) => {
					const { imap, tlsCa } = running.studio;
					const where = secure ? imap : running.startTls;
					return kept(await LineClient.connect({ ...where, ca: tlsCa ?? '' }));
				},
				flow: async ({ startTls = false } = {}) => {
					const { imap, user, password, tlsCa } = running.studio;
					const client = new ImapFlow({
						...(startTls ? { ...running.startTls, doSTARTTLS: true } : imap),
						auth: { user, pass: password },
						tls: { ca: tlsCa },
						logger: false,
						disableAutoIdle: true,
					});
					// Without a listener a cut connection would end the process.
					client.on('error', () => undefined);
					await client.connect();
					return kept(client);
				},
				folder: async (mails = []) => {
					const name = bench.newName();
					filler ??= signIn('studio');
					const client = await filler;
					await client.ok(`CREATE ${name}`);
					for (const raw of mails) await append(client, name, raw);
					return name;
				},
				newName: () => {
					folders += 1;
					return `"Prova ${folders}"`;
				},
			};
			suite(bench);
		});
	});
}

/** APPEND by a literal the server asks for. `how`: flags and date, as they stand in the command. */
export async function append(
	client: LineClient,
	folder: string,
	raw: Buffer,
	how = '',
): Promise<Reply> {
	const head = ['APPEND', folder, how].filter((each) => each !== '').join(' ');
	return await client.command(`${head} {${raw.length}}`, raw);
}

/** What the server offers to who has signed in. */
export async function capabilitiesOf(client: LineClient): Promise<ReadonlySet<string>> {
	const { untagged } = await client.ok('CAPABILITY');
	const line = untagged.find((each) => each.startsWith('CAPABILITY ')) ?? '';
	return new Set(line.toUpperCase().split(' ').slice(1));
}
