import { describe, expect, it } from 'vitest';

import { findMessages, type Sought } from '../../nodes/account/finding.ts';
import {
	cursorOf,
	pageMessages,
	positionOf,
	type PagedMessage,
	type PageOptions,
} from '../../nodes/account/messagePages.ts';
import { scanForMessage } from '../../nodes/account/mailbox.ts';
import { placedMessages } from '../../nodes/account/placedMessages.ts';
import { checkCopy } from '../../nodes/account/copies.ts';
import { openRecords } from '../../nodes/account/records.ts';
import { openImap } from '../../nodes/mail/imap.ts';
import type { ImapSession } from '../../nodes/mail/types.ts';
import { pecKeyOf } from '../../nodes/pec/pecKey.ts';
import { start } from '../../sandbox/index.ts';
import { mailboxDesk } from '../mail/mailboxDesk.ts';
import { mail, receiptMail } from '../servers/mails.ts';
import { MAIL_SERVERS, STUDIO, titleOf } from '../servers/mailServers.ts';
import { WITHHOLDING, withholding } from './withholding.ts';

const account = STUDIO;
const now = () => new Date('2026-06-01T10:00:00.000Z');

async function page(session: ImapSession, options: Partial<PageOptions>) {
	const found = [];
	const all = { account, folders: [], criteria: {}, keep: () => true, limit: Infinity };
	for await (const listed of pageMessages(session, { ...all, ...options })) {
		if ('withheld' in listed) throw new Error('the server gives them all');
		found.push(listed);
	}
	return found;
}

const uidsOf = (found: Awaited<ReturnType<typeof page>>) => found.map(({ mailbox }) => mailbox.uid);

const mails = (count: number) =>
	Array.from({ length: count }, (_, n) => mail({ subject: `n${n + 1}` }));

