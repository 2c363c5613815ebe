import { describe, expect, it } from 'vitest';
import { readPecHeaders } from '../../nodes/pec/message.ts';
import type { Daticert } from './pecWriter.ts';
import { ORIGINAL_ID, RECIPIENT, SENDER, writeDaticert } from './pecWriter.ts';

function read(
	ricevuta: string,
	data: Daticert | null = {},
	header = `X-Riferimento-Message-ID: ${ORIGINAL_ID}\r\n`,
) {
	const block = `X-Ricevuta: ${ricevuta}\r\n${header}\r\n`;
	const xml = data && Buffer.from(writeDaticert({ tipo: ricevuta, ...data }));
	return readPecHeaders(Buffer.from(block), xml ?? undefined);
}

const codes = (told: ReturnType<typeof read>) => told.findings.map(({ code }) => code);

describe('receipt', () => {
	it.each([
		['accettazione', 'acceptance', true],
		['non-accettazione', 'nonAcceptance', true],
		['presa-in-carico', 'takenInCharge', false],
		['avvenuta-consegna', 'delivery', true],
		['errore-consegna', 'nonDelivery', true],
		['rilevazione-virus', 'virusDetected', true],
		['boh', 'unknown', false],
	])('of X-Ricevuta %s is %s', (wireType, type, final) => {
		expect(read(wireType).receipt).toMatchObject({ type, wireType, final });
	});

	it.each([
		['5.1.1 - Provider S.p.A. - indirizzo non valido', 'altro', 'addressUnknown', '5.1.1'],
		['5.1.1 - x', 'no-dest', 'addressUnknown', '5.1.1'],
		['5.2.2 - casella piena', 'altro', 'mailboxFull', '5.2.2'],
		['5.2.1 - casella disabilitata', 'altro', 'mailboxDisabled', '5.2.1'],
		['5.1.2 - dominio', 'no-dominio', 'domainUnknown', '5.1.2'],
		['5.7.1 - non autorizzato', 'altro', 'refused', '5.7.1'],
		['5.9.9 - altro', 'no-dest', 'other', '5.9.9'],
		['host 5.1.1.9 irraggiungibile', 'altro', 'other', undefined],
		['errore 15.1.1', 'altro', 'other', undefined],
		['5.4.7 - non consegnato entro le 24 ore', 'altro', 'timeout24h', '5.4.7'],
		['4.4.7 - tempo massimo', 'altro', 'timeout24h', '4.4.7'],
		['5.2.2 - casella piena\n  5.1.1 - altro', 'altro', 'mailboxFull', '5.2.2'],
		['casella piena', 'altro', 'other', undefined],
		['senza codice', 'no-dest', 'addressUnknown', undefined],
		['senza codice', 'no-dominio', 'domainUnknown', undefined],
		['infetto', 'virus', 'virus', undefined],
	])(
		'of non-delivery is explained by the status in errore-esteso: %s, %s',
		(esteso, errore, reason, status) => {
			const { receipt } = read('errore-consegna', { esteso, errore, consegna: RECIPIENT });
			expect(receipt?.error?.reason).toBe(reason);
			expect(receipt?.error?.status).toBe(status);
			expect(receipt?.error?.extended).toBe(esteso);
		},
	);

	it('of non-acceptance without a status was refused', () => {
		expect(
			read('non-accettazione', { errore: 'altro', esteso: 'formato' }).receipt?.error?.reason,
		).toBe('refused');
	});

	it.each(['non-accettazione', 'errore-consegna'])(
		'with X-VerificaSicurezza: errore is about a virus: %s',
		(type) => {
			const told = read(type, { errore: 'altro' }, 'X-VerificaSicurezza: errore\r\n');
			expect(told.receipt?.error?.reason).toBe('virus');
		},
	);

	it.each([
		['5.2.2 - casella piena', 'mailboxFull'],
		['5.1.1 - indirizzo non valido', 'addressUnknown'],
		['5.7.1 - rifiutato', 'virus'],
	])('keeps the certified reason whatever the unsigned header adds to it: %s', (esteso, reason) => {
		const header = 'X-VerificaSicurezza: errore\r\n';
		const told = read('errore-consegna', { errore: 'altro', esteso }, header);
		expect(told.receipt?.error?.reason).toBe(reason);
	});

	it.each([
		['4.4.1 - dodici ore', 'timeout12h', false, []],
		['5.4.1 - ventiquattro ore', 'timeout24h', true, []],
		['non consegnato nelle prime 24 ore', 'other', false, ['delayHourUnknown']],
		[undefined, 'other', false, ['delayHourUnknown']],
	])('of delay is final only as the notice of 24 hours: %s', (esteso, reason, final, findings) => {
		const told = read('preavviso-errore-consegna', { esteso, errore: 'altro' });
		expect(told.receipt?.error?.reason).toBe(reason);
		expect(told.receipt?.final).toBe(final);
		expect(codes(told)).toEqual(findings);
		expect(told.consistent).toBe(true);
	});

	it('of success has no error', () => {
		expect(read('avvenuta-consegna').receipt).not.toHaveProperty('error');
	});

	it('of delivery says what it holds; the others do not', () => {
		expect(read('avvenuta-consegna', { ricevuta: 'sintetica' }).receipt?.content).toBe('concise');
		expect(read('avvenuta-consegna', { ricevuta: 'complet' }).receipt?.content).toBe('unknown');
		expect(read('avvenuta-consegna', {}, 'X-Tiporicevuta: breve\r\n').receipt?.content).toBe(
			'brief',
		);
		expect(read('accettazione', { ricevuta: 'breve' }).receipt).not.toHaveProperty('content');
	});

	it('takes the original Message-ID of the header, else of the certification data', () => {
		expect(read('accettazione', {}, '').receipt?.originalMessageId).toBe(ORIGINAL_ID);
		expect(read('accettazione', { msgid: null }).receipt?.originalMessageId).toBe(ORIGINAL_ID);
		expect(read('accettazione', { msgid: null }, '').receipt).not.toHaveProperty(
			'originalMessageId',
		);
	});
});

