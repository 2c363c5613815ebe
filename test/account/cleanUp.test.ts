import { createHash } from 'node:crypto';

import { ImapFlow } from 'imapflow';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { checkCopy } from '../../nodes/account/copies.ts';
import { deleteMessages, type DeletionRules } from '../../nodes/account/deletion.ts';
import { DeletionLog } from '../../nodes/account/deletionLog.ts';
import { receiptsOf, receiptsOfMailing } from '../../nodes/account/evidence.ts';
import { findMessage, getMessage, listMessages } from '../../nodes/account/mailbox.ts';
import { openRecords, RECORDS_FOLDER, type Records } from '../../nodes/account/records.ts';
import { Reserve } from '../../nodes/account/reserve.ts';
import { openImap } from '../../nodes/mail/imap.ts';
import type { ImapSession } from '../../nodes/mail/types.ts';
import { messageIdOf } from '../../nodes/pec/batch.ts';
import { pecKeyOf } from '../../nodes/pec/pecKey.ts';
import type { PurgeVerdict } from '../../nodes/pec/types.ts';
import { mail, receiptMail } from '../servers/mails.ts';
import { MAIL_SERVERS, STUDIO, titleOf, type RunningMailServer } from '../servers/mailServers.ts';

const account = STUDIO;
const now = () => new Date('2026-06-01T10:00:00.000Z');
/** When the messages arrived. */
const at = new Date('2026-05-01T10:00:00.000Z');
const trust = { issuers: [] };

const keyOf = (raw: Buffer) => pecKeyOf(raw, raw.length);

