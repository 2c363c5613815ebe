import { describe, expect, it } from 'vitest';

import { checkCopy } from '../../nodes/account/copies.ts';
import { getMessage, listMessages } from '../../nodes/account/mailbox.ts';
import { openRecords, RECORDS_FOLDER } from '../../nodes/account/records.ts';
import { SendingWatch } from '../../nodes/account/sendingEvents.ts';
import { MailError } from '../../nodes/mail/errors.ts';
import type { ImapSession, OpenFolder } from '../../nodes/mail/types.ts';
import { mailingTag } from '../../nodes/pec/batch.ts';
import type { SendingEvent } from '../../nodes/pec/sendingEvent.ts';
import { EICAR } from '../../sandbox/index.ts';
import { titleOf } from '../servers/mailServers.ts';
import { MAILBOXES, type MailboxesUnderTest } from '../sandbox/pecMailboxes.ts';
import { SendingDesk, STUDIO } from './sendingDesk.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const CLIENTE = 'cliente01@pec.beta.test';
const SILENT = 'cliente02@pec.beta.test';
const OWN = MAILBOXES[0] as MailboxesUnderTest;

/** A watch, and somebody who settles each event that he is told; another watch of the same journal knows what he knows. */
function watchOf(desk: SendingDesk, options: { since?: Date; settled?: Set<string> } = {}) {
	const { settled = new Set<string>(), since } = options;
	const watch = new SendingWatch({
		account: STUDIO,
		now: desk.now,
		settled: (key) => settled.has(key),
		...(since ? { since } : {}),
	});
	const take = (): SendingEvent[] => {
		const taken: SendingEvent[] = [];
		for (const event of watch.events()) {
			taken.push(event);
			settled.add(event.key);
		}
		return taken;
	};
	const look = async (imap: ImapSession) => {
		await watch.refresh(imap);
		return shown(take());
	};
	return { watch, settled, take, look };
}

function shown(events: readonly SendingEvent[]) {
	return events.map(({ type, outcome }) =>
		[type, outcome.recipient, type === 'overdue' ? outcome.overdue : outcome.state].join(' '),
	);
}

/** The session, counting the messages of which anything is read. */
function counted(imap: ImapSession): { imap: ImapSession; read: () => number } {
	let read = 0;
	const open = async (...args: Parameters<ImapSession['open']>): Promise<OpenFolder> => {
		const folder = await imap.open(...args);
		return {
			...folder,
			scan: async (uids) => {
				read += uids.length;
				return await folder.scan(uids);
			},
		};
	};
	return { imap: { ...imap, open }, read: () => read };
}

describe.each(MAILBOXES)('the events of a mailbox', (where) => {
	describe.skipIf(where.missing !== undefined)(titleOf(where), () => {
		it('are what became of each recipient, once, whoever looks again', async () => {
			const desk = await SendingDesk.open(where);
			const { look, settled } = watchOf(desk);
			const imap = await desk.connect();
			await desk.send('Solleciti', [
				CLIENTE,
				'nessuno@pec.beta.test',
				'pieno@pec.beta.test',
				'sospeso@pec.beta.test',
				'qualcuno@example.org',
			]);
			await desk.send('Virus', [CLIENTE], EICAR);
			expect(await look(imap)).toEqual([
				`sendingOutcome ${CLIENTE} delivered`,
				'sendingOutcome nessuno@pec.beta.test notDelivered',
				'sendingOutcome pieno@pec.beta.test notDelivered',
				'sendingOutcome sospeso@pec.beta.test notDelivered',
				'sendingOutcome qualcuno@example.org notCertified',
				`sendingOutcome ${CLIENTE} infected`,
			]);
			expect(await look(imap)).toEqual([]);
			expect(await look(await desk.connect())).toEqual([]);
			expect(await watchOf(desk, { settled }).look(imap)).toEqual([]);
		});

		it('are silence too, stage by stage, and the delivery that comes all the same', async () => {
			const dialects = { slow: [{ to: SILENT, acceptance: 'never' as const }] };
			const desk = await SendingDesk.open(where, { dialects });
			const { watch, look, take } = watchOf(desk);
			const imap = await desk.connect();
			desk.sandbox.holdDeliveries();
			await desk.send('Solleciti', [CLIENTE, SILENT]);
			expect(await look(imap)).toEqual([]);
			const due = watch.nextDueAt()?.getTime() ?? 0;
			expect(due).toBeGreaterThan(desk.now().getTime() + 29 * MINUTE);
			expect(due).toBeLessThanOrEqual(desk.now().getTime() + 30 * MINUTE);
			await desk.advance(30 * MINUTE);
			expect(await look(imap)).toEqual([`overdue ${SILENT} acceptance`]);
			await desk.advance(12 * HOUR);
			expect(await look(imap)).toEqual([`overdue ${CLIENTE} delivery12h`]);
			await desk.advance(12 * HOUR);
			expect(await look(imap)).toEqual([`sendingOutcome ${CLIENTE} notDelivered`]);
			await desk.sandbox.releaseDeliveries();
			await watch.refresh(imap);
			expect(take()).toMatchObject([
				{ outcome: { recipient: CLIENTE, state: 'delivered', corrects: 'notDelivered' } },
			]);
			expect(watch.nextDueAt()).toBeUndefined();
		});

		it('come from receipts that come twice and are sorted into a folder', async () => {
			const folder = where === OWN ? 'Ricevute' : 'INBOX/Ricevute';
			const dialects = { duplicateReceipts: true, receiptsFolder: folder };
			const desk = await SendingDesk.open(where, { dialects });
			const imap = await desk.connect();
			const { look } = watchOf(desk);
			desk.sandbox.holdDeliveries();
			await desk.send('Solleciti', [CLIENTE]);
			expect(await look(imap)).toEqual([]);
			await desk.sandbox.releaseDeliveries();
			expect(await look(imap)).toEqual([`sendingOutcome ${CLIENTE} delivered`]);
		});
	});
});

