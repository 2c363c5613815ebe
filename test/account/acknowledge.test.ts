import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { acknowledge, type Closing } from '../../nodes/account/acknowledge.ts';
import { openRecords } from '../../nodes/account/records.ts';
import { openImap } from '../../nodes/mail/imap.ts';
import type { ImapSession } from '../../nodes/mail/types.ts';
import { receiptMail } from '../servers/mails.ts';
import { MAIL_SERVERS, STUDIO, titleOf, type RunningMailServer } from '../servers/mailServers.ts';

const account = STUDIO;
const now = new Date('2026-06-01T10:00:00.000Z');
const recipient = 'rossi@pec.beta.test';

describe.each(MAIL_SERVERS)('a person closes a sending', (server) => {
	describe.skipIf(server.missing !== undefined)(titleOf(server), () => {
		let running: RunningMailServer;
		let imap: ImapSession;
		let sendings = 0;
		let originalId = '';

		beforeAll(async () => {
			running = await server.start();
			imap = await openImap(running.studio);
		});
		afterAll(async () => {
			await imap?.close();
			await running?.stop();
		});
		beforeEach(() => {
			sendings += 1;
			originalId = `invio${sendings}@pec.alfa.test`;
		});

		const put = async (...types: string[]) => {
			for (const type of types) {
				const providerId = `p${sendings}-${type}`;
				await imap.append('INBOX', receiptMail({ type, originalId, recipient, providerId }));
			}
		};
		const close = async (more: Partial<Closing> = {}) => {
			const records = await openRecords(imap, { account, now: () => now });
			const closing = { messageId: `<${originalId}>`, note: 'Raccomandata', closesAwaited: false };
			return await acknowledge(imap, { ...closing, ...more }, { account, records, now });
		};

		it('that failed, once, and again when a notice comes later', async () => {
			await put('accettazione', 'errore-consegna');
			const first = await close();
			expect(first).toMatchObject({
				result: 'closed',
				state: 'complete',
				acknowledgement: {
					messageId: `<${originalId}>`,
					note: 'Raccomandata',
					closesAwaited: false,
				},
				failures: [{ type: 'nonDelivery' }],
			});
			expect(await close({ note: 'altra' })).toMatchObject({
				result: 'wasClosed',
				acknowledgement: { note: 'Raccomandata' },
			});
			await put('rilevazione-virus');
			expect(await close()).toMatchObject({ result: 'closed', failures: [{}, {}] });
		});

		it('without angle brackets, and of one recipient', async () => {
			await put('accettazione', 'errore-consegna');
			const other = { messageId: originalId, recipient: 'altri@pec.beta.test' };
			expect(await close(other)).toEqual({ result: 'nothing', state: 'failed' });
			const own = { messageId: originalId, recipient: recipient.toUpperCase() };
			expect(await close(own)).toMatchObject({
				result: 'closed',
				acknowledgement: { recipient },
				state: 'complete',
			});
		});

		it('only if there is something to close', async () => {
			expect(await close()).toEqual({ result: 'nothing', state: 'unknown' });
			await put('accettazione');
			expect(await close()).toEqual({ result: 'nothing', state: 'pending' });
			expect(await close({ closesAwaited: true })).toMatchObject({
				result: 'closed',
				state: 'complete',
			});
			expect(await close({ closesAwaited: true })).toMatchObject({ result: 'wasClosed' });
			originalId = `consegnato${sendings}@pec.alfa.test`;
			await put('accettazione', 'avvenuta-consegna');
			expect(await close()).toEqual({ result: 'nothing', state: 'complete' });
		});
	});
});
