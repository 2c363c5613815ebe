import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPecHeaders } from '../../nodes/pec/message.ts';
import { evidenceOf } from '../../nodes/pec/evidence.ts';
import { planPurge } from '../../nodes/pec/purge.ts';
import type { CopyRecord, PurgeBlocker, PurgeCandidate } from '../../nodes/pec/types.ts';
import type { Daticert } from './pecWriter.ts';
import { ORIGINAL_ID, RECIPIENT, writeDaticert } from './pecWriter.ts';

const OLD = '2026-01-01T00:00:00.000Z';
const OLDER_THAN = new Date('2026-02-01T00:00:00.000Z');
const OTHER = 'bianchi@pec.recipient.example';
const BOTH = [
	{ address: RECIPIENT, tipo: 'certificato' },
	{ address: OTHER, tipo: 'certificato' },
];
const HALF_EXTERNAL = [
	{ address: RECIPIENT, tipo: 'certificato' },
	{ address: OTHER, tipo: 'esterno' },
];

function candidate(
	name: string,
	header: string,
	daticert?: Daticert,
	more: Partial<PurgeCandidate> = {},
): PurgeCandidate {
	const xml = daticert && Buffer.from(writeDaticert(daticert));
	return {
		pecKey: name,
		folder: 'INBOX',
		uid: 1,
		uidValidity: '1',
		size: 1000,
		receivedAt: OLD,
		flags: ['\\Seen'],
		headers: readPecHeaders(Buffer.from(`${header}\r\n\r\n`), xml),
		...more,
	};
}
const receipt = (tipo: string, data: Daticert = {}, name = tipo, original = ORIGINAL_ID) =>
	candidate(name, `X-Ricevuta: ${tipo}\r\nX-Riferimento-Message-ID: ${original}`, {
		tipo,
		msgid: original,
		...data,
	});
const envelope = (more: Partial<PurgeCandidate> = {}) =>
	candidate('envelope', 'X-Trasporto: posta-certificata', { tipo: 'posta-certificata' }, more);
const SENT = candidate('sent', `Subject: x\r\nMessage-ID: ${ORIGINAL_ID}`);
const ORDINARY = candidate('ordinary', 'Subject: x\r\nMessage-ID: <other@x>');

const copyOf = (
	{ pecKey, size, headers }: PurgeCandidate,
	more: Partial<CopyRecord> = {},
): CopyRecord => ({
	pecKey,
	sha256: 'f00d',
	size,
	location: `file:${pecKey}`,
	checkedAt: OLD,
	method: 'readBack',
	level: 'checked',
	kind: headers.kind,
	receipt: evidenceOf(headers, { pecKey }),
	...more,
});
const copiesOf = (candidates: readonly PurgeCandidate[]) =>
	new Map(candidates.map((one) => [one.pecKey, copyOf(one)]));
const plan = (
	candidates: readonly PurgeCandidate[],
	copies: ReadonlyMap<string, CopyRecord> = copiesOf(candidates),
	more: object = {},
) => planPurge({ candidates, copies, olderThan: OLDER_THAN, keepUnread: true, ...more });

const ACCEPTED = receipt('accettazione');
const DELIVERED = receipt('avvenuta-consegna', { consegna: RECIPIENT });
const FAILED = receipt('errore-consegna', {
	errore: 'altro',
	consegna: RECIPIENT,
	esteso: '5.2.2 - x',
});
const TAKEN = receipt('presa-in-carico', { ricezione: [RECIPIENT] });
const FIRST = receipt(
	'preavviso-errore-consegna',
	{ errore: 'altro', esteso: '4.4.1 - x' },
	'first',
);
const SECOND = receipt(
	'preavviso-errore-consegna',
	{ errore: 'altro', esteso: '5.4.1 - x' },
	'second',
);

