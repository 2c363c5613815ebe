import { describe, expect, it } from 'vitest';
import { messageIdOf } from '../../nodes/pec/batch.ts';
import { ReplyIndex } from '../../nodes/pec/replyIndex.ts';
import { keyedMessageName, singleMessageName } from '../../nodes/pec/singleMessage.ts';
import type { PecMessage, ReceiptEvidence, Row } from '../../nodes/pec/types.ts';

const account = 'studio@pec.alfa.test';
const MAILING = 'Solleciti';
const at = '2026-02-01T10:00:00.000Z';

function sendingOf(recipient: string, rowKey = 'p/1', mailing = MAILING) {
	const row = { recipient, rowKey, attempt: 1 };
	return { mailing, row, messageId: messageIdOf({ account, mailing, row }) };
}
const ROSSI = sendingOf('rossi@pec.beta.test');
const BIANCHI = sendingOf('bianchi@pec.beta.test', '');

function recorded({ mailing, row, messageId }: { mailing: string; row: Row; messageId: string }) {
	return { mailing, intents: [{ row, messageId, at }], results: [] };
}

function acceptance(
	originalMessageId: string,
	providerId: string,
	recipients: readonly string[],
): ReceiptEvidence {
	return {
		type: 'acceptance',
		originalMessageId,
		providerId,
		messageId: `<receipt.of.${providerId}>`,
		recipients: recipients.map((address) => ({ address, type: 'certified' })),
		final: true,
		consistent: true,
		verified: false,
		pecKey: `key-${providerId}`,
	};
}

type Letter = Pick<PecMessage, 'kind' | 'envelope' | 'original' | 'certification'>;

function letter(
	quotes: { inReplyTo?: string; references?: string[] },
	more: { from?: string; kind?: PecMessage['kind']; inEnvelope?: boolean } = {},
): Letter {
	const { from = ROSSI.row.recipient, kind = 'transportEnvelope', inEnvelope = false } = more;
	const original = { to: [], cc: [], replyTo: [], attachments: [], raw: Buffer.of() };
	return {
		kind,
		certification: { sender: from, recipients: [], receivedBy: [] },
		envelope: { to: [], cc: [], ...(inEnvelope ? quotes : {}) },
		original: { ...original, ...(inEnvelope ? {} : quotes) },
	};
}

function indexed(): ReplyIndex {
	const index = new ReplyIndex();
	index.addSubmissions(recorded(ROSSI));
	index.addSubmissions(recorded(BIANCHI));
	index.addReceipt(acceptance(ROSSI.messageId, 'opec1.rossi@alfa', [ROSSI.row.recipient]));
	index.addReceipt(acceptance(BIANCHI.messageId, 'opec1.bianchi@alfa', [BIANCHI.row.recipient]));
	return index;
}

const TO_ROSSI = {
	messageId: ROSSI.messageId,
	mailing: MAILING,
	rowKey: 'p/1',
	recipient: ROSSI.row.recipient,
};

