import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { checkCopy } from '../../nodes/account/copies.ts';
import { openRecords } from '../../nodes/account/records.ts';
import { readSpaceReport } from '../../nodes/account/spaceReport.ts';
import { scanSpace } from '../../nodes/account/spaceScan.ts';
import { openImap } from '../../nodes/mail/imap.ts';
import type { ImapSession } from '../../nodes/mail/types.ts';
import { pecKeyOf } from '../../nodes/pec/pecKey.ts';
import { start, type Sandbox, type SandboxOptions } from '../../sandbox/index.ts';
import { mail, receiptMail } from '../servers/mails.ts';
import { MAIL_SERVERS, STUDIO, titleOf, type RunningMailServer } from '../servers/mailServers.ts';

const DAY_MS = 24 * 3_600_000;
const NOW = new Date('2026-06-01T10:00:00.000Z');
const ago = (days: number) => new Date(NOW.getTime() - days * DAY_MS);
const RECIPIENT = 'r@pec.beta.test';

function receipt(type: string, id: string): Buffer {
	return receiptMail({ type, originalId: id, recipient: RECIPIENT, providerId: `${id}.${type}` });
}

function envelope(from: string): Buffer {
	return mail({
		subject: `POSTA CERTIFICATA: da ${from}`,
		headers: `X-Trasporto: posta-certificata\r\nReply-To: ${from}\r\n`,
	});
}

async function reportOf(imap: ImapSession, more = {}) {
	const records = await openRecords(imap, { account: STUDIO, now: () => NOW });
	return await readSpaceReport(imap, records, {
		account: STUDIO,
		threshold: 80,
		olderThanDays: [30, 90],
		now: NOW,
		...more,
	});
}

describe.each(MAIL_SERVERS)('a report of the space', (server) => {
	describe.skipIf(server.missing !== undefined)(titleOf(server), () => {
		let running: RunningMailServer;
		let imap: ImapSession;

		beforeAll(async () => {
			running = await server.start();
		});
		afterAll(async () => await running?.stop());
		beforeEach(async () => {
			imap = await openImap(running.studio);
			onTestFinished(async () => await imap.close());
		});

		it('tells what lies there, and what a clean-up would free now and after copying', async () => {
			const [acceptance, delivery] = [
				receipt('accettazione', 'a@x'),
				receipt('avvenuta-consegna', 'a@x'),
			];
			const failed = receipt('errore-consegna', 'b@x');
			const received = envelope('rossi@pec.beta.test');
			await imap.ensureFolder('Ricevute');
			await imap.append('Ricevute', acceptance, { at: ago(100) });
			await imap.append('Ricevute', delivery, { at: ago(99) });
			await imap.append('Ricevute', failed, { at: ago(99) });
			await imap.append('INBOX', received, { at: ago(40), flags: ['\\Seen'] });
			await imap.ensureFolder('Archivio');
			await imap.append('Archivio', received, { at: ago(40), flags: ['\\Seen'] });
			await imap.append('INBOX', mail({ subject: 'posta' }), { at: ago(1) });
			const records = await openRecords(imap, { account: STUDIO, now: () => NOW });
			const check = await checkCopy(
				imap,
				{
					pecKey: pecKeyOf(delivery, delivery.length),
					bytes: Buffer.from(delivery),
					location: 'archivio/x',
				},
				{ trust: { issuers: [] }, now: NOW },
			);
			if (check.result !== 'equal') throw new Error('the copy is not equal');
			// Read whole, a receipt without signature proves nothing, and would keep its sending from being complete.
			const { receipt: _, ...record } = check.record;
			await records.writeCopies([{ ...record, verified: true }]);

			const report = await reportOf(imap);
			const all = [acceptance, delivery, failed, received, received, mail({ subject: 'posta' })];
			const size = (mails: readonly Buffer[]) => mails.reduce((sum, { length }) => sum + length, 0);
			expect(report.total).toEqual({ messages: 6, size: size(all) });
			expect(new Map(report.kinds.map(({ kind, messages }) => [kind, messages]))).toEqual(
				new Map([
					['receipt', 3],
					['transportEnvelope', 2],
					['ordinary', 1],
				]),
			);
			expect(report.folders.map(({ path }) => path).sort()).toEqual([
				'Archivio',
				'INBOX',
				'Ricevute',
			]);
			expect(
				report.correspondents.top.map(({ address, messages }) => [address, messages]),
			).toContainEqual([RECIPIENT, 3]);
			expect(report.duplicates).toMatchObject({
				groups: 1,
				extra: { messages: 1, size: received.length },
			});
			expect(report.space.records?.messages).toBe(1);
			expect(report.policies).toMatchObject([
				{
					olderThanDays: 30,
					old: { messages: 5 },
					now: { messages: 1, size: delivery.length },
					afterCopy: { messages: 4, size: size([acceptance, delivery, received, received]) },
					kept: [{ reason: 'threadIncomplete', messages: 1, size: failed.length }],
				},
				{ olderThanDays: 90, old: { messages: 3 }, afterCopy: { messages: 2 } },
			]);
			expect(report.troubles).toEqual([]);

			const plain = await reportOf(imap, { olderThanDays: [] });
			expect(plain).not.toHaveProperty('policies');
			expect(plain.total).toEqual(report.total);
		});
	});
});