describe('what a clean-up keeps of single messages', () => {
	it.each<[string, PurgeCandidate, Partial<CopyRecord> | undefined, PurgeBlocker[]]>([
		['nothing of an old copied envelope', envelope(), {}, []],
		['what has no copy', envelope(), undefined, ['noCopy']],
		['what has a copy of another size', envelope(), { size: 999 }, ['sizeDiffers']],
		['what is flagged', envelope({ flags: ['\\Seen', '\\FLAGGED'] }), {}, ['flagged']],
		['what nobody opened', envelope({ flags: [] }), {}, ['unread']],
		['what is recent', envelope({ receivedAt: '2026-02-01T00:00:00.001Z' }), {}, ['tooRecent']],
		[
			'nothing received at the very limit',
			envelope({ receivedAt: OLDER_THAN.toISOString() }),
			{},
			[],
		],
		['what has no readable date', envelope({ receivedAt: 'long ago' }), {}, ['tooRecent']],
		['what cannot be read', candidate('x', ''), {}, ['unreadable']],
		['ordinary mail', ORDINARY, {}, ['notPec']],
		[
			'mail servers’ reports',
			candidate('x', 'Content-Type: multipart/report; report-type=delivery-status'),
			{},
			['notPec'],
		],
		[
			'a receipt that says not of what',
			candidate('x', 'X-Ricevuta: accettazione'),
			{},
			['threadIncomplete'],
		],
		[
			'everything at once',
			candidate('x', '', undefined, { flags: ['\\Flagged'], receivedAt: '2027-01-01T00:00:00Z' }),
			undefined,
			['unreadable', 'noCopy', 'tooRecent', 'flagged'],
		],
	])('%s', (_, one, copy, blockedBy) => {
		const copies = new Map(copy ? [[one.pecKey, copyOf(one, copy)]] : []);
		expect(plan([one], copies)).toMatchObject([
			{
				verdict: blockedBy.length === 0 ? 'delete' : 'keep',
				blockedBy,
				copy: copy ? 'checked' : 'none',
			},
		]);
	});

	it('unread receipts and, when asked, unread envelopes may go', () => {
		const unread = [ACCEPTED, DELIVERED].map((one) => ({ ...one, flags: [] }));
		expect(plan(unread).map(({ verdict }) => verdict)).toEqual(['delete', 'delete']);
		const seen = plan([envelope({ flags: [] })], undefined, { keepUnread: false });
		expect(seen[0]?.verdict).toBe('delete');
	});

	it('names the copy that a deletion relies on', () => {
		const one = envelope();
		const copy = copyOf(one, { level: 'handedOver' });
		expect(plan([one], new Map([[one.pecKey, copy]]))).toEqual([
			{
				message: { pecKey: 'envelope', folder: 'INBOX', uid: 1, uidValidity: '1', size: 1000 },
				verdict: 'delete',
				blockedBy: [],
				copy: 'handedOver',
				copyRecord: copy,
			},
		]);
	});

	it('plans for the kinds asked alone, and counts the others as evidence', () => {
		const candidates = [ACCEPTED, DELIVERED, SENT, envelope()];
		const planned = plan(candidates, undefined, { kinds: ['ordinary'] });
		expect(planned).toMatchObject([{ message: { pecKey: 'sent' }, verdict: 'delete' }]);
	});
});

describe('what a clean-up keeps of a sending', () => {
	const external = (data: Daticert = {}) =>
		receipt('accettazione', { destinatari: HALF_EXTERNAL, ...data });
	const toBoth = receipt('accettazione', { destinatari: BOTH });
	const delivered = (consegna: string) =>
		receipt('avvenuta-consegna', { destinatari: BOTH, consegna }, `delivered-${consegna}`);
	it.each<[string, PurgeCandidate[], 'delete' | 'keep']>([
		['accepted and delivered', [ACCEPTED, DELIVERED, SENT], 'delete'],
		['delivered to both', [toBoth, delivered(RECIPIENT), delivered(OTHER), SENT], 'delete'],
		['delivered to all but ordinary e-mail', [external(), DELIVERED, SENT], 'delete'],
		[
			'to ordinary e-mail alone',
			[receipt('accettazione', { destinatari: [{ address: OTHER, tipo: 'esterno' }] }), SENT],
			'delete',
		],
		['delayed, then delivered', [ACCEPTED, FIRST, DELIVERED], 'delete'],
		['given up, then delivered all the same', [ACCEPTED, FIRST, SECOND, DELIVERED], 'delete'],
		['accepted only', [ACCEPTED, SENT], 'keep'],
		['delivered to one of two', [toBoth, delivered(RECIPIENT), SENT], 'keep'],
		[
			'delivered to an unnamed one of two',
			[toBoth, receipt('avvenuta-consegna', { destinatari: BOTH })],
			'keep',
		],
		['delivered without a known acceptance', [DELIVERED, SENT], 'keep'],
		['accepted for nobody named', [receipt('accettazione', { destinatari: [] }), SENT], 'keep'],
		['taken in charge only', [TAKEN], 'keep'],
		['delayed', [ACCEPTED, FIRST], 'keep'],
		['given up', [ACCEPTED, SECOND, SENT], 'keep'],
		[
			'given up for an unnamed one of two',
			[
				toBoth,
				delivered(RECIPIENT),
				receipt('preavviso-errore-consegna', {
					destinatari: BOTH,
					errore: 'altro',
					esteso: '5.4.1 - x',
				}),
			],
			'keep',
		],
		['refused', [receipt('non-accettazione', { errore: 'altro' }), SENT], 'keep'],
		['failed', [ACCEPTED, FAILED, SENT], 'keep'],
		['failed and delivered', [ACCEPTED, FAILED, DELIVERED, SENT], 'keep'],
		['infected', [ACCEPTED, receipt('rilevazione-virus', { errore: 'virus' })], 'keep'],
		[
			'delivered by a contradictory receipt',
			[ACCEPTED, receipt('avvenuta-consegna', { consegna: RECIPIENT, errore: 'altro' })],
			'keep',
		],
		['with a receipt of unknown type', [ACCEPTED, DELIVERED, receipt('boh')], 'keep'],
	])('%s: %s', (_, candidates, verdict) => {
		const planned = plan(candidates);
		expect(planned.map((one) => one.verdict)).toEqual(candidates.map(() => verdict));
		const blockedBy = verdict === 'keep' ? ['threadIncomplete'] : [];
		expect(planned.map((one) => one.blockedBy)).toEqual(candidates.map(() => blockedBy));
	});

	it('is told by copies of receipts that left the mailbox', () => {
		const copies = copiesOf([ACCEPTED, DELIVERED, SENT]);
		expect(plan([SENT], copies)[0]?.verdict).toBe('delete');
		expect(plan([DELIVERED], copies)[0]?.verdict).toBe('delete');
		expect(plan([DELIVERED], copiesOf([DELIVERED]))[0]?.verdict).toBe('keep');
		expect(plan([SENT], copiesOf([ACCEPTED, FAILED, SENT]))[0]?.blockedBy).toEqual([
			'threadIncomplete',
		]);
	});

	it('does not hold back another sending', () => {
		const second = [
			receipt('accettazione', {}, 'a2', '<second@x>'),
			receipt('errore-consegna', { errore: 'altro', consegna: RECIPIENT }, 'f2', '<second@x>'),
		];
		const planned = plan([ACCEPTED, DELIVERED, ...second]);
		expect(planned.map(({ verdict }) => verdict)).toEqual(['delete', 'delete', 'keep', 'keep']);
	});
});

