import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { RECORDS_FOLDER } from '../../nodes/account/records.ts';
import { RecordsFolder } from '../../nodes/account/recordsFolder.ts';
import { WatchJournal, watchTag } from '../../nodes/account/watchJournal.ts';
import { openImap } from '../../nodes/mail/imap.ts';
import { MailError } from '../../nodes/mail/errors.ts';
import type { ImapSession } from '../../nodes/mail/types.ts';
import { MAIL_SERVERS, titleOf, type RunningMailServer } from '../servers/mailServers.ts';

const FIRST = { times: 1, failures: 0 };
const INBOX = { uidValidity: '7', lastUid: 3 };

describe.each(MAIL_SERVERS)('what a trigger remembers', (server) => {
	describe.skipIf(server.missing !== undefined)(titleOf(server), () => {
		let running: RunningMailServer;
		let imap: ImapSession;
		let watches = 0;
		let tag: string;

		beforeAll(async () => {
			running = await server.start();
		});
		afterAll(async () => await running?.stop());
		beforeEach(async () => {
			imap = await openImap(running.studio);
			watches += 1;
			tag = watchTag([server.name, String(watches)]);
		});
		afterEach(async () => await imap.close());

		const journalOf = (account = running.studio.address) =>
			new WatchJournal({ account, tag, now: () => new Date() });

		async function read(): Promise<WatchJournal> {
			const journal = journalOf();
			await journal.load(imap);
			return journal;
		}

		const recordsOf = async () => {
			const folder = await imap.open(RECORDS_FOLDER, { readOnly: true });
			return (await folder.search({ subject: tag })).length;
		};

		it('is known to the next process, and to no other trigger', async () => {
			const journal = await read();
			journal.note({ since: '2026-03-01T10:00:00.000Z', folders: { INBOX } });
			journal.note({ offers: { a: { times: 1, failures: 0 }, b: { times: 2, failures: 1 } } });
			journal.note({ settled: ['a'] });
			expect(await journal.flush()).toBe('stored');
			const { state } = await read();
			expect(state.since).toBe('2026-03-01T10:00:00.000Z');
			expect(Object.fromEntries(state.folders)).toEqual({ INBOX });
			expect([...state.settled]).toEqual(['a']);
			expect(Object.fromEntries(state.offers)).toEqual({ b: { times: 2, failures: 1 } });
			tag = watchTag(['another']);
			expect((await read()).state.since).toBeUndefined();
		});

		it('is one record for what was noted together, and none for nothing', async () => {
			const journal = await read();
			journal.note({ settled: ['a'] });
			journal.note({ settled: ['b'] });
			await journal.flush();
			await journal.flush();
			expect(await recordsOf()).toBe(1);
		});

		it('is joined into one record when there are a hundred, and loses nothing', async () => {
			const journal = await read();
			for (let event = 0; event < 100; event += 1) {
				journal.note({ settled: [`event ${event}`] });
				await journal.flush();
			}
			const joined = await read();
			expect(joined.state.settled.size).toBe(100);
			expect(await recordsOf()).toBe(1);
			expect((await read()).state.settled.size).toBe(100);
		});

		it('is joined while it is written, without a new connection', async () => {
			const journal = await read();
			for (let event = 0; event < 110; event += 1) {
				journal.note({ settled: [`event ${event}`] });
				await journal.flush();
			}
			expect(await recordsOf()).toBe(11);
			expect((await read()).state.settled.size).toBe(110);
		});

		const journalFor = async (self: string) => {
			const account = running.studio.address;
			const journal = new WatchJournal({ account, tag, now: () => new Date(), self });
			await journal.load(imap);
			return journal;
		};

		it('is read by another process when it looks, with what is asked and answered', async () => {
			const [one, other] = [await journalFor('one'), await journalFor('other')];
			one.talk.ask('question');
			one.note({ here: ['one'], asks: { question: ['a', 'b'] } });
			one.note({ here: ['one'], settled: ['c'] });
			await one.flush();
			await other.look();
			expect(other.state.settled.has('c')).toBe(true);
			const question = { from: 'one', tags: ['a', 'b'] };
			expect([...other.talk.questions]).toEqual([['question', question]]);
			other.note({ here: ['other'], answers: { question: ['b'] }, offers: { b: FIRST } });
			await other.flush();
			await one.look();
			expect(Object.fromEntries(one.talk.answers.get('question') ?? [])).toEqual({ other: ['b'] });
			expect(one.talk.offered.get('b')).toBe(other.latestUid);
			expect([...one.state.watchers]).toEqual(['one', 'other']);
			// What was asked before a process was there was not put to it.
			expect((await journalFor('third')).talk.questions.size).toBe(0);
		});

		it('is not joined while another process may have to read it, and is when that one is gone', async () => {
			const journal = await journalFor('one');
			journal.note({ here: ['one', 'other'] });
			for (let event = 0; event < 105; event += 1) {
				journal.note({ settled: [`event ${event}`] });
				await journal.flush();
			}
			expect(await recordsOf()).toBe(105);
			journal.note({ gone: ['other'] });
			await journal.flush();
			expect(await recordsOf()).toBe(1);
			expect([...(await read()).state.watchers]).toEqual(['one']);
		});

		it('is never joined at the cost of records of a folder that was made anew meanwhile', async () => {
			const journal = await read();
			for (let event = 0; event < 99; event += 1) {
				journal.note({ settled: [`event ${event}`] });
				await journal.flush();
			}
			const before = await imap.open(RECORDS_FOLDER, { readOnly: true });
			const seen = await before.search({ subject: tag });
			const records = new RecordsFolder(imap, {
				account: running.studio.address,
				now: () => new Date(),
			});
			// Nothing was read over this instance: what the numbers mean is not known.
			expect(await records.remove(seen)).toBe(false);
			expect(await recordsOf()).toBe(99);
		});

		it('is not lost for a record that somebody damaged', async () => {
			const journal = await read();
			journal.note({ settled: ['a'] });
			await journal.flush();
			const damaged = `Subject: n8n PEC record 1 watches <${tag}>\r\n\r\nno JSON\r\n`;
			await imap.append(RECORDS_FOLDER, Buffer.from(damaged));
			journal.note({ settled: ['b'] });
			await journal.flush();
			expect([...(await read()).state.settled]).toEqual(['a', 'b']);
		});

		it('is read where the mailbox is full, although its many records cannot be joined', async () => {
			const journal = journalOf();
			await journal.load({ ...imap, capabilities: new Set() });
			for (let event = 0; event < 100; event += 1) {
				journal.note({ settled: [`event ${event}`] });
				await journal.flush();
			}
			const refused = new MailError('overQuota', 'full', { whatToDo: 'make room', retry: 'later' });
			const noRoom: ImapSession = { ...imap, append: async () => await Promise.reject(refused) };
			const there = journalOf();
			await there.load(noRoom);
			expect(there.state.settled.size).toBe(100);
			expect(await recordsOf()).toBe(100);
		});

		it('begins by the clock of the server', async () => {
			const behind = new WatchJournal({
				account: running.studio.address,
				tag,
				now: () => new Date(Date.now() - 3_600_000),
			});
			await behind.load(imap);
			const now = Date.now();
			await behind.begin(new Date(now - 3_600_000));
			const since = Date.parse(behind.state.since ?? '');
			expect(Math.abs(since - now)).toBeLessThan(60_000);
		});

		it('stays in memory where the mailbox is full', async () => {
			const full = await openImap(running.full);
			const journal = journalOf(running.full.address);
			await journal.load(full);
			journal.note({ settled: Array.from({ length: 200 }, (_, index) => `event ${index}`) });
			expect(await journal.flush()).toBe('memory');
			expect(journal.hasPending).toBe(false);
			expect(journal.state.settled.size).toBe(200);
			await full.close();
		});
	});
});
