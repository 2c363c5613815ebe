import { describe, expect, it } from 'vitest';

import { mail } from '../servers/mails.ts';
import { MAIL_SERVERS, titleOf } from '../servers/mailServers.ts';
import { mailboxDesk } from './mailboxDesk.ts';

/** So many small messages. */
const mails = (count: number) =>
	Array.from({ length: count }, (_, n) => mail({ subject: `n${n + 1}` }));

describe.each(MAIL_SERVERS)('the folders of a mailbox', (server) => {
	describe.skipIf(server.missing !== undefined)(titleOf(server), () => {
		const { open, anotherProgram, newFolder, folderOf } = mailboxDesk(server);

		it('tells the state of several that are not open', async () => {
			const session = await open();
			const [full, empty] = [await newFolder(session, mails(2)), await newFolder(session)];
			const { uidValidity } = await session.open(full, { readOnly: true });
			await session.open('INBOX', { readOnly: true });
			const states = await session.folderStates([empty, full]);
			expect([...states.keys()].sort()).toEqual([full, empty].sort());
			expect(states.get(full)).toEqual({ uidNext: 3, uidValidity, messages: 2 });
			expect(states.get(empty)).toMatchObject({ uidNext: 1, messages: 0 });
		});

		it.each([0, 2])(
			'tells what arrived in the open one, which a search then finds, among %i others',
			async (count) => {
				const session = await open();
				const others: string[] = [];
				for (let n = 0; n < count; n += 1) others.push(await newFolder(session));
				const path = await newFolder(session, mails(1));
				const folder = await session.open(path, { readOnly: true });
				await (await anotherProgram()).append(path, mail({ subject: 'nuovo' }));
				const states = await session.folderStates([path, ...others]);
				expect(states.get(path)).toEqual({
					uidNext: 3,
					uidValidity: folder.uidValidity,
					messages: 2,
				});
				expect(await folder.search({})).toEqual([1, 2]);
			},
		);

		it('tells the state of all that are chosen of those that there are, in their order', async () => {
			const session = await open();
			const [full, empty] = [await newFolder(session, mails(2)), await newFolder(session)];
			const states = await session.listStates((listed) => {
				expect(listed.map(({ path }) => path)).toEqual(expect.arrayContaining([full, empty]));
				return [full, 'Manca', empty];
			});
			expect([...states.keys()]).toEqual([full, 'Manca', empty]);
			expect(states.get(full)).toMatchObject({ uidNext: 3, messages: 2 });
			expect(states.get('Manca')).toBeUndefined();
			expect(states.get(empty)).toMatchObject({ uidNext: 1, messages: 0 });
		});

		it.each([1, 3])('leaves out one that is gone and tells %i others', async (count) => {
			const session = await open();
			const others: string[] = [];
			for (let n = 0; n < count; n += 1) others.push(await newFolder(session, mails(1)));
			const states = await session.folderStates(['Manca', ...others]);
			expect([...states.keys()].sort()).toEqual([...others].sort());
		});

		it('says that the connection is gone, not the folders', async () => {
			const session = await open();
			await session.close();
			await expect(session.folderStates(['INBOX'])).rejects.toMatchObject({
				code: 'connectionLost',
			});
		});

		it('adds a flag to those it has, and says which message is gone', async () => {
			const session = await open();
			const path = await newFolder(session, mails(4));
			const other = await anotherProgram();
			await other.mailboxOpen(path);
			await other.messageFlagsAdd('2', ['\\Flagged'], { uid: true });
			const folder = await session.open(path, { readOnly: false });
			await other.messageDelete('3', { uid: true });
			expect(await folder.addFlags([99, 3, 2, 1, 2], ['\\Seen'])).toEqual({
				flagged: [1, 2],
				missing: [3, 99],
			});
			const scanned = await folder.scan([1, 2, 4]);
			const shown = scanned.map(({ flags }) => flags.filter((flag) => flag !== '\\Recent').sort());
			expect(shown).toEqual([['\\Seen'], ['\\Flagged', '\\Seen'], []]);
		});

		it('flags more messages than one request names', async () => {
			const session = await open();
			const path = await folderOf(session, 205);
			const folder = await session.open(path, { readOnly: false });
			const uids = Array.from({ length: 205 }, (_, n) => n + 1);
			expect(await folder.addFlags(uids, ['\\Seen'])).toEqual({ flagged: uids, missing: [] });
			expect(await folder.search({ seen: false })).toEqual([]);
		});

		it('refuses to flag in a folder that is open for reading only', async () => {
			const session = await open();
			const path = await newFolder(session, mails(1));
			const folder = await session.open(path, { readOnly: true });
			await expect(folder.addFlags([1], ['\\Seen'])).rejects.toMatchObject({
				code: 'refused',
				retry: 'never',
				message: `The folder "${path}" can only be read, not changed`,
			});
			expect(await folder.search({ seen: false })).toEqual([1]);
		});

		it('dates a message that is stored without a date by its own clock', async () => {
			const session = await open();
			const path = await newFolder(session);
			const raw = mail({ subject: 'ora', headers: 'Date: Thu, 01 Jan 2015 10:00:00 +0100\r\n' });
			await session.append(path, raw);
			await session.append(path, raw, { flags: ['\\Seen'] });
			const scanned = await (await session.open(path, { readOnly: true })).scan([1, 2]);
			const aheadMs = scanned.map(({ receivedAt }) => receivedAt.getTime() - Date.now());
			expect(aheadMs).toHaveLength(2);
			for (const ms of aheadMs) expect(Math.abs(ms)).toBeLessThan(60_000);
		});
	});
});
