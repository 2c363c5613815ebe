import { createHash } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { titleOf } from '../servers/mailServers.ts';
import { CLIENTE, PecDesk, STUDIO } from './pecDesk.ts';
import { MAILBOXES, type RunningMailboxes } from './pecMailboxes.ts';

const MAIL = { to: CLIENTE, subject: 'Prova', text: 'ciao' };
const FOLDER = 'INBOX/Ricevute';

describe.each(MAILBOXES.slice(1))('receipts and log', (where) => {
	describe.skipIf(where.missing !== undefined)(titleOf(where), () => {
		let mailboxes: RunningMailboxes;
		let desk: PecDesk;

		beforeEach(async () => {
			mailboxes = await where.start();
		});

		afterEach(async () => {
			await desk?.sandbox.stop();
			await mailboxes?.stop();
		});

		it('names a delivery by the hash of what was handed over, without a UID', async () => {
			desk = await PecDesk.open({}, mailboxes);
			await desk.send(MAIL);
			const [entry] = desk.ofType('delivery').filter(({ mailbox }) => mailbox === CLIENTE);
			const [stored = Buffer.of()] = await desk.mails(CLIENTE);
			const handedOver = stored.subarray(stored.length - (entry?.size ?? 0));
			expect(handedOver.length).toBeLessThan(stored.length);
			expect(createHash('sha256').update(handedOver).digest('hex')).toBe(entry?.sha256);
			expect(entry).not.toHaveProperty('uid');
			expect(stored.toString('latin1')).toMatch(/^Return-Path: <studio@pec\.alfa\.test>\r\n/);
		});

		it('sorts and duplicates receipts', async () => {
			const dialects = { receiptsFolder: FOLDER, duplicateReceipts: true };
			desk = await PecDesk.open({ dialects }, mailboxes);
			await desk.send(MAIL);
			expect(await desk.mails(STUDIO, FOLDER)).toHaveLength(4);
			expect(await desk.mails(STUDIO)).toHaveLength(0);
			expect(await desk.mails(CLIENTE)).toHaveLength(1);
		});
	});
});
