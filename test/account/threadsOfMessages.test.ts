import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openRecords } from '../../nodes/account/records.ts';
import { allThreads, threadsOfMessages, type FoundThreads } from '../../nodes/account/threads.ts';
import type { WantedMessage } from '../../nodes/account/hintedFolders.ts';
import { MailError } from '../../nodes/mail/errors.ts';
import { openImap } from '../../nodes/mail/imap.ts';
import type { ImapSession, SearchCriteria } from '../../nodes/mail/types.ts';
import { pecKeyOf } from '../../nodes/pec/pecKey.ts';
import { start, type Sandbox } from '../../sandbox/index.ts';
import { countingProxy } from '../servers/countingProxy.ts';
import { mail, receiptMail } from '../servers/mails.ts';
import { MAIL_SERVERS, STUDIO, titleOf, type RunningMailServer } from '../servers/mailServers.ts';
import { withFolders } from '../servers/withFolders.ts';
import { settingsOf } from './cleanUpDesk.ts';
import { WITHHOLDING, withholding } from './withholding.ts';

const keyOf = (raw: Buffer) => pecKeyOf(raw, raw.length);

/** A sending with its copy, its acceptance and its delivery, which lie in different folders. */
function sending(number: number): { sent: Buffer; acceptance: Buffer; delivery: Buffer } {
	const of = {
		originalId: `invio${number}@pec.alfa.test`,
		recipient: 'rossi@pec.beta.test',
		// Of many sizes, as messages are.
		providerId: `opec${number}.${'a'.repeat(number % 300)}`,
	};
	return {
		sent: Buffer.from(
			`From: ${STUDIO}\r\nTo: rossi@pec.beta.test\r\nSubject: Prova ${number}\r\n` +
				`Message-ID: <${of.originalId}>\r\n\r\nTesto ${number}.\r\n`,
		),
		acceptance: receiptMail({ ...of, type: 'accettazione' }),
		delivery: receiptMail({ ...of, type: 'avvenuta-consegna' }),
	};
}

async function threadsIn(imap: ImapSession, wanted?: readonly WantedMessage[]) {
	const records = await openRecords(imap, { account: STUDIO, now: () => new Date(0) });
	const desk = { imap, records, account: STUDIO };
	return wanted ? await threadsOfMessages(desk, wanted) : await allThreads(desk);
}

/** Without places: what is moved or read twice is the same. */
function keysOf({ threads }: Pick<FoundThreads, 'threads'>): string[][] {
	return threads.map(({ parts }) => parts.map(({ pecKey }) => pecKey));
}