describe('any clean-up', () => {
	const ids = ['<a@x>', '<b@x>'];
	const recipients = [RECIPIENT, OTHER];
	const message = fc
		.record({
			what: fc.constantFrom(
				'accettazione',
				'avvenuta-consegna',
				'errore-consegna',
				'preavviso-errore-consegna',
				'non-accettazione',
				'presa-in-carico',
				'sent',
				'envelope',
				'ordinary',
			),
			id: fc.constantFrom(...ids),
			consegna: fc.constantFrom(...recipients),
			esteso: fc.constantFrom('4.4.1', '5.4.1', undefined),
			two: fc.boolean(),
			flags: fc.constantFrom([], ['\\Seen'], ['\\Seen', '\\Flagged']),
			receivedAt: fc.constantFrom(OLD, '2026-03-01T00:00:00Z'),
			copied: fc.constantFrom('no', 'yes', 'yes', 'otherSize'),
			inMailbox: fc.boolean(),
		})
		.map(({ what, id, consegna, esteso, two, flags, receivedAt, ...rest }) => {
			const name = JSON.stringify([
				what,
				id,
				consegna,
				esteso,
				two,
				flags,
				receivedAt,
				rest.copied,
			]);
			const destinatari = two ? BOTH : [{ address: consegna, tipo: 'certificato' }];
			const base =
				what === 'sent' || what === 'ordinary'
					? candidate(name, `Message-ID: ${what === 'sent' ? id : '<else@x>'}`)
					: what === 'envelope'
						? candidate(name, 'X-Trasporto: posta-certificata', { tipo: 'posta-certificata' })
						: receipt(
								what,
								{
									destinatari,
									consegna: what === 'accettazione' ? undefined : consegna,
									esteso,
									errore: /errore|non/.test(what) ? 'altro' : 'nessuno',
								},
								name,
								id,
							);
			return { what, id, consegna, two, esteso, ...rest, one: { ...base, flags, receivedAt } };
		});

	it('deletes nothing without a copy of equal size, and nothing of a pending or failed sending', () => {
		fc.assert(
			fc.property(fc.array(message, { maxLength: 12 }), (messages) => {
				const copies = new Map(
					messages
						.filter(({ copied }) => copied !== 'no')
						.map(({ one, copied }) => [
							one.pecKey,
							copyOf(one, copied === 'yes' ? {} : { size: 1 }),
						]),
				);
				const present = messages.filter(({ inMailbox }) => inMailbox);
				const planned = plan(
					present.map(({ one }) => one),
					copies,
				);
				const known = messages.filter(({ inMailbox, copied }) => inMailbox || copied !== 'no');
				planned.forEach((verdict, index) => {
					if (verdict.verdict === 'keep') {
						expect(verdict.blockedBy).not.toEqual([]);
						return;
					}
					const deleted = present[index];
					expect(copies.get(verdict.message.pecKey)?.size).toBe(verdict.message.size);
					expect(verdict.copyRecord?.size).toBe(verdict.message.size);
					if (deleted?.what === 'envelope') return;
					expect(deleted?.what).not.toBe('ordinary');
					const thread = known.filter(
						({ id, what }) => id === deleted?.id && !/sent|envelope|ordinary/.test(what),
					);
					const has = (what: string, to?: string) =>
						thread.some(
							(entry) => entry.what === what && (to === undefined || entry.consegna === to),
						);
					expect(has('errore-consegna') || has('non-accettazione')).toBe(false);
					expect(has('accettazione')).toBe(true);
					for (const { what, two, consegna } of thread) {
						const awaited = what !== 'accettazione' ? [] : two ? recipients : [consegna];
						for (const to of awaited) expect(has('avvenuta-consegna', to)).toBe(true);
						if (what === 'preavviso-errore-consegna')
							expect(has('avvenuta-consegna', consegna)).toBe(true);
					}
				});
			}),
			{ numRuns: 1000 },
		);
	});
});
