import { describe, expect, it } from 'vitest';

import { openImap } from '../../nodes/mail/imap.ts';
import type { ImapSession, OpenFolder } from '../../nodes/mail/types.ts';
import { mail, receiptMail } from '../servers/mails.ts';
import { MAIL_SERVERS, titleOf } from '../servers/mailServers.ts';
import { mailboxDesk } from './mailboxDesk.ts';

describe.each(MAIL_SERVERS)('an IMAP session', (server) => {
	describe.skipIf(server.missing !== undefined)(titleOf(server), () => {
		const { running, open, anotherProgram, newFolder, folderOf } = mailboxDesk(server);

		it('lists folders with the special uses the server names', async () => {
			const listed = await (await open()).listFolders();
			const inbox = { path: 'INBOX', selectable: true, delimiter: '/' };
			expect(listed).toContainEqual(inbox);
			expect(listed).toContainEqual({ ...inbox, path: 'Inviata', specialUse: '\\Sent' });
		});

		it('creates a folder once and leaves one that exists alone', async () => {
			const session = await open();
			const path = await newFolder(session, [mail({ subject: 'uno' })]);
			await session.ensureFolder(path);
			expect((await session.open(path, { readOnly: true })).messages).toBe(1);
		});

		it('gives back the very bytes that were appended, with flags and date', async () => {
			const session = await open();
			const path = await newFolder(session);
			const raw = Buffer.concat([
				mail({ subject: 'byte' }),
				Buffer.from([0x80, 0xff, 0x2e, 0x0d, 0x0a]),
			]);
			const at = new Date('2026-03-04T05:06:07.000Z');
			const { uid, uidValidity } = await session.append(path, raw, { flags: ['\\Seen'], at });
			const folder = await session.open(path, { readOnly: true });
			expect(folder.uidValidity).toBe(uidValidity);
			const message = await folder.fetch(uid ?? 0);
			expect(message?.raw.equals(raw)).toBe(true);
			expect(message).toMatchObject({ uid, size: raw.length, receivedAt: at });
			expect(message?.flags).toContain('\\Seen');
			const end = raw.indexOf('\r\n\r\n') + 4;
			expect(message?.headers.toString('latin1')).toBe(raw.toString('latin1', 0, end));
		});

		it('scans in ascending order and leaves missing UIDs out', async () => {
			const session = await open();
			const path = await newFolder(
				session,
				[1, 2, 3].map((n) => mail({ subject: `n${n}` })),
			);
			const folder = await session.open(path, { readOnly: true });
			const scanned = await folder.scan([3, 99, 1, 3]);
			expect(scanned.map(({ uid }) => uid)).toEqual([1, 3]);
			expect(scanned[0]?.headers.toString()).toContain('Subject: n1');
			expect(await folder.fetch(99)).toBeUndefined();
		});

		it('reads more messages than fit one window, each once', async () => {
			const session = await open();
			const count = 520;
			const path = await folderOf(session, count);
			const folder = await session.open(path, { readOnly: true });
			const scanned = await folder.scan(await folder.search({}));
			expect(scanned.map(({ uid }) => uid)).toEqual(Array.from({ length: count }, (_, n) => n + 1));
		});

		it.each([
			['by subject', { subject: 'Fattura' }, [1]],
			['by a subject that is not ASCII', { subject: 'perché' }, [3]],
			['by a part of a header', { header: { 'X-Riferimento-Message-ID': 'pec1.abc.' } }, [2]],
			['by sender', { from: 'mittente@' }, [1, 2, 3]],
			['by size, both ends excluded', { larger: 10, smaller: 100_000 }, [1, 2, 3]],
			['by UIDs', { uid: '2:3' }, [2, 3]],
			['above the last UID, which the server answers with the last one', { uid: '4:*' }, []],
			['from the last UID on', { uid: '3:*' }, [3]],
			['by two criteria at once', { subject: 'Fattura', uid: '2:*' }, []],
			['by day received, from that day on', { since: new Date('2026-01-01T15:00:00Z') }, [2, 3]],
			['by day received, before that day', { before: new Date('2026-01-01T15:00:00Z') }, [1]],
			['what is unread', { seen: false }, [1, 3]],
			['nothing given: all', {}, [1, 2, 3]],
		])('searches %s', async (_, criteria, expected) => {
			const session = await open();
			const path = await newFolder(session);
			const day = (text: string) => new Date(`${text}T12:00:00.000Z`);
			await session.append(path, mail({ subject: 'Fattura 1' }), { at: day('2025-12-31') });
			const reference = 'X-Riferimento-Message-ID: <pec1.abc.def.1@pec.alfa.test>\r\n';
			await session.append(path, mail({ subject: 'Ricevuta', headers: reference }), {
				at: day('2026-01-01'),
				flags: ['\\Seen'],
			});
			await session.append(path, mail({ subject: '=?utf-8?Q?perch=C3=A9?=' }), {
				at: day('2026-01-02'),
			});
			const folder = await session.open(path, { readOnly: true });
			expect(await folder.search(criteria)).toEqual(expected);
		});

		it('fetches a named part of many messages without the message inside one of them', async () => {
			const session = await open();
			const receipt = receiptMail({
				type: 'accettazione',
				originalId: 'a@b',
				recipient: 'r@pec.beta.test',
				providerId: 'opec1',
			});
			const forwarded = Buffer.concat([
				Buffer.from(
					'From: a@b\r\nSubject: i\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="o"\r\n\r\n' +
						'--o\r\nContent-Type: message/rfc822; name="postacert.eml"\r\n\r\n',
				),
				receipt,
				Buffer.from('\r\n--o--\r\n'),
			]);
			const path = await newFolder(session, [receipt, forwarded, mail({ subject: 'senza' })]);
			const folder = await session.open(path, { readOnly: true });
			const parts = await folder.fetchNamedParts([1, 2, 3], 'DATICERT.XML');
			expect([...parts.keys()]).toEqual([1]);
			expect(parts.get(1)?.toString()).toContain('<identificativo>opec1</identificativo>');
		});

		it('removes only the UIDs named, not what somebody else marked as deleted', async () => {
			const session = await open();
			const path = await newFolder(
				session,
				[1, 2, 3].map((n) => mail({ subject: `d${n}` })),
			);
			const other = await anotherProgram();
			await other.mailboxOpen(path);
			await other.messageFlagsAdd('2', ['\\Deleted'], { uid: true });
			const folder = await session.open(path, { readOnly: false });
			expect(await folder.remove([1, 77])).toEqual({ deleted: [1], remaining: [] });
			expect(await folder.search({})).toEqual([2, 3]);
			const [marked] = await folder.scan([2]);
			expect(marked?.flags).toContain('\\Deleted');
		});

		it('says what remains when nothing may be removed (opened read-only)', async () => {
			const session = await open();
			const path = await newFolder(session, [mail({ subject: 'resta' })]);
			const folder = await session.open(path, { readOnly: true });
			expect(await folder.remove([1])).toEqual({ deleted: [], remaining: [1] });
		});

		it('refuses a folder handle after another folder was opened', async () => {
			const session = await open();
			const path = await newFolder(session, [mail({ subject: 'x' })]);
			const folder = await session.open(path, { readOnly: true });
			await session.open('INBOX', { readOnly: true });
			await expect(folder.fetch(1)).rejects.toMatchObject({ code: 'folderChanged' });
		});

		it('sees a folder that was made anew as another one', async () => {
			const session = await open();
			const path = await newFolder(session, [mail({ subject: 'vecchio' })]);
			const before = await session.open(path, { readOnly: true });
			await session.open('INBOX', { readOnly: true });
			const other = await anotherProgram();
			await other.mailboxDelete(path);
			await other.mailboxCreate(path);
			const after = await session.open(path, { readOnly: true });
			expect(after.uidValidity).not.toBe(before.uidValidity);
			await expect(before.search({})).rejects.toMatchObject({ code: 'folderChanged' });
		});

		it('says that a folder is missing, naming it, and goes on working', async () => {
			const session = await open();
			const failure = { code: 'folderMissing', message: 'The folder "Manca" does not exist' };
			await expect(session.open('Manca', { readOnly: true })).rejects.toMatchObject(failure);
			await expect(session.append('Manca', mail({ subject: 'x' }))).rejects.toMatchObject(failure);
			expect((await session.open('INBOX', { readOnly: true })).path).toBe('INBOX');
		});

		it.each([
			['that is refreshed', async (folder: OpenFolder) => await folder.refresh()],
			[
				'that is opened again',
				async (folder: OpenFolder, session: ImapSession) =>
					await session.open(folder.path, { readOnly: true }),
			],
		])('sees the new state of a folder %s', async (_, look) => {
			const session = await open();
			const path = await newFolder(session);
			const folder = await session.open(path, { readOnly: true });
			expect(folder).toMatchObject({ messages: 0, uidNext: 1 });
			const other = await anotherProgram();
			await other.append(path, mail({ subject: 'nuovo' }));
			expect(await look(folder, session)).toMatchObject({ messages: 1, uidNext: 2 });
		});

		it('wakes when a message arrives, and when one leaves', async () => {
			const session = await open();
			const path = await newFolder(session);
			const folder = await session.open(path, { readOnly: true });
			const other = await anotherProgram();
			await other.mailboxOpen(path);
			for (const change of [
				async () => await other.append(path, mail({ subject: 'arriva' })),
				async () => await other.messageDelete('1', { uid: true }),
			]) {
				const news = folder.waitForNews({ maxMs: 20_000, pollMs: 20_000 });
				await change();
				expect(await news).toBe('news');
			}
		});

		it('does not sleep through what arrived between two waits', async () => {
			const session = await open();
			const path = await newFolder(session);
			const folder = await session.open(path, { readOnly: true });
			const other = await anotherProgram();
			await other.append(path, mail({ subject: 'prima' }));
			await folder.refresh();
			expect(await folder.waitForNews({ maxMs: 20_000, pollMs: 20_000 })).toBe('news');
			expect(await folder.waitForNews({ maxMs: 1, pollMs: 1 })).toBe('quiet');
		});

		it('gives what arrived, a small message whole and of a large one the header', async () => {
			const session = await open();
			const path = await newFolder(session);
			const folder = await session.open(path, { readOnly: true });
			const other = await anotherProgram();
			expect(await folder.arrivals(0)).toBeUndefined();
			const small = mail({ subject: 'piccolo' });
			for (const [index, raw] of [
				small,
				mail({ subject: 'grande', body: 'riga\r\n'.repeat(20_000) }),
				mail({ subject: 'intestazione', headers: `X-Lunga: ${'x '.repeat(40_000)}\r\n` }),
			].entries()) {
				const news = folder.waitForNews({ maxMs: 20_000, pollMs: 20_000 });
				await other.append(path, raw);
				await news;
				const [scanned] = await folder.scan([index + 1]);
				const arrived = await folder.arrivals(index);
				if (index === 2) expect(arrived).toBeUndefined();
				else expect(arrived).toEqual([{ ...scanned, ...(raw === small ? { raw } : {}) }]);
			}
		});

		it('leaves it to a search where numbers are missing, or more came than fits one request', async () => {
			const session = await open();
			const path = await newFolder(session);
			const folder = await session.open(path, { readOnly: true });
			const other = await anotherProgram();
			const [gone, stays, ...more] = Array.from({ length: 7 }, (_, n) =>
				mail({ subject: `n${n}` }),
			);
			await other.mailboxOpen(path);
			for (const raw of [gone, stays]) if (raw) await other.append(path, raw);
			await other.messageDelete('1', { uid: true });
			await folder.refresh();
			await folder.waitForNews({ maxMs: 20_000, pollMs: 20_000 });
			expect(await folder.arrivals(0)).toBeUndefined();
			for (const raw of more) await other.append(path, raw);
			await folder.refresh();
			await folder.waitForNews({ maxMs: 20_000, pollMs: 20_000 });
			expect(await folder.arrivals(2)).toBeUndefined();
		});

		it('is quiet after the longest wait, and can still be used', async () => {
			const folder = await (await open()).open('INBOX', { readOnly: true });
			expect(await folder.waitForNews({ maxMs: 30, pollMs: 10 })).toBe('quiet');
			expect(await folder.search({ subject: 'nothing has this' })).toEqual([]);
		});

		it('ends a wait when the caller aborts it', async () => {
			const folder = await (await open()).open('INBOX', { readOnly: true });
			const stop = new AbortController();
			const news = folder.waitForNews({ maxMs: 20_000, pollMs: 20_000, signal: stop.signal });
			stop.abort();
			await expect(news).rejects.toMatchObject({ code: 'cancelled' });
			expect(await folder.search({ subject: 'nothing has this' })).toEqual([]);
		});

		it('does not lose another request while it waits for news', async () => {
			const session = await open();
			const folder = await session.open('INBOX', { readOnly: true });
			const news = folder.waitForNews({ maxMs: 300, pollMs: 100 });
			expect((await session.listFolders()).length).toBeGreaterThan(2);
			expect(await news).toBe('quiet');
		});

		it('refuses to store in a full mailbox', async () => {
			const session = await open(running().full);
			const large = mail({ subject: 'grande', body: 'x'.repeat(4_000) });
			await expect(session.append('INBOX', large)).rejects.toMatchObject({ code: 'overQuota' });
			expect((await session.quota())?.limit).toBe(1024);
		});

		it('adds up the sizes of folders', async () => {
			const session = await open();
			const raw = mail({ subject: 'peso' });
			const path = await newFolder(session, [raw, raw]);
			const { source, folders: sizes } = await session.folderSizes();
			expect(source).toBe('status');
			expect(sizes).toContainEqual({ path, messages: 2, size: 2 * raw.length });
		});

		it('tells a wrong password without repeating it', async () => {
			const failure = openImap({ ...running().studio, password: 'segreta-sbagliata' });
			await expect(failure).rejects.toMatchObject({ code: 'authRefused', retry: 'never' });
			const told = await failure.catch((error: unknown) => JSON.stringify(error) + String(error));
			expect(told).not.toContain('segreta-sbagliata');
			expect(told).not.toContain(running().studio.address);
		});

		it('says when the connection is gone', async () => {
			const session = await open();
			const folder = await session.open('INBOX', { readOnly: true });
			await session.close();
			await session.closed;
			await expect(folder.search({})).rejects.toMatchObject({ code: 'connectionLost' });
		});
	});
});
