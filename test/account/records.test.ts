import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { isRecordsFolder, openRecords, RECORDS_FOLDER } from '../../nodes/account/records.ts';
import { openImap } from '../../nodes/mail/imap.ts';
import { MailError } from '../../nodes/mail/errors.ts';
import type { ImapSession, OpenFolder } from '../../nodes/mail/types.ts';
import { mailingTag, messageIdOf } from '../../nodes/pec/batch.ts';
import type { CopyRecord } from '../../nodes/pec/types.ts';
import { mail } from '../servers/mails.ts';
import { MAIL_SERVERS, STUDIO, titleOf, type RunningMailServer } from '../servers/mailServers.ts';

const at = '2026-02-01T10:00:00.000Z';
const now = () => new Date(at);
const account = STUDIO;

function rowOf(mailing: string, recipient: string) {
	const row = { recipient, rowKey: 'p/1', attempt: 1 };
	return { row, messageId: messageIdOf({ account, mailing, row }) };
}

function copyOf(pecKey: string): CopyRecord {
	return {
		pecKey,
		sha256: 'a'.repeat(64),
		size: 7,
		location: 'archivio/perché.eml',
		checkedAt: at,
		method: 'readBack',
		level: 'checked',
		kind: 'receipt',
	};
}

describe.each(MAIL_SERVERS)('the records of a mailbox', (server) => {
	describe.skipIf(server.missing !== undefined)(titleOf(server), () => {
		let running: RunningMailServer;
		let imap: ImapSession;
		let mailings = 0;
		let mailing: string;

		beforeAll(async () => {
			running = await server.start();
		});
		afterAll(async () => await running?.stop());
		beforeEach(async () => {
			imap = await openImap(running.studio);
			mailings += 1;
			mailing = `Avvisi ${mailings} è già`;
		});
		afterEach(async () => await imap.close());

		it('know nothing of a mailbox without the folder, and do not create it by reading', async () => {
			const other = await openImap(running.full);
			const records = await openRecords(other, { account: running.full.address, now });
			expect(await records.readMailing('x')).toEqual([]);
			expect((await records.readCopies()).size).toBe(0);
			expect((await other.listFolders()).map(({ path }) => path)).not.toContain(RECORDS_FOLDER);
			await other.close();
		});

		it('give back intents and results of a row in the order they were written', async () => {
			const records = await openRecords(imap, { account, now });
			const [one, two] = [rowOf(mailing, 'a@pec.beta.test'), rowOf(mailing, 'b@pec.beta.test')];
			const deferred = {
				verdict: 'deferred',
				at,
				smtp: { code: 451, response: '451 later è' },
			} as const;
			const submitted = {
				verdict: 'submitted',
				at,
				smtp: { code: 250, response: '250 ok' },
			} as const;
			const later = '2026-02-01T11:00:00.000Z';
			await records.writeSubmissions(mailing, { intents: [{ ...one, at }], results: [] });
			await records.writeSubmissions(mailing, {
				intents: [{ ...two, at }],
				results: [{ ...one, submission: deferred }],
			});
			const again = { intents: [{ ...one, at: later }], results: [] };
			// As after an answer that was lost.
			for (let times = 0; times < 2; times += 1) await records.writeSubmissions(mailing, again);
			await records.writeSubmissions(mailing, {
				intents: [],
				results: [{ ...one, submission: submitted }],
			});
			const expected = [
				{ ...one, intents: [at, later], results: [deferred, submitted] },
				{ ...two, intents: [at], results: [] },
			];
			expect(await records.readMailing(mailing)).toEqual(expected);
			const elsewhere = await openRecords(await reconnected(), { account, now });
			expect(await elsewhere.readMailing(mailing)).toEqual(expected);
			expect(await elsewhere.readMailing(`${mailing} 2`)).toEqual([]);
			expect(await elsewhere.readAllRows()).toEqual(expect.arrayContaining(expected));
		});

		it('tell two runs apart that began a row in the same millisecond', async () => {
			const records = await openRecords(imap, { account, now });
			const one = rowOf(mailing, 'a@pec.beta.test');
			const deferred = { verdict: 'deferred', at } as const;
			await records.writeSubmissions(mailing, {
				intents: [{ ...one, at, run: 'a' }],
				results: [],
			});
			await records.writeSubmissions(mailing, {
				intents: [{ ...one, at, run: 'b' }],
				results: [{ ...one, submission: deferred }],
			});
			const [row] = await records.readMailing(mailing);
			expect(row).toMatchObject({ intents: [at, at], results: [deferred] });
		});

		async function reconnected(): Promise<ImapSession> {
			await imap.close();
			imap = await openImap(running.studio);
			return imap;
		}

		it('see what another program wrote since they were last read', async () => {
			const records = await openRecords(imap, { account, now });
			const row = rowOf(mailing, 'a@pec.beta.test');
			expect(await records.readMailing(mailing)).toEqual([]);
			const other = await openImap(running.studio);
			await (
				await openRecords(other, { account, now })
			).writeSubmissions(mailing, { intents: [{ ...row, at }], results: [] });
			await other.close();
			expect(await records.readMailing(mailing)).toEqual([{ ...row, intents: [at], results: [] }]);
		});

		it('are small messages already read, with the mailing in their subject', async () => {
			const records = await openRecords(imap, { account, now });
			await records.writeSubmissions(mailing, {
				intents: [{ ...rowOf(mailing, 'a@pec.beta.test'), at }],
				results: [],
			});
			const folder = await imap.open(RECORDS_FOLDER, { readOnly: true });
			const [uid = 0] = await folder.search({ subject: mailingTag({ account, mailing }) });
			const message = await folder.fetch(uid);
			expect(message?.flags).toContain('\\Seen');
			expect(message?.receivedAt).toEqual(now());
			const text = message?.raw.toString('latin1') ?? '';
			expect(text).toContain(
				`Subject: n8n PEC record 1 submissions <${mailingTag({ account, mailing })}>\r\n`,
			);
			expect(text).toContain('Content-Type: application/json; charset=utf-8');
			expect(text).toContain('Content-Transfer-Encoding: base64');
			expect(text).not.toContain('a@pec.beta.test');
		});

		it('keep copies, the latest of each message, however many there are', async () => {
			const records = await openRecords(imap, { account, now });
			const many = Array.from({ length: 450 }, (_, n) => copyOf(`${mailings}-${n}`));
			await records.writeCopies(many);
			await records.writeCopies([{ ...copyOf(`${mailings}-3`), location: 'altrove' }]);
			const copies = await records.readCopies();
			expect(many.every(({ pecKey }) => copies.has(pecKey))).toBe(true);
			expect(copies.get(`${mailings}-3`)?.location).toBe('altrove');
			expect(copies.get(`${mailings}-4`)).toEqual(many[4]);
		});

		it('keep a copy whose subject is endless', async () => {
			const records = await openRecords(imap, { account, now });
			const endless = { ...copyOf(`endless-${mailings}`), subject: 'x'.repeat(900_000) };
			await records.writeCopies([
				copyOf(`before-${mailings}`),
				endless,
				copyOf(`after-${mailings}`),
			]);
			const elsewhere = await openRecords(await reconnected(), { account, now });
			const copies = await elsewhere.readCopies();
			expect(copies.get(endless.pecKey)).toEqual(endless);
			expect(copies.has(`after-${mailings}`)).toBe(true);
		});

		describe('of clean-ups', () => {
			const placed = (uid: number) => ({
				pecKey: `d-${mailings}-${uid}`,
				sha256: 'b'.repeat(64),
				location: 'x',
				folder: 'INBOX',
				uid,
				uidValidity: '7',
			});
			const elsewhere = async () =>
				(await openRecords(await reconnected(), { account, now })).cleanUps;

			it('keep what is about to be deleted until it is settled', async () => {
				const { cleanUps } = await openRecords(imap, { account, now });
				const uid = await cleanUps.writePlanned([placed(1), placed(2)]);
				const other = await elsewhere();
				const [planned] = (await other.readPlanned()).filter((one) => one.uid === uid);
				expect(planned).toMatchObject({ entries: [placed(1), placed(2)] });
				await other.removePlanned([uid]);
				const left = await (await elsewhere()).readPlanned();
				expect(left.some((one) => one.uid === uid)).toBe(false);
			});

			it('keep deletions, all of them, the latest, or those after a record', async () => {
				const { cleanUps } = await openRecords(imap, { account, now });
				const entry = (uid: number) => ({
					...placed(uid),
					deletedAt: at,
					hash: `h${mailings}-${uid}`,
				});
				for (const uid of [1, 2, 3]) await cleanUps.writeDeletions([entry(uid)]);
				const all = await (await elsewhere()).readDeletions();
				expect(all.slice(-3).map(({ deletions }) => deletions)).toEqual([
					[entry(1)],
					[entry(2)],
					[entry(3)],
				]);
				const latest = await (await elsewhere()).readDeletions({ latest: 2 });
				expect(latest.flatMap(({ deletions }) => deletions)).toEqual([entry(2), entry(3)]);
				const above = await (await elsewhere()).readDeletions({ above: latest[0]?.uid ?? 0 });
				expect(above.flatMap(({ deletions }) => deletions)).toEqual([entry(3)]);
			});

			it('keep what a person closed', async () => {
				const { cleanUps } = await openRecords(imap, { account, now });
				const closed = {
					messageId: `<m${mailings}@x>`,
					note: 'Sentito: è a posto',
					at,
					failures: ['k-1'],
					closesAwaited: false,
				};
				await cleanUps.writeAcknowledgement(closed);
				expect(await (await elsewhere()).readAcknowledgements()).toContainEqual(closed);
			});

			it('hold room, and give it back', async () => {
				const { cleanUps } = await openRecords(imap, { account, now });
				await cleanUps.writeBallast(64 * 1024);
				const uids = await cleanUps.findBallast();
				const folder = await imap.open(RECORDS_FOLDER, { readOnly: true });
				const [size = 0] = (await folder.sizes(uids)).values();
				expect(uids).toHaveLength(1);
				expect(size).toBeGreaterThan(64 * 1024);
				expect(size).toBeLessThan(68 * 1024);
				expect(await cleanUps.removeBallast(uids)).toBe(true);
				expect(await cleanUps.findBallast()).toEqual([]);
			});
		});

		describe('refuse to go on with', () => {
			/** A message with the subject of a record of this mailing, or another. */
			async function put(options: {
				json?: string;
				subject?: string;
				body?: string;
			}): Promise<void> {
				const tag = mailingTag({ account, mailing });
				const { subject = `n8n PEC record 1 submissions <${tag}>`, json = '', body } = options;
				const headers =
					'Content-Disposition: attachment; filename="record.json"\r\nContent-Transfer-Encoding: base64\r\n';
				await imap.ensureFolder(RECORDS_FOLDER);
				await imap.append(
					RECORDS_FOLDER,
					mail({ subject, headers, body: body ?? Buffer.from(json).toString('base64') }),
				);
			}
			const good = () => ({ version: 1, type: 'submissions', mailing, intents: [], results: [] });
			const row = { recipient: 'a@b', rowKey: '', attempt: 1 };

			it.each([
				['what is no JSON', () => 'not json', 'unreadable'],
				['a list', () => '[]', 'unreadable'],
				[
					'a newer version in the JSON',
					() => JSON.stringify({ ...good(), version: 2 }),
					'newerVersion',
				],
				['no version', () => JSON.stringify({ ...good(), version: undefined }), 'unreadable'],
				[
					'another type than its subject says',
					() => JSON.stringify({ ...good(), type: 'copies' }),
					'unreadable',
				],
				[
					'another mailing than its subject says',
					() => JSON.stringify({ ...good(), mailing: 'x' }),
					'unreadable',
				],
				['no intents', () => JSON.stringify({ ...good(), intents: undefined }), 'unreadable'],
				[
					'an intent without a row',
					() => JSON.stringify({ ...good(), intents: [{ messageId: '<a>', at }] }),
					'unreadable',
				],
				[
					'a verdict it does not know',
					() =>
						JSON.stringify({
							...good(),
							results: [{ row, messageId: '<a>', submission: { verdict: 'perhaps', at } }],
						}),
					'unreadable',
				],
			])('%s', async (_, json, problem) => {
				await put({ json: json() });
				const records = await openRecords(imap, { account, now });
				await expect(records.readMailing(mailing)).rejects.toMatchObject({
					name: 'RecordsError',
					problem,
				});
			});

			it('a newer version whose subject it cannot read to the end', async () => {
				const tag = mailingTag({ account, mailing });
				await put({ subject: `n8n PEC record 2 submissions v2 <${tag}>`, json: '{}' });
				const records = await openRecords(imap, { account, now });
				await expect(records.readMailing(mailing)).rejects.toMatchObject({
					problem: 'newerVersion',
				});
			});

			it('nothing that is no record', async () => {
				await put({ subject: `un messaggio <${mailingTag({ account, mailing })}>`, json: 'x' });
				const records = await openRecords(imap, { account, now });
				expect(await records.readMailing(mailing)).toEqual([]);
			});

			// One entry without a hash stopped every clean-up of its mailbox.
			it('no record of deletions that is damaged: what it tells is done', async () => {
				const { cleanUps } = await openRecords(imap, { account, now });
				const tag = mailingTag({ account, mailing });
				const [kept, damaged] = ['kept', 'damaged'].map((pecKey) => ({
					pecKey: `${pecKey}-${tag}`,
					sha256: 'a'.repeat(64),
					folder: 'INBOX',
					uid: 7,
					uidValidity: '1',
					deletedAt: at,
				}));
				const deletions = [damaged];
				await put({
					subject: `n8n PEC record 1 deletions <${tag}>`,
					json: JSON.stringify({ version: 1, type: 'deletions', deletions }),
				});
				if (kept) await cleanUps.writeDeletions([{ ...kept, hash: 'h' }]);
				const read = (await cleanUps.readDeletions()).flatMap(({ deletions: each }) => each);
				expect(read.map(({ pecKey }) => pecKey).filter((key) => key.endsWith(tag))).toEqual([
					kept?.pecKey,
				]);
			});

			// For its pace a run reads the records of all mailings.
			it('no damaged record of another mailing', async () => {
				const records = await openRecords(imap, { account, now });
				const since = new Date('2026-02-01T09:00:00.000Z');
				const before = await records.readSentSince(since);
				await put({ json: JSON.stringify({ ...good(), intents: [{ messageId: '<a>', at: 7 }] }) });
				expect(await records.readSentSince(since)).toEqual(before);
			});

			afterEach(async () => {
				const folder = await imap.open(RECORDS_FOLDER, { readOnly: false });
				await folder.remove(await folder.search({ subject: mailingTag({ account, mailing }) }));
			});
		});

		it('say that they cannot be kept in a full mailbox', async () => {
			const full = await openImap(running.full);
			const records = await openRecords(full, { account: running.full.address, now });
			const long = Array.from({ length: 50 }, (_, n) => copyOf(`x-${n}`));
			await expect(records.writeCopies(long)).rejects.toMatchObject({ code: 'overQuota' });
			await full.close();
		});
	});
});