describe.each(MAIL_SERVERS)('messages of an account', (server) => {
	describe.skipIf(server.missing !== undefined)(titleOf(server), () => {
		let running: RunningMailServer;
		let imap: ImapSession;
		let records: Records;
		let path: string;
		let folders = 0;

		beforeAll(async () => {
			running = await server.start();
		});
		afterAll(async () => await running?.stop());
		beforeEach(async () => {
			imap = await openImap(running.studio);
			records = await openRecords(imap, { account, now });
			folders += 1;
			path = `Cartella ${folders}`;
			await imap.ensureFolder(path);
		});
		afterEach(async () => await imap.close());

		const unique = (subject: string) => mail({ subject: `${subject} ${folders}` });

		async function put(...mails: Buffer[]): Promise<void> {
			for (const raw of mails) await imap.append(path, raw, { at });
		}

		async function verdictFor(raw: Buffer, uid: number): Promise<PurgeVerdict> {
			const { uidValidity } = await imap.open(path, { readOnly: true });
			return {
				message: {
					pecKey: keyOf(raw),
					folder: path,
					uid,
					uidValidity,
					size: raw.length,
					receivedAt: at.toISOString(),
				},
				verdict: 'delete',
				blockedBy: [],
				copy: 'checked',
				seen: false,
			};
		}

		/** Copies a message as a storage would, and records the checked copy. */
		async function copied(raw: Buffer): Promise<void> {
			const check = await checkCopy(
				imap,
				{ pecKey: keyOf(raw), bytes: Buffer.from(raw), location: `archivio/${keyOf(raw)}` },
				{ trust, now: now() },
			);
			if (check.result !== 'equal') throw new Error('the copy is not equal');
			await records.writeCopies([check.record]);
		}

		async function remove(verdicts: PurgeVerdict[], rules: Partial<DeletionRules> = {}) {
			const log = new DeletionLog(records.cleanUps, new Reserve(imap, records.cleanUps));
			const usual = { copyRequired: 'checked', comparesBytes: false, keepUnverified: true, trust };
			return await deleteMessages(verdicts, {
				imap,
				records,
				log,
				now,
				rules: { ...usual, ...rules } as DeletionRules,
			});
		}

		async function left(): Promise<number[]> {
			return await (await imap.open(path, { readOnly: true })).search({});
		}

		describe('are listed', () => {
			const originalId = 'lista@pec.alfa.test';
			const receipt = (type: string, providerId: string) =>
				receiptMail({ type, originalId, recipient: 'r@pec.beta.test', providerId });

			it('newest first, with what headers and certification data say', async () => {
				const at = (day: number) => new Date(Date.UTC(2026, 0, day));
				await imap.append(path, receipt('accettazione', 'p1'), { at: at(1) });
				await imap.append(path, unique('posta'), { at: at(3) });
				await imap.append(path, receipt('avvenuta-consegna', 'p1'), { at: at(2) });
				const options = { account, folders: [path], criteria: {} };
				const all = await listMessages(imap, { ...options, limit: 10 });
				expect(all.map(({ headers }) => headers.kind)).toEqual(['ordinary', 'receipt', 'receipt']);
				expect(all[1]).toMatchObject({
					headers: { certification: { providerId: 'p1', deliveredTo: 'r@pec.beta.test' } },
					mailbox: { account, folder: path, uid: 3, receivedAt: at(2).toISOString() },
				});
				expect(await listMessages(imap, { ...options, limit: 1 })).toHaveLength(1);
				const acceptances = await listMessages(imap, {
					...options,
					limit: 10,
					kinds: ['receipt'],
					receiptTypes: ['acceptance'],
				});
				expect(acceptances.map(({ mailbox }) => mailbox.uid)).toEqual([1]);
			});

			it('and found by content wherever they were moved', async () => {
				const raw = unique('spostato');
				await put(raw);
				const moved = await getMessage(imap, { pecKey: keyOf(raw), folder: 'INBOX' }, { account });
				expect(moved.place).toMatchObject({ account, folder: path, uid: 1 });
				expect(moved.message.raw.equals(raw)).toBe(true);
				const missing = getMessage(imap, { pecKey: keyOf(unique('mai visto')) }, { account });
				await expect(missing).rejects.toMatchObject({ code: 'messageMissing' });
			});

			it('and by number only in the folder that gave the number', async () => {
				await put(unique('numero'));
				const reference = { folder: path, uid: 1, uidValidity: '1' };
				await expect(findMessage(imap, reference)).rejects.toMatchObject({ code: 'folderChanged' });
				expect(await findMessage(imap, { folder: path, uid: 9 })).toBeUndefined();
			});
		});

		describe('as evidence', () => {
			const mailing = 'Prove';
			const row = { recipient: 'r@pec.beta.test', rowKey: '', attempt: 1 };
			const messageId = messageIdOf({ account, mailing, row });
			const originalId = messageId.slice(1, -1);
			const receipt = (type: string, providerId: string) =>
				receiptMail({ type, originalId, recipient: row.recipient, providerId });

			it('are the receipts that name a mailing, in whatever folder, and not its envelope', async () => {
				const acceptance = receipt('accettazione', `a${folders}`);
				const envelope = mail({
					subject: 'POSTA CERTIFICATA: Avviso',
					headers: `X-Trasporto: posta-certificata\r\nX-Riferimento-Message-ID: <${originalId}>\r\n`,
				});
				const foreign = receiptMail({
					type: 'accettazione',
					originalId: 'altro@pec.alfa.test',
					recipient: row.recipient,
					providerId: 'x',
				});
				await put(envelope, acceptance, foreign);
				await imap.append('Archivio', receipt('avvenuta-consegna', `a${folders}`));
				const found = await receiptsOfMailing(imap, { account, mailing });
				const mine = found.filter(({ providerId }) => providerId === `a${folders}`);
				expect(mine.map(({ type, folder }) => [type, folder]).sort()).toEqual([
					['acceptance', path],
					['delivery', 'Archivio'],
				]);
				expect(mine[0]).toMatchObject({ originalMessageId: messageId, consistent: true });
				expect(found.some(({ originalMessageId }) => originalMessageId !== messageId)).toBe(false);
				const byId = await receiptsOf(imap, ['altro@pec.alfa.test'], { account });
				expect(byId).toMatchObject([{ providerId: 'x', folder: path }]);
			});

			it('count also after a clean-up, through the record of their copy', async () => {
				const acceptance = receipt('accettazione', `gone${folders}`);
				await put(acceptance);
				await copied(acceptance);
				await remove([await verdictFor(acceptance, 1)]);
				expect(await left()).toEqual([]);
				const found = await receiptsOfMailing(imap, { account, mailing });
				const kept = found.find(({ providerId }) => providerId === `gone${folders}`);
				expect(kept).toMatchObject({
					type: 'acceptance',
					location: `archivio/${keyOf(acceptance)}`,
				});
				expect(kept?.folder).toBeUndefined();
			});
		});

		describe('are checked against their copy', () => {
			const check = async (raw: Buffer, bytes: Buffer, hint?: { folder: string; uid: number }) =>
				await checkCopy(
					imap,
					{ pecKey: keyOf(raw), bytes, location: 'x', ...(hint ? { hint } : {}) },
					{ trust, now: now() },
				);

			it('byte by byte, with what they were', async () => {
				const raw = unique('uguale');
				await put(raw);
				expect(await check(raw, Buffer.from(raw), { folder: path, uid: 1 })).toMatchObject({
					result: 'equal',
					record: {
						pecKey: keyOf(raw),
						size: raw.length,
						kind: 'ordinary',
						level: 'checked',
						checkedAt: now().toISOString(),
						subject: `uguale ${folders}`,
					},
				});
			});

			it.each([
				[
					'one byte differs',
					(raw: Buffer) =>
						Buffer.from(raw.toString('latin1').replace('Testo.', 'Testo!'), 'latin1'),
				],
				[
					'line ends were changed',
					(raw: Buffer) => Buffer.from(raw.toString('latin1').replaceAll('\r\n', '\n'), 'latin1'),
				],
				['it is cut short', (raw: Buffer) => raw.subarray(0, -1)],
				['it is empty', () => Buffer.alloc(0)],
			])('and refused when %s', async (_, spoil) => {
				const raw = unique('diverso');
				await put(raw);
				expect(await check(raw, spoil(raw))).toEqual({ result: 'differs' });
			});

			it('wherever they lie now, whatever the hint says', async () => {
				const raw = unique('altrove');
				await put(unique('un altro'), raw);
				for (const hint of [
					{ folder: path, uid: 1 },
					{ folder: 'Manca', uid: 2 },
				]) {
					expect((await check(raw, raw, hint)).result).toBe('equal');
				}
				expect(await check(unique('mai visto'), raw)).toEqual({ result: 'notOnServer' });
			});
		});

		describe('are deleted', () => {
			it('by number, with a record, and what somebody else marked stays', async () => {
				const [one, two, three] = [unique('uno'), unique('due'), unique('tre')];
				await put(one, two, three);
				for (const raw of [one, three]) await copied(raw);
				await markAsDeleted(2);
				const { outcomes } = await remove([await verdictFor(one, 1), await verdictFor(three, 3)]);
				expect(outcomes.map(({ result }) => result)).toEqual(['deleted', 'deleted']);
				expect(outcomes[0]).toMatchObject({
					deletion: {
						pecKey: keyOf(one),
						location: `archivio/${keyOf(one)}`,
						folder: path,
						uid: 1,
						deletedAt: now().toISOString(),
					},
				});
				expect(await left()).toEqual([2]);
				const folder = await imap.open(RECORDS_FOLDER, { readOnly: true });
				const bodies = await folder.fetchNamedParts(
					await folder.search({ subject: 'deletions' }),
					'record.json',
				);
				expect([...bodies.values()].join()).toContain(keyOf(three));
			});

			async function markAsDeleted(uid: number): Promise<void> {
				const { imap: at, user, password, tlsCa } = running.studio;
				const other = new ImapFlow({
					...at,
					auth: { user, pass: password },
					tls: { ca: tlsCa },
					logger: false,
				});
				await other.connect();
				await other.mailboxOpen(path);
				await other.messageFlagsAdd(String(uid), ['\\Deleted'], { uid: true });
				other.close();
			}

			it('only with a checked copy in the records, whatever the plan says', async () => {
				const raw = unique('senza copia');
				await put(raw);
				const { outcomes } = await remove([await verdictFor(raw, 1)]);
				expect(outcomes).toMatchObject([{ result: 'kept', because: 'noCopy' }]);
				expect(await left()).toEqual([1]);
			});

			it('not when the folder was numbered anew', async () => {
				const raw = unique('rinumerata');
				await put(raw);
				await copied(raw);
				const verdict = await verdictFor(raw, 1);
				const stale = { ...verdict, message: { ...verdict.message, uidValidity: '1' } };
				const { outcomes } = await remove([stale]);
				expect(outcomes).toMatchObject([{ result: 'kept', because: 'folderChanged' }]);
				expect(await left()).toEqual([1]);
			});

			it('not when another message, or none, has that number', async () => {
				const [raw, other] = [unique('cercato'), unique('altro')];
				await put(raw, other);
				await copied(raw);
				const verdicts = [await verdictFor(raw, 2), await verdictFor(raw, 9)];
				const { outcomes } = await remove(verdicts);
				expect(outcomes).toMatchObject([{ because: 'changed' }, { because: 'gone' }]);
				expect(await left()).toEqual([1, 2]);
			});

			it('never among our own records, and not what the plan keeps', async () => {
				const raw = unique('tenuto');
				await put(raw);
				await copied(raw);
				const verdict = await verdictFor(raw, 1);
				const kept = await remove([{ ...verdict, verdict: 'keep', blockedBy: ['flagged'] }]);
				expect(kept.outcomes).toEqual([]);
				const { outcomes } = await remove([
					{ ...verdict, message: { ...verdict.message, folder: RECORDS_FOLDER } },
				]);
				expect(outcomes).toMatchObject([{ result: 'kept', because: 'protected' }]);
				expect(await left()).toEqual([1]);
			});

			it('not when the mailbox dates it otherwise, or somebody flagged it since', async () => {
				const [raw, flagged] = [unique('data'), unique('contrassegnata')];
				await put(raw);
				await imap.append(path, flagged, { at, flags: ['\\Flagged'] });
				for (const one of [raw, flagged]) await copied(one);
				const verdict = await verdictFor(raw, 1);
				const dated = { ...verdict.message, receivedAt: '2020-01-01T00:00:00.000Z' };
				const { outcomes } = await remove([
					{ ...verdict, message: dated },
					await verdictFor(flagged, 2),
				]);
				expect(outcomes).toMatchObject([{ because: 'changed' }, { because: 'flagged' }]);
				expect(await left()).toEqual([1, 2]);
			});

			it('not for a copy that was not handed over, when that is required', async () => {
				const raw = unique('non versata');
				await put(raw);
				await copied(raw);
				const rules = { copyRequired: 'handedOver' as const };
				const { outcomes } = await remove([await verdictFor(raw, 1)], rules);
				expect(outcomes).toMatchObject([{ because: 'notHandedOver' }]);
				const copy = (await records.readCopies()).get(keyOf(raw));
				await records.writeCopies(copy ? [{ ...copy, level: 'handedOver' }] : []);
				const after = await remove([await verdictFor(raw, 1)], rules);
				expect(after.outcomes).toMatchObject([{ result: 'deleted' }]);
			});

			it('not when the bytes are others under the same header and size, if two are alike or it is asked for', async () => {
				const raw = unique('gemelli');
				const twin = Buffer.from(raw.toString('latin1').replace('Testo.', 'TESTO.'), 'latin1');
				await put(raw, twin);
				await records.writeCopies([await copyOf(raw)]);
				const both = [await verdictFor(raw, 1), await verdictFor(twin, 2)];
				const { outcomes } = await remove(both);
				expect(outcomes).toMatchObject([
					{ result: 'kept', because: 'bytesDiffer' },
					{ result: 'deleted' },
				]);
				const again = await remove([await verdictFor(twin, 2)], { comparesBytes: true });
				expect(again.outcomes).toMatchObject([{ because: 'bytesDiffer' }]);
				expect(await left()).toEqual([2]);
			});

			async function copyOf(raw: Buffer) {
				const bytes = {
					pecKey: keyOf(raw),
					bytes: raw,
					location: 'x',
					hint: { folder: path, uid: 1 },
				};
				const check = await checkCopy(imap, bytes, { trust, now: now() });
				if (check.result !== 'equal') throw new Error('the copy is not equal');
				return check.record;
			}

			it('without a copy only by express wish, with their hash on record', async () => {
				const raw = unique('senza');
				await put(raw);
				const rules = { copyRequired: 'none' as const, keepUnverified: false };
				const { outcomes } = await remove([await verdictFor(raw, 1)], rules);
				const sha256 = createHash('sha256').update(raw).digest('hex');
				expect(outcomes).toMatchObject([{ result: 'deleted', deletion: { sha256 } }]);
				expect(outcomes[0]).not.toHaveProperty('deletion.location');
			});

			it('each with the hash of the one before', async () => {
				const [one, two] = [unique('primo'), unique('secondo')];
				await put(one, two);
				for (const raw of [one, two]) await copied(raw);
				await remove([await verdictFor(one, 1)]);
				await remove([await verdictFor(two, 2)]);
				const entries = (await records.cleanUps.readDeletions()).flatMap((each) => each.deletions);
				const [before, last] = entries.slice(-2);
				expect(before?.pecKey).toBe(keyOf(one));
				expect(last).toMatchObject({ pecKey: keyOf(two), previous: before?.hash });
				expect(await records.cleanUps.readPlanned()).toEqual([]);
			});
		});
	});
});
