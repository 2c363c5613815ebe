import { describe, expect, it } from 'vitest';
import { correspondentOf } from '../../nodes/pec/correspondent.ts';
import { readPecHeaders } from '../../nodes/pec/message.ts';
import { receiptHeaders, headersOf } from './spaceMessages.ts';

const STUDIO = 'studio@pec.alfa.test';
const of = (...lines: string[]) =>
	correspondentOf(readPecHeaders(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)), STUDIO);

const ENVELOPE = 'X-Trasporto: posta-certificata';
const PROVIDER = '<posta-certificata@pec.beta.test>';

describe('whom a message is exchanged with', () => {
	it.each([
		[
			'the author a provider writes for',
			[ENVELOPE, `From: "Per conto di: Rossi@pec.it" ${PROVIDER}`],
			'rossi@pec.it',
		],
		[
			'the author, whoever is to get answers',
			[ENVELOPE, `From: "Per conto di: rossi@pec.it" ${PROVIDER}`, 'Reply-To: altri@pec.it'],
			'rossi@pec.it',
		],
		[
			'whom a provider answers to, where it names nobody',
			[ENVELOPE, `From: Posta certificata ${PROVIDER}`, 'Reply-To: rossi@pec.it'],
			'rossi@pec.it',
		],
		[
			'the provider, where nothing else is said',
			[ENVELOPE, `From: ${PROVIDER}`],
			'posta-certificata@pec.beta.test',
		],
		['the sender of ordinary mail', ['From: Mario <M.Rossi@Example.it>'], 'm.rossi@example.it'],
		['whom we wrote to', [`From: ${STUDIO}`, 'To: Rossi <rossi@pec.it>'], 'rossi@pec.it'],
		[
			'nobody, of several we wrote to',
			[`From: ${STUDIO}`, 'To: a@pec.it', 'Cc: b@pec.it'],
			undefined,
		],
		['one, written twice', [`From: ${STUDIO}`, 'To: a@pec.it', 'Cc: A@pec.it'], 'a@pec.it'],
		['nobody where there is no sender', ['Subject: x'], undefined],
	])('is %s', (_, lines, address) => {
		expect(of(...lines)).toBe(address);
	});

	it('is the recipient that a receipt is about', () => {
		expect(correspondentOf(receiptHeaders('delivery', '<1@x>', 'Rossi@pec.it'), STUDIO)).toBe(
			'rossi@pec.it',
		);
	});

	it('is the provider for a receipt of which certification data was not read, and nobody for one about several', () => {
		expect(of('X-Ricevuta: accettazione', `From: ${PROVIDER}`)).toBe(
			'posta-certificata@pec.beta.test',
		);
		const two = ['a@pec.it', 'b@pec.it'].map((address) => ({
			address,
			type: 'certified' as const,
		}));
		const receipt = { type: 'acceptance', wireType: '', recipients: two, final: true } as const;
		expect(correspondentOf(headersOf('receipt', { receipt }), STUDIO)).toBeUndefined();
	});
});
