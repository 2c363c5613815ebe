import { describe, expect, it, onTestFinished } from 'vitest';

import { Following } from '../../nodes/account/following.ts';
import { followUntil } from '../../nodes/account/followUntil.ts';
import { openImap } from '../../nodes/mail/imap.ts';
import type { ImapSession } from '../../nodes/mail/types.ts';
import { mailingTag } from '../../nodes/pec/batch.ts';
import { rowOutcomes } from '../../nodes/pec/mailingOutcomes.ts';
import type { RecipientOutcome } from '../../nodes/pec/types.ts';
import { countingProxy } from '../servers/countingProxy.ts';
import { titleOf } from '../servers/mailServers.ts';
import { asOwner } from '../servers/sandboxAccount.ts';
import { MAILBOXES, type MailboxesUnderTest } from '../sandbox/pecMailboxes.ts';
import { SendingDesk, STUDIO } from './sendingDesk.ts';

const OWN = MAILBOXES[0] as MailboxesUnderTest;
const clienti = (count: number) =>
	Array.from(
		{ length: count },
		(_, at) => `cliente${String(at + 1).padStart(2, '0')}@pec.beta.test`,
	);

function followingOf(desk: SendingDesk, mailings: readonly string[], large = false): Following {
	return new Following({
		account: STUDIO,
		tags: new Set(mailings.map((mailing) => mailingTag({ account: STUDIO, mailing }))),
		trust: { issuers: [desk.sandbox.pecCa] },
		now: desk.now,
		large,
	});
}

function outcomesOf(following: Following, mailing: string, now = new Date()): RecipientOutcome[] {
	const known = following.known(mailingTag({ account: STUDIO, mailing }));
	return known ? rowOutcomes(known, now).flatMap(({ outcomes }) => outcomes) : [];
}

describe.each(MAILBOXES)('a mailing that is followed', (where) => {
	describe.skipIf(where.missing !== undefined)(titleOf(where), () => {
		it('has the state of each recipient, verified, and nothing of other mailings', async () => {
			const desk = await SendingDesk.open(where);
			await desk.send('Altro', clienti(1));
			await desk.send('Avvisi', [...clienti(2), 'nessuno@pec.beta.test']);
			const following = followingOf(desk, ['Avvisi']);
			await following.look(await desk.connect());
			expect(outcomesOf(following, 'Avvisi')).toMatchObject([
				{ rowKey: 'p/1', state: 'delivered', verified: true, mailing: 'Avvisi' },
				{ rowKey: 'p/2', state: 'delivered', verified: true },
				{
					rowKey: 'p/3',
					state: 'notDelivered',
					verified: true,
					error: { reason: 'addressUnknown' },
				},
			]);
			const known = following.known(mailingTag({ account: STUDIO, mailing: 'Avvisi' }));
			expect(known?.receipts.every(({ verified }) => verified)).toBe(true);
			expect(known?.receipts).toHaveLength(6);
			expect(outcomesOf(following, 'Altro')).toEqual([]);
		});
	});
});

/** A connection of which the bytes that come are counted. */
async function counted(desk: SendingDesk) {
	const settings = desk.settingsOf(STUDIO);
	const proxy = await countingProxy(settings.imap);
	const connect = async (): Promise<ImapSession> => {
		const imap = await openImap({ ...settings, imap: proxy.address });
		onTestFinished(async () => await imap.close());
		return imap;
	};
	return { proxy, connect };
}

describe('following a mailing', () => {
	it('reads nothing of large receipts but header and certification data, unless it is told to', async () => {
		const desk = await SendingDesk.open(OWN);
		const large = 2 * 1024 * 1024;
		await desk.send(
			'Grande',
			clienti(6),
			'x'
				.repeat(70)
				.concat('\r\n')
				.repeat(large / 72),
		);
		const { proxy, connect } = await counted(desk);
		const imap = await connect();
		const before = proxy.received();
		const following = followingOf(desk, ['Grande']);
		await following.look(imap);
		const outcomes = outcomesOf(following, 'Grande');
		expect(outcomes.map(({ state, verified }) => [state, verified])).toEqual(
			clienti(6).map(() => ['delivered', false]),
		);
		// Acceptances, which are small, are read whole.
		expect(
			outcomes.flatMap(({ receipts }) => receipts).filter(({ verified }) => verified),
		).toHaveLength(6);
		expect((proxy.received() - before) / 6).toBeLessThan(40_000);

		const all = followingOf(desk, ['Grande'], true);
		await all.look(imap);
		expect(outcomesOf(all, 'Grande').every(({ verified }) => verified)).toBe(true);
		expect(proxy.received() - before).toBeGreaterThan(6 * large);
	}, 60_000);

	it('fetches no receipt again at a later look', async () => {
		const desk = await SendingDesk.open(OWN);
		await desk.send('Avvisi', clienti(8));
		const { proxy, connect } = await counted(desk);
		const imap = await connect();
		const following = followingOf(desk, ['Avvisi']);
		const start = proxy.received();
		await following.look(imap);
		const first = proxy.received() - start;
		await following.look(imap);
		expect(proxy.received() - start - first).toBeLessThan(first / 20);
	});

	it('takes a receipt that was altered for none', async () => {
		const desk = await SendingDesk.open(OWN);
		await desk.send('Avvisi', clienti(1));
		const inbox = desk.sandbox.store.account(STUDIO)?.folder('INBOX');
		const delivery = inbox?.messages.find(({ raw }) =>
			raw.includes('X-Ricevuta: avvenuta-consegna'),
		);
		if (!inbox || !delivery) throw new Error('there is no delivery receipt');
		const raw = delivery.raw.toString('latin1');
		inbox.expunge([delivery.uid]);
		desk.sandbox.deliverRaw(Buffer.from(raw.replace('consegnato', 'consegnata'), 'latin1'), STUDIO);
		expect(raw).toContain('consegnato');
		const following = followingOf(desk, ['Avvisi']);
		await following.look(await desk.connect());
		expect(outcomesOf(following, 'Avvisi')).toMatchObject([{ state: 'accepted', verified: true }]);
	});

	it('keeps what it verified of a receipt that is moved meanwhile', async () => {
		const desk = await SendingDesk.open(OWN);
		await desk.send('Avvisi', clienti(1));
		const imap = await desk.connect();
		const following = followingOf(desk, ['Avvisi']);
		await following.look(imap);
		await asOwner(desk.sandbox, STUDIO, async (client) => {
			await client.mailboxCreate('Ricevute');
			await client.mailboxOpen('INBOX');
			await client.messageMove('1:*', 'Ricevute');
		});
		await following.look(imap);
		expect(outcomesOf(following, 'Avvisi')).toMatchObject([
			{
				state: 'delivered',
				verified: true,
				receipts: [
					{ folder: 'Ricevute', verified: true },
					{ folder: 'Ricevute', verified: true },
				],
			},
		]);
	});
});

