import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { archiveMailbox, type ArchiveMailbox } from '../../nodes/account/archiveMailbox.ts';
import type { MessageToCopy } from '../../nodes/account/copyStore.ts';
import { openImap } from '../../nodes/mail/imap.ts';
import type { AccountSettings, ImapSession } from '../../nodes/mail/types.ts';
import { pecKeyOf } from '../../nodes/pec/pecKey.ts';
import { start, type Sandbox } from '../../sandbox/index.ts';
import { receiptMail, mail } from '../servers/mails.ts';
import { MAIL_SERVERS, STUDIO, titleOf, type RunningMailServer } from '../servers/mailServers.ts';

const RECEIVED = new Date('2026-02-03T04:05:06.000Z');
let number = 0;

function envelope(flags: readonly string[] = ['\\Seen']): MessageToCopy {
	number += 1;
	const raw = receiptMail({
		type: 'avvenuta-consegna',
		originalId: `lettera${number}@pec.alfa.test`,
		recipient: 'cliente@pec.beta.test',
		providerId: `opec${number}`,
	});
	return messageOf(raw, flags);
}

function messageOf(raw: Buffer, flags: readonly string[] = ['\\Seen']): MessageToCopy {
	const headers = raw.subarray(0, raw.indexOf('\r\n\r\n') + 4);
	const { length: size } = raw;
	return { pecKey: pecKeyOf(raw, size), raw, headers, size, uid: 7, flags, receivedAt: RECEIVED };
}

function connectionTo(settings: AccountSettings) {
	let session: Promise<ImapSession> | undefined;
	const imap = async () => {
		const forget = () => (session = undefined);
		session ??= openImap(settings, { timeoutMs: 10_000 }).then((open) => {
			void open.closed.then(forget);
			return open;
		});
		session.catch(forget);
		return await session;
	};
	const close = async () => await (await session?.catch(() => undefined))?.close();
	return { imap, close };
}

function settingsOf(sandbox: Sandbox): AccountSettings {
	const account = sandbox.accounts.find(({ address }) => address === STUDIO);
	if (!account) throw new Error('the sandbox has no such account');
	const { address, user, password } = account;
	return {
		address,
		user,
		password,
		imap: sandbox.imap,
		smtp: sandbox.smtp,
		tlsCa: sandbox.tlsCa,
	};
}

function archiveOver(
	imap: () => Promise<ImapSession>,
	options: { folder?: string; form?: 'exact' | 'readable' } = {},
): ArchiveMailbox {
	const { folder = 'PEC/2026/02', ...rest } = options;
	return archiveMailbox(imap, { address: 'archivio@studio.test', folderOf: () => folder, ...rest });
}

/** Everything in all folders, by folder. */
async function contents(session: ImapSession): Promise<Array<{ path: string; raw: Buffer }>> {
	const found: Array<{ path: string; raw: Buffer }> = [];
	for (const { path, selectable } of await session.listFolders()) {
		if (!selectable) continue;
		const folder = await session.open(path, { readOnly: true });
		for (const { raw } of await folder.fetchMany(await folder.search({})))
			found.push({ path, raw });
	}
	return found;
}

describe.each(MAIL_SERVERS)('an ordinary mailbox that keeps copies', (server) => {
	describe.skipIf(server.missing !== undefined)(titleOf(server), () => {
		let running: RunningMailServer;
		const open: Array<() => Promise<void>> = [];
		beforeAll(async () => {
			running = await server.start();
		});
		afterEach(async () => {
			for (const close of open.splice(0)) await close();
		});
		afterAll(async () => await running?.stop());

		function connect() {
			const { imap, close } = connectionTo(running.studio);
			open.push(close);
			return imap;
		}

		it('takes a message with its flags and its date and gives its bytes back', async () => {
			const imap = connect();
			const store = archiveOver(imap);
			const message = envelope(['\\Seen', '\\Flagged', '\\Recent', '\\Deleted']);
			const stored = await store.store(message);
			expect(stored).toMatchObject({ form: 'exact', wasThere: false });
			expect(stored.location).toBe(`imap:archivio@studio.test/${stored.folder}`);
			expect(stored.folder.split(/[/.]/)).toEqual(['PEC', '2026', '02']);
			expect((await store.read(message))?.equals(message.raw)).toBe(true);
			const folder = await (await imap()).open(stored.folder, { readOnly: true });
			const [kept] = (await folder.scan(await folder.search({}))).slice(-1);
			expect(kept?.receivedAt).toEqual(RECEIVED);
			expect(kept?.flags.filter((flag) => flag !== '\\Recent').sort()).toEqual([
				'\\Flagged',
				'\\Seen',
			]);
		});

		it('has it once, whoever asks and wherever a person sorted it below the same first level', async () => {
			const message = envelope();
			const first = await archiveOver(connect()).store(message);
			const again = await archiveOver(connect()).store(message);
			expect(again).toEqual({ ...first, wasThere: true });
			const elsewhere = await archiveOver(connect(), { folder: 'PEC/Clienti' }).store(message);
			expect(elsewhere).toEqual({ ...first, wasThere: true });
			const session = await connect()();
			const same = (await contents(session)).filter(({ raw }) => raw.equals(message.raw));
			expect(same).toHaveLength(1);
		});

		it('takes a message that another one repeats the Message-ID of', async () => {
			const store = archiveOver(connect());
			const [one, other] = ['vero', 'falso'].map((body) =>
				messageOf(mail({ subject: 'x', id: 'stesso@test', body, headers: `X-B: ${body}\r\n` })),
			);
			if (!one || !other) throw new Error('two messages');
			await store.put(one);
			expect((await store.store(other)).wasThere).toBe(false);
			expect((await store.read(other))?.equals(other.raw)).toBe(true);
		});

		it('is told apart from one that never came', async () => {
			expect(await archiveOver(connect()).read(envelope())).toBeUndefined();
		});

		it('keeps one of two that two runs store at the same time', async () => {
			const message = envelope();
			const folder = `PEC/Insieme ${number}`;
			const stores = [connect(), connect(), connect()].map((imap) => archiveOver(imap, { folder }));
			const stored = await Promise.all(stores.map(async (store) => await store.store(message)));
			const session = await connect()();
			const same = (await contents(session)).filter(({ raw }) => raw.equals(message.raw));
			expect(same.map(({ path }) => path)).toEqual([stored[0]?.folder]);
			for (const store of stores) {
				expect((await store.read(message))?.equals(message.raw)).toBe(true);
			}
		});

		it('shows a readable form beside the exact one, with the envelope inside', async () => {
			const imap = connect();
			const message = envelope();
			await archiveOver(imap).put(message);
			const readable = archiveOver(imap, { form: 'readable' });
			const stored = await readable.store(message);
			expect(stored).toMatchObject({ form: 'readable', wasThere: false });
			expect((await readable.read(message))?.equals(message.raw)).toBe(true);
			expect((await readable.store(message)).wasThere).toBe(true);
		});

		it('finds what it never stored itself, by key alone', async () => {
			const message = envelope();
			await archiveOver(connect()).put(message);
			const { pecKey, size } = message;
			expect((await archiveOver(connect()).read({ pecKey, size }))?.equals(message.raw)).toBe(true);
		});
	});
});

