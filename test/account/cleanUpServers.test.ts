import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openImap } from '../../nodes/mail/imap.ts';
import type { ImapSession } from '../../nodes/mail/types.ts';
import { receiptMail } from '../servers/mails.ts';
import { MAIL_SERVERS, STUDIO, titleOf, type RunningMailServer } from '../servers/mailServers.ts';
import { sha256 } from '../sha256.ts';
import { chainFaults } from './chainCheck.ts';
import { deletedBy, MemoryStore, runOver } from './cleanUpDesk.ts';

const now = () => new Date();
const recipient = 'r@pec.beta.test';

describe.each(MAIL_SERVERS)('a clean-up', (server) => {
	describe.skipIf(server.missing !== undefined)(titleOf(server), () => {
		let running: RunningMailServer;
		let imap: ImapSession;
		beforeAll(async () => {
			running = await server.start();
			imap = await openImap(running.studio);
		});
		afterAll(async () => {
			await imap?.close();
			await running?.stop();
		});

		it('copies and deletes what is delivered, keeps what is pending, and goes on there the next time', async () => {
			const receipt = (type: string, originalId: string) =>
				receiptMail({ type, originalId, recipient, providerId: `${originalId}.p` });
			const going = ['accettazione', 'avvenuta-consegna'].map((type) => receipt(type, 'a@x.test'));
			const pending = receipt('accettazione', 'b@x.test');
			for (const raw of [...going, pending]) await imap.append('INBOX', raw);
			const store = new MemoryStore();
			const options = { account: STUDIO, issuers: [], now };
			const changes = { store, criteria: { keepUnverified: false } };
			const first = await runOver(imap, options, changes);
			const second = await runOver(imap, options, changes);
			expect([first.error, second.error]).toEqual([undefined, undefined]);
			const deleted = [...deletedBy(first), ...deletedBy(second)];
			expect(deleted.map((one) => one.sha256).sort()).toEqual(going.map(sha256).sort());
			expect(chainFaults(deleted)).toEqual([]);
			expect(second.result).toMatchObject({
				deleted: { messages: 0 },
				kept: 1,
				left: { messages: 0 },
			});
			expect(second.result).not.toHaveProperty('stopped');
			const inbox = await imap.open('INBOX', { readOnly: true });
			const left = await inbox.fetchMany(await inbox.search({}));
			expect(left.map(({ raw }) => sha256(raw))).toEqual([sha256(pending)]);
		});
	});
});