describe('records over a server that', () => {
	const tag = mailingTag({ account, mailing: 'Avvisi' });
	const json = { version: 1, type: 'submissions', mailing: 'Avvisi', intents: [], results: [] };
	const headers = Buffer.from(`Subject: n8n PEC record 1 submissions <${tag}>\r\n\r\n`);
	const scanned = { uid: 4, size: 9, flags: [], receivedAt: new Date(0), headers };

	function sessionThat(
		folder: Partial<OpenFolder>,
		session: Partial<ImapSession> = {},
	): ImapSession {
		const open: Partial<OpenFolder> = {
			uidValidity: '1',
			messages: 1,
			scan: async (uids) => (uids.includes(4) ? [scanned] : []),
			fetchMany: async (uids) => (uids.includes(4) ? [{ ...scanned, raw }] : []),
			...folder,
		};
		const fake: Partial<ImapSession> = {
			open: async () => open as OpenFolder,
			ensureFolder: async () => undefined,
			...session,
		};
		return fake as ImapSession;
	}
	const intent = { ...rowOf('Avvisi', 'a@pec.beta.test'), at };
	const body = Buffer.from(JSON.stringify({ ...json, intents: [intent] })).toString('base64');
	const raw = Buffer.concat([headers, Buffer.from(body)]);
	const refusal = new MailError('refused', 'no', { whatToDo: '', retry: 'later' });

	it.each([
		[
			'refuses to search subjects',
			async (criteria: object) => {
				if ('subject' in criteria) throw refusal;
				return [4];
			},
		],
		['never finds a subject', async (criteria: object) => ('subject' in criteria ? [] : [4])],
	])('%s are found by their headers', async (_, search) => {
		const records = await openRecords(sessionThat({ search }), { account, now });
		expect(await records.readMailing('Avvisi')).toMatchObject([{ messageId: intent.messageId }]);
	});

	it('refuses one search of several is no server without these records', async () => {
		const search = async (criteria: { subject?: string }) => {
			if (criteria.subject === 'record') return [4];
			if (criteria.subject !== undefined) throw refusal;
			return [];
		};
		const records = await openRecords(sessionThat({ search }), { account, now });
		await expect(records.readMailing('Avvisi')).rejects.toBe(refusal);
	});

	it('has indexed them all is not asked so again before something is added', async () => {
		const searched: object[] = [];
		const search = async (criteria: { subject?: string }) => {
			searched.push(criteria);
			return criteria.subject === undefined ? [] : [4];
		};
		const asked: number[] = [];
		let uidNext = 5;
		const open: ImapSession['open'] = async (path, options) =>
			await sessionThat({ search, uidNext }).open(path, options);
		const records = await openRecords(sessionThat({}, { open }), { account, now });
		for (uidNext of [5, 5, 6, 6]) {
			expect(await records.readMailing('Avvisi')).toHaveLength(1);
			asked.push(searched.splice(0).length);
		}
		expect(asked).toEqual([3, 1, 3, 1]);
	});

	it('finds subjects are not looked for in every header', async () => {
		const searched: object[] = [];
		const search = async (criteria: { subject?: string }) => {
			searched.push(criteria);
			return criteria.subject === 'record' ? [4] : [];
		};
		const records = await openRecords(sessionThat({ search }), { account, now });
		expect(await records.readMailing('Avvisi')).toEqual([]);
		expect(searched).not.toContainEqual({});
	});

	it('gives no number for what it stored are looked for, and missed when it kept nothing', async () => {
		const append = async () => ({});
		const kept = await openRecords(sessionThat({ search: async () => [4] }, { append }), {
			account,
			now,
		});
		await expect(kept.writeCopies([copyOf('x')])).resolves.toBeUndefined();
		const lost = await openRecords(sessionThat({ search: async () => [] }, { append }), {
			account,
			now,
		});
		await expect(lost.writeCopies([copyOf('x')])).rejects.toMatchObject({ problem: 'notStored' });
	});

	it('hides the body of a record stop everything', async () => {
		const session = sessionThat({
			search: async () => [4],
			fetchMany: async () => [],
		});
		const records = await openRecords(session, { account, now });
		await expect(records.readMailing('Avvisi')).rejects.toMatchObject({ problem: 'unreadable' });
	});
});

it.each([
	[RECORDS_FOLDER, true],
	[`INBOX.${RECORDS_FOLDER}`, true],
	[`Cestino/${RECORDS_FOLDER}`, true],
	['INBOX', false],
	[`${RECORDS_FOLDER} 2`, false],
])('%s is the folder of records: %s', (path, expected) => {
	expect(isRecordsFolder(path)).toBe(expected);
});