describe('a server that changes what it stores', () => {
	let sandbox: Sandbox;
	const open: Array<() => unknown> = [];
	beforeAll(async () => {
		sandbox = await start();
	});
	afterEach(async () => {
		for (const close of open.splice(0).reverse()) await close();
	});
	afterAll(async () => await sandbox.stop());

	/** What comes in is stored as `change` makes it; connections of their own each time. */
	function changing(change: (raw: Buffer) => Buffer): () => Promise<ImapSession> {
		const account = sandbox.store.account(STUDIO);
		if (!account) throw new Error('the sandbox has no such account');
		const deliver = account.deliver.bind(account);
		account.deliver = (raw, options) => deliver(change(raw), options);
		const { imap, close } = connectionTo(settingsOf(sandbox));
		open.push(close, () => (account.deliver = deliver));
		return imap;
	}

	const held = (path: string) =>
		(sandbox.store.account(STUDIO)?.folder(path)?.messages ?? []).map(({ raw }) => raw);

	it.each([
		[
			'adds a header',
			(raw: Buffer) => Buffer.concat([Buffer.from('X-MS-Exchange-Organization: a\r\n'), raw]),
		],
		[
			'drops headers that it does not know',
			(raw: Buffer) => Buffer.from(raw.toString('latin1').replace(/^X-.*\r\n/gm, ''), 'latin1'),
		],
		[
			'folds anew and adds white space',
			(raw: Buffer) =>
				Buffer.from(raw.toString('latin1').replace(/^(Subject): /m, '$1:  '), 'latin1'),
		],
		[
			'writes LF for CRLF',
			(raw: Buffer) => Buffer.from(raw.toString('latin1').replaceAll('\r\n', '\n'), 'latin1'),
		],
	])('which %s has it as a file of a plain message, once', async (title, change) => {
		const folder = `PEC/${title}`;
		const store = archiveOver(changing(change), { folder });
		const messages = [envelope(), envelope()];
		for (const message of messages) {
			expect(await store.store(message)).toMatchObject({ form: 'enclosed', wasThere: false });
			expect((await store.read(message))?.equals(message.raw)).toBe(true);
		}
		expect(held(folder)).toHaveLength(2);
		for (const close of open.splice(0).reverse()) await close();
		const later = archiveOver(changing(change), { folder });
		for (const message of messages) {
			expect(await later.store(message)).toMatchObject({ form: 'enclosed', wasThere: true });
			expect((await later.read(message))?.equals(message.raw)).toBe(true);
		}
		expect(held(folder)).toHaveLength(2);
	});

	it('inside of files too is refused, and keeps nothing of it', async () => {
		const folder = 'PEC/niente';
		const cut = (raw: Buffer) => raw.subarray(0, raw.length >> 1);
		const store = archiveOver(changing(cut), { folder });
		for (let times = 0; times < 2; times += 1) {
			await expect(store.store(envelope())).rejects.toMatchObject({
				code: 'refused',
				retry: 'never',
			});
		}
		expect(held(folder)).toEqual([]);
	});
});

describe('copying over a connection that is cut', () => {
	it.each(['imap.command', 'imap.done'] as const)(
		'at any command (%s) stores a message once, at the latest when it is asked again',
		async (at) => {
			const sandbox = await start();
			try {
				let struck = true;
				for (let skip = 0; struck; skip += 1) {
					expect(skip).toBeLessThan(60);
					const message = envelope();
					// Another first level for each: what was created before must not spare a command.
					const folder = `A${at}${skip}/B`;
					const { imap, close } = connectionTo(settingsOf(sandbox));
					const store = archiveOver(imap, { folder });
					const rule = sandbox.faults.add({ at, skip, action: { do: 'drop' } });
					const first = await store.store(message).catch((error: unknown) => error);
					struck = rule.fired > 0;
					rule.remove();
					if (first instanceof Error) await store.store(message);
					expect((await store.read(message))?.equals(message.raw)).toBe(true);
					const copies = sandbox.store.account(STUDIO)?.folder(folder)?.messages ?? [];
					expect(copies.map(({ raw }) => raw.equals(message.raw))).toEqual([true]);
					await close();
				}
			} finally {
				await sandbox.stop();
			}
		},
	);
});