describe('a watch', () => {
	it('reads nothing again, and what is new alone', async () => {
		const desk = await SendingDesk.open(OWN);
		const { imap, read } = counted(await desk.connect());
		const { look } = watchOf(desk);
		await desk.send('Uno', [CLIENTE]);
		await look(imap);
		const before = read();
		await look(imap);
		expect(read()).toBe(before);
		await desk.send('Due', [CLIENTE]);
		expect(await look(imap)).toHaveLength(1);
		// Claim and release of the lease, intent and result, acceptance and delivery.
		expect(read()).toBe(before + 6);
	});

	it('takes in a receipt that its trigger has read', async () => {
		const desk = await SendingDesk.open(OWN);
		const imap = await desk.connect();
		const { watch, look, take } = watchOf(desk);
		desk.sandbox.holdDeliveries();
		const [originalMessageId = ''] = await desk.send('Solleciti', [CLIENTE]);
		await look(imap);
		watch.learn([
			{
				type: 'delivery',
				originalMessageId,
				deliveredTo: CLIENTE,
				recipients: [],
				final: true,
				consistent: true,
				verified: true,
				pecKey: 'k-1',
			},
		]);
		expect(take()).toMatchObject([{ outcome: { state: 'delivered', verified: true } }]);
	});

	it('says nothing of silence while nobody looked: receipts may lie there unread', async () => {
		const desk = await SendingDesk.open(OWN);
		const imap = await desk.connect();
		const { watch, look, take } = watchOf(desk);
		desk.sandbox.holdDeliveries();
		await desk.send('Solleciti', [CLIENTE]);
		expect(take()).toEqual([]);
		expect(await look(imap)).toEqual([]);
		await desk.advance(HOUR);
		await desk.sandbox.releaseDeliveries();
		await desk.advance(100 * HOUR);
		expect(take()).toEqual([]);
		await watch.refresh(imap, []);
		expect(take()).toEqual([]);
		expect(await look(imap)).toEqual([`sendingOutcome ${CLIENTE} delivered`]);
	});

	it('leaves out what was sent before it began', async () => {
		const desk = await SendingDesk.open(OWN);
		const imap = await desk.connect();
		await desk.send('Prima', [CLIENTE]);
		await desk.advance(MINUTE);
		const { look } = watchOf(desk, { since: desk.now() });
		await desk.send('Dopo', [SILENT]);
		expect(await look(imap)).toEqual([`sendingOutcome ${SILENT} delivered`]);
	});

	it('goes on where the connection broke', async () => {
		const desk = await SendingDesk.open(OWN);
		const imap = await desk.connect();
		const { watch, look } = watchOf(desk);
		await desk.send('Solleciti', [CLIENTE, SILENT]);
		const lost = new MailError('connectionLost', 'lost', { whatToDo: '', retry: 'now' });
		for (const broken of [RECORDS_FOLDER, 'INBOX']) {
			const breaking: ImapSession = {
				...imap,
				open: async (path, options) => {
					const folder = await imap.open(path, options);
					if (path !== broken) return folder;
					return { ...folder, fetchNamedParts: async () => await Promise.reject(lost) };
				},
			};
			await expect(watch.refresh(breaking)).rejects.toBe(lost);
			expect([...watch.events()]).toEqual([]);
		}
		expect(await look(imap)).toHaveLength(2);
	});

	it.each([RECORDS_FOLDER, 'INBOX'])(
		'tells nothing twice, and misses nothing, when %s was emptied and numbered anew',
		async (path) => {
			const desk = await SendingDesk.open(OWN);
			const imap = await desk.connect();
			const { look } = watchOf(desk);
			await desk.send('Uno', [CLIENTE]);
			desk.sandbox.holdDeliveries();
			await desk.send('Due', [SILENT]);
			expect(await look(imap)).toEqual([`sendingOutcome ${CLIENTE} delivered`]);
			const folder = desk.sandbox.store.account(STUDIO)?.folder(path);
			// What is new gets a number that was another's.
			folder?.expunge(folder.messages.map(({ uid }) => uid));
			folder?.resetUidValidity();
			await desk.sandbox.releaseDeliveries();
			await desk.send('Tre', ['cliente03@pec.beta.test']);
			const again = await desk.connect();
			expect(await look(again)).toEqual([
				`sendingOutcome ${SILENT} delivered`,
				'sendingOutcome cliente03@pec.beta.test delivered',
			]);
			await desk.advance(100 * HOUR);
			expect(await look(again)).toEqual([]);
		},
	);

	it('misses no receipt that the server showed late', async () => {
		const hidden = { at: 'mailbox.delivered', account: STUDIO, times: 'always' } as const;
		const desk = await SendingDesk.open(OWN, {
			faults: [{ ...hidden, action: { do: 'hide', forMs: HOUR } }],
		});
		const imap = await desk.connect();
		const { look } = watchOf(desk);
		await desk.send('Solleciti', [CLIENTE]);
		expect(await look(imap)).toEqual([]);
		await desk.advance(2 * HOUR);
		expect(await look(imap)).toEqual([`sendingOutcome ${CLIENTE} delivered`]);
	});

	it('counts a receipt that left the mailbox for a checked copy', async () => {
		const desk = await SendingDesk.open(OWN);
		const imap = await desk.connect();
		await desk.send('Solleciti', [CLIENTE]);
		const records = await openRecords(imap, { account: STUDIO, now: desk.now });
		const listed = await listMessages(imap, {
			account: STUDIO,
			folders: ['INBOX'],
			criteria: {},
			limit: 10,
		});
		for (const { pecKey, mailbox } of listed) {
			const { message } = await getMessage(imap, mailbox, { account: STUDIO });
			const trust = { issuers: [desk.sandbox.pecCa] };
			const copy = { pecKey, bytes: message.raw, location: `archivio/${mailbox.uid}.eml` };
			const checked = await checkCopy(imap, copy, { trust, now: desk.now() });
			if (checked.result === 'equal') await records.writeCopies([checked.record]);
		}
		const inbox = await imap.open('INBOX', { readOnly: false });
		await inbox.remove(listed.map(({ mailbox }) => mailbox.uid));
		const { watch, take } = watchOf(desk);
		await watch.refresh(imap);
		expect(take()).toMatchObject([
			{
				outcome: {
					state: 'delivered',
					verified: true,
					receipts: [{ location: 'archivio/1.eml' }, { location: 'archivio/2.eml' }],
				},
			},
		]);
	});

	it('goes past a record that cannot be read, and says so', async () => {
		const desk = await SendingDesk.open(OWN);
		const imap = await desk.connect();
		const { watch, look } = watchOf(desk);
		await imap.ensureFolder(RECORDS_FOLDER);
		const tag = mailingTag({ account: STUDIO, mailing: 'Rotto' });
		const put = async (subject: string) => {
			const record =
				`Subject: n8n PEC record ${subject}\r\n` +
				'Content-Type: application/json; name="record.json"\r\n\r\n{"version":1,\r\n';
			await imap.append(RECORDS_FOLDER, Buffer.from(record));
		};
		await put(`1 submissions <${tag}>`);
		await put('2 something else');
		await put('2 something else');
		await desk.send('Solleciti', [CLIENTE]);
		expect(await look(imap)).toEqual([`sendingOutcome ${CLIENTE} delivered`]);
		expect(watch.problems.map(({ problem }) => problem)).toEqual(['unreadable', 'newerVersion']);
	});
});