describe('a scan of the whole mailbox', () => {
	async function studio(options: SandboxOptions = {}) {
		const sandbox = await start(options);
		onTestFinished(async () => await sandbox.stop());
		const account = sandbox.accounts.find(({ address }) => address === STUDIO);
		const imap = await openImap({
			address: STUDIO,
			user: account?.user ?? '',
			password: account?.password ?? '',
			imap: sandbox.imap,
			smtp: sandbox.smtp,
			tlsCa: sandbox.tlsCa,
		});
		onTestFinished(async () => await imap.close());
		return { sandbox, imap };
	}

	function deliver(sandbox: Sandbox, count: number): void {
		const account = sandbox.store.account(STUDIO);
		for (let at = 0; at < count; at += 1) account?.deliver(mail({ subject: `posta ${at}` }));
	}

	const options = { account: STUDIO, folders: ['INBOX'], certification: false };

	it('reads every message of several windows once', async () => {
		const { sandbox, imap } = await studio();
		deliver(sandbox, 450);
		const told: number[] = [];
		const { messages, unlisted } = await scanSpace(imap, {
			...options,
			progress: (count) => told.push(count),
		});
		expect(messages.map(({ uid }) => uid)).toEqual(Array.from({ length: 450 }, (_, at) => at + 1));
		expect([unlisted, told]).toEqual([0, [200, 400, 450]]);
	});

	it('reads no body', async () => {
		const { sandbox, imap } = await studio();
		const account = sandbox.store.account(STUDIO);
		account?.deliver(mail({ subject: 'grande', body: 'x'.repeat(2_000_000) }));
		account?.deliver(mail({ subject: 'grande anche', body: 'x'.repeat(2_000_000) }));
		sandbox.faults.add({
			at: 'imap.command',
			command: 'UID FETCH',
			times: 'always',
			action: { do: 'drop', afterBytes: 20_000 },
		});
		expect((await scanSpace(imap, options)).messages).toHaveLength(2);
	});

	it('goes round what the server refuses to give, and says how many it was', async () => {
		const { sandbox, imap } = await studio();
		deliver(sandbox, 4);
		// Of the window of four: headers (refused), halves (the second refused), its halves (the first refused).
		const refused = [0, 2, 3];
		let fetches = 0;
		sandbox.faults.add({
			at: 'imap.command',
			command: 'UID FETCH',
			times: 'always',
			action: { do: 'call', run: () => void (fetches += 1) },
		});
		for (const skip of refused) {
			sandbox.faults.add({
				at: 'imap.command',
				command: 'UID FETCH',
				skip,
				action: { do: 'answer', status: 'NO', code: 'SERVERBUG', text: 'damaged' },
			});
		}
		const { messages, unlisted } = await scanSpace(imap, options);
		expect(messages.map(({ uid }) => uid)).toEqual([1, 2, 4]);
		expect(unlisted).toBe(1);
		expect(fetches).toBe(5);
	});

	it('passes over a folder nobody may look into, and one that is gone', async () => {
		const { sandbox, imap } = await studio();
		deliver(sandbox, 1);
		await imap.ensureFolder('Riservata');
		sandbox.faults.add({
			at: 'imap.command',
			command: 'EXAMINE',
			action: { do: 'answer', status: 'NO', code: 'NOPERM', text: 'not yours' },
		});
		const folders = ['Riservata', 'Mai esistita', 'INBOX'];
		const { messages, closed } = await scanSpace(imap, { ...options, folders });
		expect([messages.length, closed]).toEqual([1, ['Riservata']]);
	});

	it('fails when the connection is lost, and stops when it is told to', async () => {
		const { sandbox, imap } = await studio();
		deliver(sandbox, 3);
		const stop = new AbortController();
		stop.abort(new Error('stopped'));
		await expect(scanSpace(imap, { ...options, signal: stop.signal })).rejects.toThrow('stopped');
		sandbox.faults.add({ at: 'imap.command', command: 'UID FETCH', action: { do: 'drop' } });
		await expect(scanSpace(imap, options)).rejects.toMatchObject({ code: 'connectionLost' });
	});

	it('without quota and sizes of folders reports the same', async () => {
		const { sandbox, imap } = await studio();
		deliver(sandbox, 5);
		const full = await reportOf(imap);
		sandbox.withoutCapabilities(['QUOTA', 'QUOTA=RES-STORAGE', 'STATUS=SIZE']);
		const account = sandbox.accounts.find(({ address }) => address === STUDIO);
		const poor = await openImap({
			address: STUDIO,
			user: account?.user ?? '',
			password: account?.password ?? '',
			imap: sandbox.imap,
			smtp: sandbox.smtp,
			tlsCa: sandbox.tlsCa,
		});
		onTestFinished(async () => await poor.close());
		const report = await reportOf(poor, { givenLimit: 10_000 });
		expect(report.space).toMatchObject({ source: 'sum', limitSource: 'given', limit: 10_000 });
		expect(report.space.used).toBe(full.total.size);
		expect({ ...report, space: 0, growth: 0, policies: 0 }).toEqual({
			...full,
			space: 0,
			growth: 0,
			policies: 0,
		});
	});
});
