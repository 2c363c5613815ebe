import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPecHeaders } from '../../nodes/pec/message.ts';
import { evidenceOf } from '../../nodes/pec/evidence.ts';
import { messageIdOf } from '../../nodes/pec/batch.ts';
import { planPurge, type PurgeRequest } from '../../nodes/pec/purge.ts';
import type {
	Acknowledgement,
	CopyRecord,
	PurgeBlocker,
	PurgeCandidate,
	RowRecord,
} from '../../nodes/pec/types.ts';
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
	verified: true,
	receipt: evidenceOf(headers, { pecKey }),
	...more,
});
const copiesOf = (candidates: readonly PurgeCandidate[]) =>
	new Map(candidates.map((one) => [one.pecKey, copyOf(one)]));
const plan = (
	candidates: readonly PurgeCandidate[],
	copies: ReadonlyMap<string, CopyRecord> = copiesOf(candidates),
	more: Partial<PurgeRequest> = {},
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
				message: {
					pecKey: 'envelope',
					folder: 'INBOX',
					uid: 1,
					uidValidity: '1',
					size: 1000,
					receivedAt: OLD,
				},
				verdict: 'delete',
				blockedBy: [],
				copy: 'handedOver',
				copyRecord: copy,
				seen: true,
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
	it.each<[string, PurgeCandidate[], 'delete' | 'pending' | 'failed' | 'pending and failed']>([
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
		['accepted only', [ACCEPTED, SENT], 'pending'],
		['delivered to one of two', [toBoth, delivered(RECIPIENT), SENT], 'pending'],
		[
			'delivered to an unnamed one of two',
			[toBoth, receipt('avvenuta-consegna', { destinatari: BOTH })],
			'pending',
		],
		['delivered without a known acceptance', [DELIVERED, SENT], 'pending'],
		['accepted for nobody named', [receipt('accettazione', { destinatari: [] }), SENT], 'pending'],
		['taken in charge only', [TAKEN], 'pending'],
		['delayed', [ACCEPTED, FIRST], 'pending'],
		['given up', [ACCEPTED, SECOND, SENT], 'failed'],
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
			'pending and failed',
		],
		['refused', [receipt('non-accettazione', { errore: 'altro' }), SENT], 'failed'],
		['failed', [ACCEPTED, FAILED, SENT], 'failed'],
		['failed and delivered', [ACCEPTED, FAILED, DELIVERED, SENT], 'failed'],
		['infected', [ACCEPTED, receipt('rilevazione-virus', { errore: 'virus' })], 'failed'],
		[
			'delivered by a contradictory receipt',
			[ACCEPTED, receipt('avvenuta-consegna', { consegna: RECIPIENT, errore: 'altro' })],
			'pending',
		],
		['with a receipt of unknown type', [ACCEPTED, DELIVERED, receipt('boh')], 'pending'],
	])('%s: %s', (_, candidates, state) => {
		const planned = plan(candidates);
		const blockedBy = {
			delete: [],
			pending: ['threadIncomplete'],
			failed: ['failureNotAcknowledged'],
			'pending and failed': ['threadIncomplete', 'failureNotAcknowledged'],
		}[state];
		expect(planned.map((one) => one.blockedBy)).toEqual(candidates.map(() => blockedBy));
		const verdict = state === 'delete' ? 'delete' : 'keep';
		expect(planned.map((one) => one.verdict)).toEqual(candidates.map(() => verdict));
	});

	it('is told by copies of receipts that left the mailbox', () => {
		const copies = copiesOf([ACCEPTED, DELIVERED, SENT]);
		expect(plan([SENT], copies)[0]?.verdict).toBe('delete');
		expect(plan([DELIVERED], copies)[0]?.verdict).toBe('delete');
		expect(plan([DELIVERED], copiesOf([DELIVERED]))[0]?.verdict).toBe('keep');
		expect(plan([SENT], copiesOf([ACCEPTED, FAILED, SENT]))[0]?.blockedBy).toEqual([
			'failureNotAcknowledged',
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

describe('what else a clean-up heeds', () => {
	const blockers = (
		one: PurgeCandidate,
		more: Partial<PurgeRequest>,
		copy: Partial<CopyRecord> = {},
	) => plan([one], new Map([[one.pecKey, copyOf(one, copy)]]), more)[0]?.blockedBy;
	const toExchange = candidate('sdi', 'X-Trasporto: posta-certificata', {
		tipo: 'posta-certificata',
		destinatari: [{ address: 'sdi01@pec.fatturapa.it', tipo: 'certificato' }],
	});

	it.each<[string, Partial<PurgeRequest>, Partial<CopyRecord>, PurgeBlocker[]]>([
		[
			'a copy that was not handed over, when that is required',
			{ copyRequired: 'handedOver' },
			{},
			['notHandedOver'],
		],
		['nothing when it was', { copyRequired: 'handedOver' }, { level: 'handedOver' }, []],
		[
			'a handed-over copy of another size',
			{ copyRequired: 'handedOver' },
			{ level: 'handedOver', size: 1 },
			['sizeDiffers'],
		],
		['a seal that did not hold when it was copied', {}, { verified: false }, ['unverified']],
		['a copy that does not tell of the seal', {}, { verified: undefined }, ['unverified']],
		['no seal when that is not asked for', { keepUnverified: false }, { verified: false }, []],
		['the folders that are excepted', { exceptedFolders: ['INBOX'] }, {}, ['exceptedFolder']],
		['our own folder', { isProtected: (folder) => folder === 'INBOX' }, {}, ['protected']],
	])('%s', (_, more, copy, expected) => {
		expect(blockers(envelope(), more, copy)).toEqual(expected);
	});

	it('every other blocker, when no copy is required', () => {
		const none = { copyRequired: 'none' as const };
		expect(plan([envelope()], new Map(), none)[0]?.blockedBy).toEqual([]);
		expect(plan([ACCEPTED], new Map(), none)[0]?.blockedBy).toEqual(['threadIncomplete']);
		const flagged = envelope({ flags: ['\\Flagged'], receivedAt: '2027-01-01T00:00:00Z' });
		expect(plan([flagged], new Map(), none)[0]?.blockedBy).toEqual([
			'tooRecent',
			'unread',
			'flagged',
		]);
		expect(plan([ORDINARY], new Map(), none)[0]?.blockedBy).toEqual(['notPec']);
	});

	it('folders and receipt types that are asked for, and counts what lies elsewhere as evidence', () => {
		const elsewhere = { ...ACCEPTED, folder: 'Ricevute' };
		const planned = plan([elsewhere, DELIVERED, envelope()], undefined, {
			folders: ['INBOX'],
			receiptTypes: ['delivery'],
		});
		expect(planned.map(({ message, verdict }) => [message.pecKey, verdict])).toEqual([
			['avvenuta-consegna', 'delete'],
			['envelope', 'delete'],
		]);
	});

	it('traffic of the invoice exchange, apart from everything else', () => {
		expect(blockers(toExchange, {})).toEqual(['sdi']);
		expect(blockers(toExchange, { sdi: 'include' })).toEqual([]);
		const only = plan([toExchange, envelope()], undefined, { sdi: 'only' });
		expect(only.map(({ message, verdict }) => [message.pecKey, verdict])).toEqual([
			['sdi', 'delete'],
		]);
		const fromExchange = candidate(
			'x',
			'X-Trasporto: posta-certificata\r\nFrom: "Per conto di: sdi01@pec.fatturapa.it" <posta-certificata@pec.aruba.it>',
		);
		expect(blockers(fromExchange, {})).toEqual(['sdi']);
		const pretender = candidate(
			'x',
			'X-Trasporto: posta-certificata\r\nFrom: a@pec.fatturapa.it.example',
		);
		expect(blockers(pretender, {})).toEqual([]);
	});

	describe('that a person closed a sending:', () => {
		const closing = (more: Partial<Acknowledgement> = {}): Acknowledgement => ({
			messageId: ORIGINAL_ID,
			note: 'Sentito per telefono',
			at: OLD,
			failures: [FAILED.pecKey],
			closesAwaited: false,
			...more,
		});
		const keeps = (candidates: PurgeCandidate[], ...acknowledgements: Acknowledgement[]) =>
			plan(candidates, undefined, { acknowledgements }).map(({ blockedBy }) => blockedBy);
		const toBoth = receipt('accettazione', { destinatari: BOTH });
		const failedOf = (consegna: string) =>
			receipt(
				'errore-consegna',
				{ destinatari: BOTH, errore: 'altro', consegna },
				`failed-${consegna}`,
			);

		it('its failure holds nothing back any more', () => {
			const thread = [ACCEPTED, FAILED, SENT];
			expect(keeps(thread, closing())).toEqual([[], [], []]);
			expect(keeps(thread, closing({ messageId: '<other@x>' }))).toEqual(
				thread.map(() => ['failureNotAcknowledged']),
			);
		});

		it('a failure that came later, or what others are awaited for, still does', () => {
			const [one, other] = [failedOf(RECIPIENT), failedOf(OTHER)];
			const closed = closing({ failures: [one.pecKey] });
			expect(keeps([toBoth, one], closed)).toEqual([['threadIncomplete'], ['threadIncomplete']]);
			expect(keeps([toBoth, one, other], closed)[0]).toEqual(['failureNotAcknowledged']);
			expect(keeps([toBoth, one, other], closed, closing({ failures: [other.pecKey] }))).toEqual([
				[],
				[],
				[],
			]);
		});

		it('what was refused as a whole is at its end', () => {
			const refused = receipt('non-accettazione', { errore: 'altro' });
			expect(keeps([refused, SENT], closing({ failures: [refused.pecKey] }))).toEqual([[], []]);
		});

		it('nothing is awaited when that was closed too, of one recipient or of all', () => {
			expect(keeps([ACCEPTED], closing({ failures: [] }))).toEqual([['threadIncomplete']]);
			expect(keeps([ACCEPTED], closing({ failures: [], closesAwaited: true }))).toEqual([[]]);
			const ofOne = closing({ failures: [], closesAwaited: true, recipient: OTHER.toUpperCase() });
			expect(keeps([toBoth], ofOne)).toEqual([['threadIncomplete']]);
			const delivered = receipt('avvenuta-consegna', { destinatari: BOTH, consegna: RECIPIENT });
			expect(keeps([toBoth, delivered], ofOne)).toEqual([[], []]);
		});
	});

	describe('that a mailing is running:', () => {
		const account = 'studio@pec.alfa.test';
		const idOf = (recipient: string, mailing = 'Invio') =>
			messageIdOf({ account, mailing, row: { recipient, rowKey: '', attempt: 1 } });
		const recordOf = (
			recipient: string,
			verdict?: 'submitted' | 'deferred',
			mailing?: string,
		): RowRecord => ({
			row: { recipient, rowKey: '', attempt: 1 },
			messageId: idOf(recipient, mailing),
			intents: [OLD],
			results: verdict ? [{ verdict, at: OLD }] : [],
		});
		const thread = [
			receipt('accettazione', {}, 'a', idOf(RECIPIENT)),
			receipt('avvenuta-consegna', { consegna: RECIPIENT }, 'd', idOf(RECIPIENT)),
		];
		const keeps = (
			records: RowRecord[],
			candidates = thread,
			acknowledgements: Acknowledgement[] = [],
		) =>
			plan(candidates, undefined, { records, acknowledgements }).map(({ blockedBy }) => blockedBy);
		const done = recordOf(RECIPIENT, 'submitted');

		it.each<[string, RowRecord]>([
			['put off', recordOf(OTHER, 'deferred')],
			['under way', recordOf(OTHER, 'submitted')],
			['unclear', recordOf(OTHER)],
		])('a row that is %s holds back what the others have', (_, record) => {
			expect(keeps([done, record])).toEqual([['runningMailing'], ['runningMailing']]);
		});

		it('rows at their end hold nothing back, nor do other mailings, nor single messages', () => {
			const failed = receipt(
				'errore-consegna',
				{ errore: 'altro', consegna: OTHER },
				'f',
				idOf(OTHER),
			);
			const all = [...thread, failed];
			expect(keeps([done, recordOf(OTHER, 'submitted')], all).slice(0, 2)).toEqual([[], []]);
			expect(keeps([done, recordOf(OTHER, 'deferred', 'Altro')])).toEqual([[], []]);
			expect(keeps([done])).toEqual([[], []]);
		});

		it('a row that a person closed holds nothing back', () => {
			const closed = {
				messageId: idOf(OTHER),
				note: '',
				at: OLD,
				failures: [],
				closesAwaited: true,
			};
			expect(keeps([done, recordOf(OTHER)], thread, [closed])).toEqual([[], []]);
		});

		it('the copy of what was sent is told by the records alone', () => {
			const sent = candidate('sent', `Message-ID: ${idOf(RECIPIENT)}`);
			expect(keeps([done], [sent])).toEqual([['threadIncomplete']]);
			expect(keeps([], [sent])).toEqual([['notPec']]);
		});
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
