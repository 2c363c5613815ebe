import { describe, expect, it } from 'vitest';

import { updateMessage, type MessageUpdate } from '../../nodes/account/updating.ts';
import { RECORDS_FOLDER } from '../../nodes/account/records.ts';
import { openImap } from '../../nodes/mail/imap.ts';
import type { AccountSettings, ImapSession } from '../../nodes/mail/types.ts';
import { pecKeyOf } from '../../nodes/pec/pecKey.ts';
import { start, type Sandbox } from '../../sandbox/index.ts';
import { mailboxDesk } from '../mail/mailboxDesk.ts';
import { mail } from '../servers/mails.ts';
import { MAIL_SERVERS, STUDIO, titleOf } from '../servers/mailServers.ts';

const account = STUDIO;
let number = 0;

function letter(): { raw: Buffer; pecKey: string } {
	number += 1;
	const raw = mail({ subject: `Aggiorna ${number}` });
	return { raw, pecKey: pecKeyOf(raw, raw.length) };
}

const asked = (pecKey: string, change: Partial<MessageUpdate>): MessageUpdate => ({
	pecKey,
	createFolder: false,
	...change,
});

async function bytesIn(session: ImapSession, path: string): Promise<Buffer[]> {
	const folder = await session.open(path, { readOnly: true });
	return (await folder.fetchMany(await folder.search({}))).map(({ raw }) => raw);
}

const shown = (flags: readonly string[]) => flags.filter((flag) => flag !== '\\Recent').sort();

describe.each(MAIL_SERVERS)('a message that is changed', (server) => {
	describe.skipIf(server.missing !== undefined)(titleOf(server), () => {
		const { open, newFolder, anotherProgram } = mailboxDesk(server);

		it('is marked, and unmarked, and other marks stay', async () => {
			const session = await open();
			const { raw, pecKey } = letter();
			const path = await newFolder(session);
			await session.append(path, raw, { flags: ['\\Answered'] });
			const change = async (marks: Partial<MessageUpdate>) =>
				shown(
					(await updateMessage(session, asked(pecKey, { folder: path, ...marks }), { account }))
						.mailbox.flags,
				);
			expect(await change({ read: true, flagged: true })).toEqual([
				'\\Answered',
				'\\Flagged',
				'\\Seen',
			]);
			expect(await change({ read: false })).toEqual(['\\Answered', '\\Flagged']);
			expect(await change({ flagged: false })).toEqual(['\\Answered']);
		});

		it('is moved with its flags, and what somebody else marked stays', async () => {
			const session = await open();
			const [one, other] = [letter(), letter()];
			const path = await newFolder(session, [one.raw, other.raw]);
			const program = await anotherProgram();
			await program.mailboxOpen(path);
			await program.messageFlagsAdd('2', ['\\Deleted'], { uid: true });
			const target = await newFolder(session);
			const { mailbox, copy } = await updateMessage(
				session,
				asked(one.pecKey, { flagged: true, place: { to: 'move', path: target } }),
				{ account },
			);
			expect(copy).toBeUndefined();
			expect(mailbox).toMatchObject({ account, folder: target, size: one.raw.length });
			expect(mailbox.flags).toContain('\\Flagged');
			expect(await bytesIn(session, target)).toEqual([one.raw]);
			expect(await bytesIn(session, path)).toEqual([other.raw]);
		});

		it('is copied once, however often it is asked for', async () => {
			const session = await open();
			const { raw, pecKey } = letter();
			const path = await newFolder(session, [raw]);
			const target = `Copie/${number}`;
			const copying = asked(pecKey, {
				folder: path,
				createFolder: true,
				place: { to: 'copy', path: target },
			});
			for (let times = 0; times < 2; times += 1) {
				const { mailbox, copy } = await updateMessage(session, copying, { account });
				expect(mailbox.folder).toBe(path);
				expect(copy).toMatchObject({ folder: target, uid: 1 });
			}
			expect(await bytesIn(session, target)).toEqual([raw]);
		});

		it('stays as it is when the folder is missing, or is ours', async () => {
			const session = await open();
			const { raw, pecKey } = letter();
			const path = await newFolder(session, [raw]);
			const moving = (to: string) =>
				updateMessage(session, asked(pecKey, { read: true, place: { to: 'move', path: to } }), {
					account,
				});
			await expect(moving('Manca')).rejects.toMatchObject({ code: 'folderMissing' });
			await expect(moving(RECORDS_FOLDER)).rejects.toMatchObject({ code: 'refused' });
			const [kept] = await (await session.open(path, { readOnly: true })).scan([1]);
			expect(kept && shown(kept.flags)).toEqual([]);
		});

		it('is not there any more: says so', async () => {
			await expect(
				updateMessage(await open(), asked(letter().pecKey, { read: true }), { account }),
			).rejects.toMatchObject({ code: 'messageMissing' });
		});
	});
});