describe('a reply', () => {
	it.each<[string, Letter]>([
		['the provider’s id', letter({ inReplyTo: '<opec1.rossi@alfa>' })],
		['our own id', letter({ inReplyTo: ROSSI.messageId })],
		['a receipt’s id', letter({ inReplyTo: '<receipt.of.opec1.rossi@alfa>' })],
		['it among its references', letter({ references: ['<opec1.rossi@alfa>', '<later@x>'] })],
		[
			'a nearer message that is not ours',
			letter({ inReplyTo: '<his.own@x>', references: ['<opec1.rossi@alfa>', '<his.own@x>'] }),
		],
		[
			'another of ours further back',
			letter({
				inReplyTo: '<opec1.rossi@alfa>',
				references: ['<opec1.bianchi@alfa>', '<opec1.rossi@alfa>'],
			}),
		],
		[
			'the last of its references',
			letter({ references: ['<opec1.bianchi@alfa>', '<opec1.rossi@alfa>'] }),
		],
		['it in the envelope alone', letter({ inReplyTo: '<opec1.rossi@alfa>' }, { inEnvelope: true })],
	])('is known by %s', (_, message) => {
		expect(indexed().answerTo(message)).toEqual(TO_ROSSI);
	});

	it.each<[string, Letter]>([
		['quotes nothing', letter({})],
		['quotes what nobody knows', letter({ inReplyTo: '<other@x>', references: ['<y@x>'] })],
		[
			'quotes two sendings at once',
			letter({ inReplyTo: '<opec1.rossi@alfa> <opec1.bianchi@alfa>' }),
		],
		['is ordinary mail', letter({ inReplyTo: '<opec1.rossi@alfa>' }, { kind: 'anomalyEnvelope' })],
		['quotes an id that only resembles ours', letter({ inReplyTo: '<OPEC1.rossi@alfa>' })],
	])('is none when it %s', (_, message) => {
		expect(indexed().answerTo(message)).toBeUndefined();
	});

	it('is no answer when two sendings claim the id it quotes, whatever else it quotes', () => {
		const index = indexed();
		index.addReceipt(acceptance(BIANCHI.messageId, 'opec1.rossi@alfa', []));
		index.addReceipt(acceptance(ROSSI.messageId, 'opec1.rossi@alfa', []));
		const message = letter({
			inReplyTo: '<opec1.rossi@alfa>',
			references: ['<opec1.bianchi@alfa>', '<opec1.rossi@alfa>'],
		});
		expect(index.answerTo(message)).toBeUndefined();
	});

	it('is not tied by a receipt that contradicts itself, nor to what is not recorded', () => {
		const index = indexed();
		index.addReceipt({ ...acceptance(ROSSI.messageId, 'opec2@alfa', []), consistent: false });
		index.addReceipt(acceptance('<webmail@alfa>', 'opec3@alfa', []));
		expect(index.answerTo(letter({ inReplyTo: '<opec2@alfa>' }))).toBeUndefined();
		expect(index.answerTo(letter({ inReplyTo: '<opec3@alfa>' }))).toBeUndefined();
	});

	it('from another mailbox than the recipient’s says so', () => {
		const message = letter(
			{ inReplyTo: '<opec1.rossi@alfa>' },
			{ from: 'Avv.Verdi@pec.gamma.test' },
		);
		expect(indexed().answerTo(message)).toEqual({
			...TO_ROSSI,
			answeredBy: 'avv.verdi@pec.gamma.test',
		});
	});

	it('to a row without a key has none', () => {
		const index = indexed();
		expect(
			index.answerTo(letter({ inReplyTo: BIANCHI.messageId }, { from: BIANCHI.row.recipient })),
		).toEqual({
			messageId: BIANCHI.messageId,
			mailing: MAILING,
			recipient: BIANCHI.row.recipient,
		});
	});

	it('to a single message says under which Send Key it was sent', () => {
		const index = new ReplyIndex();
		const sending = sendingOf('rossi@pec.beta.test', '', keyedMessageName('<bozza@studio.test>'));
		index.addSubmissions(recorded(sending));
		const answer = index.answerTo(letter({ inReplyTo: sending.messageId }));
		expect(answer).toMatchObject({ sendKey: '<bozza@studio.test>' });
		expect(answer).not.toHaveProperty('mailing');
	});

	it('to a message to several names who wrote, and nobody when it was none of them', () => {
		const several = sendingOf('uno@pec.beta.test', 'due@pec.beta.test', singleMessageName('r:0'));
		const index = new ReplyIndex();
		index.addSubmissions(recorded(several));
		const recipients = ['uno@pec.beta.test', 'due@pec.beta.test', 'copia@pec.beta.test'];
		index.addReceipt(acceptance(several.messageId, 'opec4@alfa', recipients));
		const from = (address: string) =>
			index.answerTo(letter({ inReplyTo: '<opec4@alfa>' }, { from: address }));
		const { messageId } = several;
		expect(from('due@pec.beta.test')).toEqual({ messageId, recipient: 'due@pec.beta.test' });
		expect(from('copia@pec.beta.test')).toEqual({ messageId, recipient: 'copia@pec.beta.test' });
		expect(from('tre@pec.beta.test')).toEqual({ messageId, answeredBy: 'tre@pec.beta.test' });
	});
});

describe('whether more must be known', () => {
	it.each<[string, Letter, boolean]>([
		['nothing is quoted', letter({}), false],
		['what is quoted is known', letter({ inReplyTo: '<opec1.rossi@alfa>' }), false],
		['it is not known', letter({ inReplyTo: '<opec9@alfa>' }), true],
		[
			'only what lies further back is known',
			letter({ inReplyTo: '<opec9@alfa>', references: ['<opec1.rossi@alfa>', '<opec9@alfa>'] }),
			true,
		],
		['it is no PEC', letter({ inReplyTo: '<opec9@alfa>' }, { kind: 'ordinary' }), false],
	])('when %s', (_, message, open) => {
		expect(indexed().isOpen(message)).toBe(open);
	});
});