describe.each(MAIL_SERVERS)('the threads of some messages', (server) => {
	describe.skipIf(server.missing !== undefined)(titleOf(server), () => {
		let running: RunningMailServer;
		let imap: ImapSession;
		const sendings = [1, 2, 3, 4].map(sending);
		const received = mail({ subject: 'Di altri', id: 'altri@pec.beta.test' });

		beforeAll(async () => {
			running = await server.start();
			imap = await openImap(running.studio);
			for (const path of ['Inviati', 'Ricevute']) await imap.ensureFolder(path);
			for (const { sent, acceptance, delivery } of sendings) {
				await imap.append('Inviati', sent);
				await imap.append('INBOX', acceptance);
				await imap.append('Ricevute', delivery);
			}
			await imap.append('INBOX', received);
		});
		afterAll(async () => {
			await imap?.close();
			await running?.stop();
		});

		const wholeOf = (number: number) =>
			Object.values(sendings[number - 1] ?? {}).map((raw: Buffer) => keyOf(raw));

		it('are whole, whichever of their messages is named', async () => {
			for (const pecKey of wholeOf(2)) {
				const { threads } = await threadsIn(imap, [{ pecKey }]);
				expect(threads).toMatchObject([{ complete: true }]);
				expect(keysOf({ threads })).toEqual([wholeOf(2)]);
			}
			const named = [wholeOf(3)[0], wholeOf(1)[2], wholeOf(3)[1]].map((pecKey = '') => ({
				pecKey,
			}));
			expect(keysOf(await threadsIn(imap, named)).toSorted()).toEqual(
				[wholeOf(1), wholeOf(3)].toSorted(),
			);
		});

		it('are none of ordinary mail, which is told from what is gone', async () => {
			const gone = `${'0'.repeat(64)}-123`;
			const found = await threadsIn(imap, [{ pecKey: keyOf(received) }, { pecKey: gone }]);
			expect(found.threads).toEqual([]);
			expect([found.seen.has(keyOf(received)), found.seen.has(gone)]).toEqual([true, false]);
		});

		it.each(WITHHOLDING)(
			'are found around a message that the server %s, which is named',
			async (how) => {
				const inbox = await imap.open('INBOX', { readOnly: true });
				const [uid = 0] = await inbox.search({ subject: 'Di altri' });
				const limited = withholding(imap, how, { path: 'INBOX', uids: [uid] });
				const withheld = [{ folder: 'INBOX', uid }];
				const all = await threadsIn(limited);
				expect(all.withheld).toEqual(withheld);
				expect(keysOf(all)).toEqual([1, 2, 3, 4].map(wholeOf));
				const some = await threadsIn(limited, [
					{ pecKey: keyOf(received) },
					{ pecKey: wholeOf(1)[1] ?? '' },
				]);
				expect(some.withheld).toEqual(withheld);
				expect(keysOf(some)).toEqual([wholeOf(1)]);
				expect(some.seen.has(keyOf(received))).toBe(false);
			},
		);

		it.each<[string, (criteria: SearchCriteria, uids: number[]) => number[]]>([
			['finds no headers', ({ header }, uids) => (header ? [] : uids)],
			[
				'refuses to search headers',
				({ header }, uids) => {
					if (!header) return uids;
					throw new MailError('refused', 'NO', { whatToDo: 'wait', retry: 'later' });
				},
			],
			[
				'finds Message-ID alone',
				({ header = {} }, uids) => ('X-Riferimento-Message-ID' in header ? [] : uids),
			],
		])('are whole where the server %s', async (_, answer) => {
			const limited = withFolders((folder) => ({
				search: async (criteria) => answer(criteria, await folder.search(criteria)),
			}))(imap);
			for (const pecKey of wholeOf(4)) {
				expect(keysOf(await threadsIn(limited, [{ pecKey }]))).toEqual([wholeOf(4)]);
			}
		});
	});
});

describe('the threads of five messages in a mailbox of 2,000', () => {
	let sandbox: Sandbox;
	const wanted: WantedMessage[] = [];

	beforeAll(async () => {
		sandbox = await start();
		const inbox = sandbox.store.account(STUDIO)?.folder('INBOX');
		for (let number = 1; number <= 1_000; number += 1) {
			const { acceptance, delivery } = sending(number);
			inbox?.append(acceptance);
			const { uid } = inbox?.append(delivery) ?? {};
			if (number % 200 === 0) {
				const hint = { folder: 'INBOX', ...(uid === undefined ? {} : { uid }) };
				wanted.push({ pecKey: keyOf(delivery), ...(number > 600 ? { hint } : {}) });
			}
		}
	});
	afterAll(async () => await sandbox?.stop());

	it('cost what they are, not what the mailbox is', async () => {
		const settings = settingsOf(sandbox, STUDIO);
		const proxy = await countingProxy(settings.imap);
		const imap = await openImap({ ...settings, imap: proxy.address });
		const before = proxy.received();
		const few = await threadsIn(imap, wanted);
		const ofFew = proxy.received() - before;
		const all = await threadsIn(imap);
		const ofAll = proxy.received() - before - ofFew;
		await imap.close();
		expect(few.threads).toHaveLength(5);
		const keys = new Set(wanted.map(({ pecKey }) => pecKey));
		const same = all.threads.filter(({ parts }) => parts.some(({ pecKey }) => keys.has(pecKey)));
		expect(few.threads).toEqual(same);
		expect(few.seen.size).toBe(5);
		expect(all.seen.size).toBe(2_000);
		expect({ ofFew, ofAll, few: ofFew < ofAll / 30 }).toMatchObject({ few: true });
	});
});