describe('moving with the sandbox', () => {
	async function desk(options: Parameters<typeof start>[0] = {}) {
		const sandbox = await start(options);
		const session = await openImap(settingsOf(sandbox), { timeoutMs: 10_000 });
		const { raw, pecKey } = letter();
		await session.ensureFolder('Pratiche');
		await session.append('INBOX', raw);
		const held = (path: string) =>
			(sandbox.store.account(STUDIO)?.folder(path)?.messages ?? []).map((each) => each.raw);
		const moving = asked(pecKey, { place: { to: 'move', path: 'Pratiche' } });
		const end = async () => {
			await session.close();
			await sandbox.stop();
		};
		return { sandbox, session, raw, held, moving, end };
	}

	it.each([['MOVE'], ['UIDPLUS'], ['CONDSTORE']])('works where %s is missing', async (without) => {
		const { session, raw, held, moving, end } = await desk({ withoutCapabilities: [without] });
		try {
			await updateMessage(session, moving, { account });
			expect([held('INBOX'), held('Pratiche')]).toEqual([[], [raw]]);
		} finally {
			await end();
		}
	});

	it('is refused where a single message cannot be removed', async () => {
		const { session, raw, held, moving, end } = await desk({
			withoutCapabilities: ['MOVE', 'UIDPLUS'],
		});
		try {
			await expect(updateMessage(session, moving, { account })).rejects.toMatchObject({
				code: 'notSupported',
			});
			expect([held('INBOX'), held('Pratiche')]).toEqual([[raw], []]);
		} finally {
			await end();
		}
	});

	it.each([
		['UID MOVE', []],
		['UID COPY', ['MOVE']],
		['UID EXPUNGE', ['MOVE']],
	])('loses nothing when the server says OK to %s and does nothing', async (command, without) => {
		const { sandbox, session, raw, held, moving, end } = await desk({
			withoutCapabilities: without,
		});
		try {
			const rule = sandbox.faults.add({ at: 'imap.command', command, action: { do: 'ignore' } });
			await expect(updateMessage(session, moving, { account })).rejects.toMatchObject({
				code: 'refused',
				retry: 'later',
			});
			expect(rule.fired).toBe(1);
			expect(held('INBOX')).toEqual([raw]);
			await updateMessage(session, moving, { account });
			expect([held('INBOX'), held('Pratiche')]).toEqual([[], [raw]]);
		} finally {
			await end();
		}
	});

	it.each([
		['with MOVE', []],
		['without MOVE', ['MOVE']],
	])('loses and doubles nothing when it is cut at any command, %s', async (_, without) => {
		const { sandbox, session, raw, held, moving, end } = await desk({
			withoutCapabilities: without,
		});
		try {
			for (const at of ['imap.command', 'imap.done'] as const) {
				let struck = true;
				for (let skip = 0; struck; skip += 1) {
					expect(skip).toBeLessThan(60);
					const cut = await openImap(settingsOf(sandbox), { timeoutMs: 10_000 });
					const rule = sandbox.faults.add({ at, skip, action: { do: 'drop' } });
					await updateMessage(cut, moving, { account }).catch(() => undefined);
					struck = rule.fired > 0;
					rule.remove();
					await cut.close();
					expect([...held('INBOX'), ...held('Pratiche')]).toContainEqual(raw);
					await updateMessage(session, { ...moving, folder: 'INBOX' }, { account });
					expect([held('INBOX'), held('Pratiche')]).toEqual([[], [raw]]);
					const back = { to: 'move', path: 'INBOX' } as const;
					await updateMessage(session, { ...moving, place: back }, { account });
					expect([held('INBOX'), held('Pratiche')]).toEqual([[raw], []]);
				}
			}
		} finally {
			await end();
		}
	});
});

function settingsOf(sandbox: Sandbox): AccountSettings {
	const studio = sandbox.accounts.find(({ address }) => address === STUDIO);
	if (!studio) throw new Error('the sandbox has no such account');
	const { address, user, password } = studio;
	const { imap, smtp, tlsCa } = sandbox;
	return { address, user, password, imap, smtp, tlsCa };
}