describe.each(MAIL_SERVERS)('messages page by page', (server) => {
	describe.skipIf(server.missing !== undefined)(titleOf(server), () => {
		const { open, newFolder, folderOf } = mailboxDesk(server);

		it('come once each, whatever arrives and leaves between two pages', async () => {
			const session = await open();
			const folders = [await newFolder(session, mails(5)), await newFolder(session, mails(4))];
			const seen: string[] = [];
			let after: PageOptions['after'];
			for (let pages = 0; ; pages += 1) {
				expect(pages).toBeLessThan(10);
				const found = await page(session, { folders, limit: 2, ...(after ? { after } : {}) });
				seen.push(...found.map(({ mailbox }) => cursorOf(mailbox)));
				const last = found.at(-1)?.mailbox;
				if (!last || found.length < 2) break;
				after = positionOf(cursorOf(last));
				await session.append(folders[0] ?? '', mail({ subject: 'nuovo' }));
				const folder = await session.open(last.folder, { readOnly: false });
				await folder.remove([last.uid]);
			}
			const uids = seen.map((cursor) => positionOf(cursor)?.uid);
			expect(uids).toEqual([5, 4, 3, 2, 1, 4, 3, 2, 1]);
		});

		it('begin where the filter leaves most of them out', async () => {
			const session = await open();
			const path = await folderOf(session, 450);
			const keep: PageOptions['keep'] = ({ message }) => message.uid % 150 === 1;
			expect(uidsOf(await page(session, { folders: [path], limit: 2, keep }))).toEqual([301, 151]);
		});

		describe.each(WITHHOLDING)('around one that the server %s', (how) => {
			it('come all the same, and it is named in its place', async () => {
				const session = await open();
				const path = await newFolder(session, mails(4));
				const { uidValidity } = await session.open(path, { readOnly: true });
				const limited = withholding(session, how, { path, uids: [2] });
				const all = { account, folders: [path], criteria: {}, keep: () => true };
				const paged: PagedMessage[] = [];
				for await (const each of pageMessages(limited, { ...all, limit: 3 })) paged.push(each);
				expect(paged).toMatchObject([
					{ mailbox: { uid: 4 } },
					{ mailbox: { uid: 3 } },
					{ withheld: { folder: path, uidValidity, uid: 2 } },
				]);
			});

			it('are all of a folder, and it is named', async () => {
				const session = await open();
				const path = await newFolder(session, mails(4));
				const limited = withholding(session, how, { path, uids: [2] });
				const found = await placedMessages(limited, { account, folder: path, criteria: {} });
				expect(found.placed.map(({ place }) => place.uid).sort()).toEqual([1, 3, 4]);
				expect(found.withheld).toEqual([{ folder: path, uid: 2 }]);
			});

			it('are found by their key, and it is not taken for gone', async () => {
				const session = await open();
				const [one, two] = [mail({ subject: `1 ${how}` }), mail({ subject: `2 ${how}` })];
				const path = await newFolder(session, [one, two]);
				const limited = withholding(session, how, { path, uids: [2] });
				const keyOf = (raw: Buffer) => pecKeyOf(raw, raw.length);
				const sought = { pecKey: keyOf(one), folder: path };
				expect(await scanForMessage(limited, sought)).toMatchObject({ message: { uid: 1 } });
				await expect(
					scanForMessage(limited, { pecKey: keyOf(two), folder: path }),
				).rejects.toMatchObject({
					code: 'refused',
					message: expect.stringContaining('message 2 '),
				});
			});

			it('are an outage where it gives none of several', async () => {
				const session = await open();
				const path = await newFolder(session, mails(2));
				const limited = withholding(session, how, { path, uids: [1, 2] });
				for (const limit of [1, Infinity]) {
					await expect(page(limited, { folders: [path], limit })).rejects.toMatchObject({
						code: 'refused',
					});
				}
			});
		});

		it('are told by the time, not by the day', async () => {
			const session = await open();
			const path = await newFolder(session);
			for (const hour of [9, 11, 13]) {
				await session.append(path, mail({ subject: `ore ${hour}` }), {
					at: new Date(Date.UTC(2026, 1, 3, hour)),
				});
			}
			const criteria = {
				since: new Date('2026-02-03T10:00:00.000Z'),
				before: new Date('2026-02-03T12:00:00.000Z'),
			};
			expect(uidsOf(await page(session, { folders: [path], criteria }))).toEqual([2]);
		});

		it('cannot go on in a folder that was numbered anew', async () => {
			const session = await open();
			const path = await newFolder(session, mails(2));
			const after = { folder: path, uidValidity: '1', uid: 2 };
			await expect(page(session, { folders: [path], after })).rejects.toMatchObject({
				code: 'folderChanged',
			});
			await expect(page(session, { folders: ['INBOX'], after })).rejects.toMatchObject({
				whatToDo: expect.stringContaining('same folders'),
			});
		});

		it('are found in the mailbox, and after they left it by the record of their copy', async () => {
			const session = await open();
			const records = await openRecords(session, { account, now });
			const raw = receiptMail({
				type: 'avvenuta-consegna',
				originalId: `cercata.${server.name.length}@pec.alfa.test`,
				recipient: 'cercato@pec.beta.test',
				providerId: 'opec.cercata',
			});
			const pecKey = pecKeyOf(raw, raw.length);
			const path = await newFolder(session, [raw]);
			const look = async (sought: Sought) => {
				const found = [];
				const options = { account, limit: 10 };
				for await (const each of findMessages(session, records, sought, options)) found.push(each);
				return found;
			};
			const ways: Sought[] = [
				{ pecKey },
				{ messageId: `cercata.${server.name.length}@pec.alfa.test` },
				{ subject: 'ricevuta: PROVA', correspondent: 'posta-certificata@' },
			];
			for (const sought of ways) {
				const found = (await look(sought)).filter(
					(one) => 'listed' in one && one.listed.pecKey === pecKey,
				);
				expect(found).toMatchObject([{ where: 'mailbox', listed: { mailbox: { folder: path } } }]);
			}
			const check = await checkCopy(
				session,
				{ pecKey, bytes: raw, location: 'imap:archivio@studio.test/PEC' },
				{ trust: { issuers: [] }, now: now() },
			);
			if (check.result !== 'equal') throw new Error('the copy is not equal');
			await records.writeCopies([check.record]);
			const folder = await session.open(path, { readOnly: false });
			await folder.remove([1]);
			const { uidValidity } = folder;
			const { sha256 } = check.record;
			const place = { pecKey, sha256, folder: path, uid: 1, uidValidity };
			const deletion = { ...place, deletedAt: now().toISOString(), hash: 'h' };
			await records.cleanUps.writeDeletions([deletion]);
			for (const sought of [...ways, { correspondent: 'CERCATO@' }]) {
				const found = (await look(sought)).filter(
					(one) => 'copy' in one && one.copy?.pecKey === pecKey,
				);
				expect(found).toMatchObject([
					{
						where: 'copy',
						copy: { location: 'imap:archivio@studio.test/PEC', level: 'checked' },
						deleted: { folder: path, deletedAt: now().toISOString() },
					},
				]);
			}
			expect(await look({ subject: 'mai scritto' })).toEqual([]);
		});
	});
});

describe('a server that refuses a search', () => {
	it('is asked for less, and the rest is looked at here', async () => {
		const sandbox = await start();
		const studio = sandbox.accounts.find(({ address }) => address === STUDIO);
		const session = await openImap(
			{
				address: STUDIO,
				user: studio?.user ?? '',
				password: studio?.password ?? '',
				imap: sandbox.imap,
				tlsCa: sandbox.tlsCa,
			},
			{ timeoutMs: 10_000 },
		);
		try {
			for (const subject of ['Avviso', 'Altro', 'avviso due']) {
				await session.append('INBOX', mail({ subject }));
			}
			const rule = sandbox.faults.add({
				at: 'imap.command',
				command: 'UID SEARCH',
				action: { do: 'answer', status: 'NO', code: 'BADCHARSET' },
			});
			const criteria = { subject: 'AVVISO', from: 'mittente@' };
			expect(uidsOf(await page(session, { folders: ['INBOX'], criteria }))).toEqual([3, 1]);
			expect(rule.fired).toBe(1);
		} finally {
			await session.close();
			await sandbox.stop();
		}
	});
});