describe('header and certification data', () => {
	it('that agree are consistent, but nothing is verified without the signature', () => {
		const told = read('avvenuta-consegna', { consegna: RECIPIENT });
		expect(told).toMatchObject({ consistent: true, verified: false, findings: [] });
	});

	it.each<[string, string, Daticert | null, string | undefined, string[]]>([
		['another type', 'avvenuta-consegna', { tipo: 'errore-consegna' }, undefined, ['typeMismatch']],
		['no type', 'avvenuta-consegna', { tipo: '' }, undefined, ['typeMismatch']],
		[
			'a delivery of an envelope',
			'avvenuta-consegna',
			{ tipo: 'posta-certificata' },
			undefined,
			['typeMismatch'],
		],
		[
			'another original',
			'accettazione',
			{},
			'X-Riferimento-Message-ID: <other@x>\r\n',
			['messageIdMismatch'],
		],
		[
			'success with an error',
			'avvenuta-consegna',
			{ errore: 'virus' },
			undefined,
			['errorMismatch'],
		],
		[
			'success with an unknown error',
			'accettazione',
			{ errore: 'boh' },
			undefined,
			['errorMismatch'],
		],
		['no data', 'accettazione', null, undefined, ['daticertMissing']],
		['an unknown type', 'boh', {}, undefined, ['receiptTypeUnknown']],
		['two types', 'accettazione', {}, 'X-Ricevuta: avvenuta-consegna\r\n', ['typeRepeated']],
		[
			'a receipt that is an envelope',
			'accettazione',
			{},
			'X-Trasporto: posta-certificata\r\n',
			['typeRepeated'],
		],
	])('that disagree keep the receipt, flagged: %s', (_, ricevuta, data, header, expected) => {
		const told = read(ricevuta, data, header);
		expect(told.kind).toBe('receipt');
		expect(codes(told)).toEqual(expected);
		expect(told.consistent).toBe(false);
	});

	describe('of an envelope', () => {
		const envelope = (fields: string) =>
			codes(
				readPecHeaders(
					Buffer.from(`X-Trasporto: posta-certificata\r\n${fields}\r\n`),
					Buffer.from(
						writeDaticert({ tipo: 'posta-certificata', identificativo: 'a.1@p.example' }),
					),
				),
			);

		it.each([
			['Message-ID: <b.2@p.example>', ['identifierMismatch']],
			['Message-ID: <A.1@p.example>', ['identifierMismatch']],
			['From: "Per conto di: x@y.example" <posta-certificata@p.example>', ['senderMismatch']],
			['From: per conto di:x@y.example <posta-certificata@p.example>', ['senderMismatch']],
			['From: =?utf-8?Q?Per_conto_di=3A_x=40y=2Eexample?= <p@p.example>', ['senderMismatch']],
			['From: "On behalf of: x@y.example" <posta-certificata@p.example>', ['senderMismatch']],
		])('disagree: %s', (field, expected) => {
			expect(envelope(`${field}\r\n`)).toEqual(expected);
		});

		it.each([
			'Message-ID: <a.1@p.example>',
			'Message-ID:\r\n <a.1@p.example>',
			'Message-ID: a.1@p.example',
			'Subject: no Message-ID and no From',
			`From: "Per conto di: ${SENDER.toUpperCase()}" <posta-certificata@p.example>`,
			'From: "Per conto di: Mario Rossi" <posta-certificata@p.example>',
			'From: "Per conto di: a.very.long.name\r\n @y.example" <posta-certificata@p.example>',
			'From: x@y.example',
		])('do not disagree: %j', (field) => {
			expect(envelope(`${field}\r\n`)).toEqual([]);
		});
	});

	it('that cannot be read leave the receipt inconsistent', () => {
		const block = Buffer.from('X-Ricevuta: accettazione\r\n\r\n');
		const told = readPecHeaders(block, Buffer.from('<boh'));
		expect(codes(told)).toEqual(['daticertMissing', 'daticertUnreadable']);
		expect(told.consistent).toBe(false);
	});
});
