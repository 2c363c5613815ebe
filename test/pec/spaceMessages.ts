import fc from 'fast-check';
import type { SpaceMessage } from '../../nodes/pec/spaceReportTypes.ts';
import type { CopyRecord, MessageKind, PecHeaders, ReceiptType } from '../../nodes/pec/types.ts';

export const NOW = new Date('2026-06-01T10:00:00.000Z');
export const DAY_MS = 24 * 3_600_000;

export function headersOf(kind: MessageKind, more: Partial<PecHeaders> = {}): PecHeaders {
	return {
		kind,
		consistent: true,
		verified: false,
		findings: [],
		envelope: { to: [], cc: [] },
		...more,
	};
}

/** A receipt about one recipient of one sending. */
export function receiptHeaders(
	type: ReceiptType,
	originalMessageId: string,
	recipient: string,
): PecHeaders {
	return headersOf('receipt', {
		receipt: {
			type,
			wireType: '',
			...(type === 'delivery' ? { content: 'complete' } : {}),
			originalMessageId,
			deliveredTo: recipient,
			recipients: [{ address: recipient, type: 'certified' }],
			final: true,
		},
	});
}

let uid = 0;

/** A read, received PEC of 1,000 bytes and so many days. */
export function message(
	fields: Partial<SpaceMessage> & { readonly daysOld?: number } = {},
): SpaceMessage {
	const { daysOld = 10, ...given } = fields;
	uid += 1;
	return {
		pecKey: `key-${uid}`,
		folder: 'INBOX',
		uid,
		uidValidity: '1',
		size: 1_000,
		receivedAt: new Date(NOW.getTime() - daysOld * DAY_MS).toISOString(),
		flags: ['\\Seen'],
		headers: headersOf('transportEnvelope'),
		...given,
	};
}

export function copyOf({ pecKey, size, headers }: SpaceMessage): CopyRecord {
	return {
		pecKey,
		size,
		sha256: 'a'.repeat(64),
		location: 'archivio',
		checkedAt: NOW.toISOString(),
		method: 'readBack',
		level: 'checked',
		kind: headers.kind,
		verified: true,
	};
}

const PEOPLE = ['a@pec.test', 'b@pec.test', 'c@pec.test'];
const SENDINGS = ['<1@x>', '<2@x>', '<3@x>'];
const TYPES: ReceiptType[] = ['acceptance', 'delivery', 'nonDelivery', 'deliveryDelay', 'unknown'];

const headers = fc.oneof(
	fc
		.constantFrom<MessageKind>(
			'transportEnvelope',
			'anomalyEnvelope',
			'deliveryStatus',
			'unreadable',
		)
		.map((kind) => headersOf(kind)),
	fc
		.constantFrom(...SENDINGS)
		.map((messageId) => headersOf('ordinary', { envelope: { to: [], cc: [], messageId } })),
	fc
		.tuple(fc.constantFrom(...TYPES), fc.constantFrom(...SENDINGS), fc.constantFrom(...PEOPLE))
		.map((fields) => receiptHeaders(...fields)),
);

/** Also what a broken server, or a clock, makes: no date, one in the future, sizes of nothing and of a gigabyte. */
const receivedAt = fc.oneof(
	fc
		.double({ min: -3, max: 1_500, noNaN: true })
		.map((days) => new Date(NOW.getTime() - days * DAY_MS).toISOString()),
	fc.constantFrom('', '+275760-09-13T00:00:00.000Z', '1970-01-01T00:00:00.000Z'),
);

/** Messages of one mailbox: each in a place of its own, some the same as others. */
export const mailboxes = fc
	.array(
		fc.record({
			pecKey: fc.integer({ min: 1, max: 15 }).map(String),
			folder: fc.constantFrom('INBOX', 'INBOX/Ricevute', 'Archivio'),
			size: fc.oneof(fc.integer({ min: 0, max: 50_000 }), fc.integer({ min: 0, max: 1024 ** 3 })),
			receivedAt,
			flags: fc.subarray(['\\Seen', '\\Flagged']),
			headers,
			correspondent: fc.option(fc.constantFrom(...PEOPLE), { nil: undefined }),
		}),
		{ maxLength: 40 },
	)
	.map((list) =>
		list.map(({ correspondent, ...one }, at): SpaceMessage => {
			// A pecKey is made of the header and the size: the same key is the same message.
			const { headers, size } = list.find(({ pecKey }) => pecKey === one.pecKey) ?? one;
			return {
				...{ ...one, headers, size },
				uid: at + 1,
				uidValidity: '1',
				...(correspondent === undefined ? {} : { correspondent }),
			};
		}),
	);