describe('following a mailing until its end', () => {
	const minutes = (count: number) => new Date(Date.now() + count * 60_000);

	async function held(options: Parameters<typeof SendingDesk.open>[1] = {}) {
		const desk = await SendingDesk.open(OWN, options);
		desk.sandbox.holdDeliveries();
		await desk.send('Attesa', clienti(2));
		const following = followingOf(desk, ['Attesa']);
		const isDone = () => outcomesOf(following, 'Attesa').every(({ final }) => final);
		return { desk, following, isDone };
	}

	it('ends as soon as all is final, told by the server', async () => {
		const { desk, following, isDone } = await held();
		const imap = await desk.connect();
		let looks = 0;
		await followUntil(following, {
			imap: async () => imap,
			isDone: () => {
				if (looks++ === 0) void desk.sandbox.releaseDeliveries();
				return isDone();
			},
			until: minutes(10),
			now: () => new Date(),
			pollMs: 600_000,
		});
		expect(outcomesOf(following, 'Attesa').map(({ state }) => state)).toEqual([
			'delivered',
			'delivered',
		]);
	});

	it('finds what is sorted into another folder than the one it listens to', async () => {
		const desk = await SendingDesk.open(OWN);
		await desk.send('Attesa', clienti(2));
		const store = desk.sandbox.store.account(STUDIO);
		store?.createFolder('Consegne');
		const inbox = store?.folder('INBOX');
		const isDelivery = ({ raw }: { raw: Buffer }) => raw.includes('X-Ricevuta: avvenuta-consegna');
		const deliveries = inbox?.messages.filter(isDelivery) ?? [];
		inbox?.expunge(deliveries.map(({ uid }) => uid));
		const following = followingOf(desk, ['Attesa']);
		const imap = await desk.connect();
		await followUntil(following, {
			imap: async () => imap,
			isDone: () => {
				// As a rule of the server sorts what arrives.
				for (const { raw } of deliveries.splice(0)) {
					desk.sandbox.deliverRaw(raw, STUDIO, { folder: 'Consegne' });
				}
				return outcomesOf(following, 'Attesa').every(({ final }) => final);
			},
			until: minutes(10),
			now: () => new Date(),
			pollMs: 100,
		});
		expect(following.receiptsFolder).toBe('INBOX');
		expect(outcomesOf(following, 'Attesa').map(({ state }) => state)).toEqual([
			'delivered',
			'delivered',
		]);
	});

	it('goes on over a new connection when one is lost', async () => {
		const { desk, following, isDone } = await held();
		const { proxy, connect } = await counted(desk);
		let connections = 0;
		let looks = 0;
		let open: ImapSession | undefined;
		await followUntil(following, {
			imap: async () => {
				if (open) return open;
				connections += 1;
				const imap = await connect();
				void imap.closed.then(() => (open = undefined));
				return (open = imap);
			},
			isDone: () => {
				looks += 1;
				if (looks === 1) {
					proxy.cut();
					void desk.sandbox.releaseDeliveries();
				}
				return isDone();
			},
			until: minutes(10),
			now: () => new Date(),
			pollMs: 600_000,
			reconnectMs: 10,
		});
		expect(connections).toBe(2);
		expect(outcomesOf(following, 'Attesa').every(({ state }) => state === 'delivered')).toBe(true);
	});

	it('ends at once when it is cancelled, and says so', async () => {
		const { desk, following, isDone } = await held();
		const imap = await desk.connect();
		const stop = new AbortController();
		const waiting = followUntil(following, {
			imap: async () => imap,
			isDone: () => {
				setImmediate(() => stop.abort());
				return isDone();
			},
			until: minutes(10),
			now: () => new Date(),
			signal: stop.signal,
		});
		await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
	});

	it('ends when the time is over, with what is known', async () => {
		const { desk, following, isDone } = await held();
		const imap = await desk.connect();
		await followUntil(following, {
			imap: async () => imap,
			isDone,
			until: new Date(Date.now() + 300),
			now: () => new Date(),
		});
		expect(outcomesOf(following, 'Attesa').map(({ state }) => state)).toEqual([
			'accepted',
			'accepted',
		]);
	});
});
