import { describe, expect, it } from 'vitest';
import { readPecMessage } from '../../nodes/pec/message.ts';
import { attribute } from './cmsWriter.ts';
import { set, utcTime } from './derWriter.ts';
import {
	ATTRIBUTES,
	byProvider,
	ca,
	FORGED,
	forger,
	mixed,
	otherCa,
	PROVIDER,
	provider,
	rival,
	signedBy,
	signerOf,
	TRUST,
	write,
	type Form,
} from './forger.ts';
import { SENDER } from './pecWriter.ts';

const NOW = new Date('2026-03-01T00:00:00Z');
const ANOMALY = ['X-Trasporto: errore'];

const read = async (form: Form) => await readPecMessage(write(form), { trust: TRUST, now: NOW });

describe("a provider's message", () => {
	it.each<[string, Form]>([
		['as it is', {}],
		['signed without attributes', { cms: byProvider({ attributes: null }) }],
		[
			'signed without a time',
			{ cms: byProvider({ attributes: [0, 2].flatMap((at) => ATTRIBUTES[at] ?? []) }) },
		],
		['signed by the identifier of its key', { cms: byProvider({ byKeyId: true }) }],
		['with From in capitals', { from: PROVIDER.toUpperCase() }],
		['with From in a group', { from: `PEC: ${PROVIDER};` }],
		['with a comment in From', { from: `(PEC) ${PROVIDER}` }],
		['with the sender in From', { from: `"Per conto di: ${SENDER.toUpperCase()}" <${PROVIDER}>` }],
		[
			'with the sender in From, encoded',
			{ from: `=?utf-8?Q?Per_conto_di=3A_${SENDER.replace('@', '=40')}?= <${PROVIDER}>` },
		],
		[
			'with a continued boundary',
			{ type: 'Content-Type: multipart/signed; boundary*0=out; boundary*1=er' },
		],
		[
			'with blanks behind its boundaries',
			{ body: (text, p7s) => `--outer \r\n${text}\r\n--outer\t\r\n${p7s}\r\n--outer-- \r\n` },
		],
		['not closed', { body: (text, p7s) => `--outer\r\n${text}\r\n--outer\r\n${p7s}` }],
	])('%s is verified', async (_, form) => {
		expect(await read(form)).toMatchObject({ verified: true, findings: [] });
	});

	it.each<[string, Form]>([
		[
			'in front',
			{
				body: (text, p7s) =>
					`${FORGED}\r\n--outer\r\n${text}\r\n--outer\r\n${p7s}\r\n--outer--\r\n`,
			},
		],
		[
			'behind',
			{
				body: (text, p7s) =>
					`--outer\r\n${text}\r\n--outer\r\n${p7s}\r\n--outer--\r\n--outer\r\n${FORGED}\r\n--outer--\r\n`,
			},
		],
	])('is verified and read by what is signed, whatever stands %s', async (_, form) => {
		const { verified, certification } = await read(form);
		expect([verified, certification?.sender]).toEqual([true, SENDER]);
	});
});

describe('a forged message is not verified:', () => {
	it.each<[string, Form, string[]]>([
		[
			'signed under another CA with the same names',
			{ cms: signedBy([forger], [otherCa]) },
			['signerUntrusted'],
		],
		[
			'the same with the true CA beside',
			{ cms: signedBy([forger], [ca, otherCa]) },
			['signerUntrusted'],
		],
		['signed by another provider', { cms: signedBy([rival], [ca]) }, ['signerMismatch']],
		[
			'signed by a certificate of the provider, as if it were a CA',
			{ cms: signedBy([signerOf(provider, PROVIDER)], [provider, ca]) },
			['signerUntrusted'],
		],
		[
			'signed by two, the last untrusted',
			{ cms: signedBy([provider, forger], [ca]) },
			['signerUntrusted'],
		],
		[
			'signed by two, the first untrusted',
			{ cms: signedBy([forger, provider], [ca]) },
			['signerUntrusted'],
		],
		['signed by two providers', { cms: signedBy([provider, rival], [ca]) }, ['signerMismatch']],
		[
			'signed by two providers, the other first',
			{ cms: signedBy([rival, provider], [ca]) },
			['signerMismatch'],
		],
		[
			'two times in the signature',
			{ cms: byProvider({ attributes: [...ATTRIBUTES, attribute('signingTime', utcTime(NOW))] }) },
			['signatureAltered'],
		],
		[
			'a receipt that is to pass for an anomaly envelope',
			{ content: mixed('avvenuta-consegna'), headers: ANOMALY },
			['typeMismatch'],
		],
		['an envelope that is to pass for an anomaly envelope', { headers: ANOMALY }, ['typeMismatch']],
		[
			"the attributes of another message's signature as the signed part",
			{ content: set(...ATTRIBUTES), headers: ANOMALY, cms: byProvider({ attributes: null }) },
			['signatureAltered', 'originalMissing'],
		],
		[
			'a receipt that is to pass for an envelope',
			{ content: mixed('avvenuta-consegna') },
			['typeMismatch'],
		],
		[
			'another sender in From',
			{ from: `"Per conto di: forged@x.example" <${PROVIDER}>` },
			['senderMismatch'],
		],
		[
			'another sender in From, encoded',
			{ from: `=?utf-8?Q?Per_conto_di=3A_forged=40x.example?= <${PROVIDER}>` },
			['senderMismatch'],
		],
		[
			'another address behind From',
			{ from: `<${PROVIDER}> <forged@x.example>` },
			['senderMismatch'],
		],
		[
			'three parts',
			{
				body: (text, p7s) =>
					`--outer\r\n${text}\r\n--outer\r\n${p7s}\r\n--outer\r\n${FORGED}\r\n--outer--\r\n`,
			},
			['daticertRepeated', 'signatureUnreadable'],
		],
		[
			'a signed message beside a forged one',
			{
				type: 'Content-Type: multipart/mixed; boundary=all',
				body: (text, p7s) =>
					`--all\r\n${FORGED}\r\n--all\r\nContent-Type: multipart/signed; boundary=outer\r\n\r\n--outer\r\n${text}\r\n--outer\r\n${p7s}\r\n--outer--\r\n--all--\r\n`,
			},
			['daticertRepeated', 'signatureMissing', 'signatureOnInnerPart'],
		],
		[
			'an empty line more at the end of the signed part',
			{ body: (text, p7s) => `--outer\r\n${text}\r\n\r\n--outer\r\n${p7s}\r\n--outer--\r\n` },
			['signatureAltered'],
		],
		[
			'CR CR LF',
			{ body: (text, p7s) => `--outer\r\n${text}\r\r\n--outer\r\n${p7s}\r\n--outer--\r\n` },
			['signatureAltered'],
		],
	])('%s', async (_, form, codes) => {
		const { verified, findings } = await read(form);
		expect([verified, findings.map(({ code }) => code)]).toEqual([false, codes]);
	});

	it.each([
		`x@evil.example, ${PROVIDER}`,
		`${PROVIDER}, x@evil.example`,
		`${PROVIDER}\r\nFrom: x@evil.example`,
		`x@evil.example\r\nfrom : ${PROVIDER}`,
		`PEC: ${PROVIDER}, x@evil.example;`,
		`"${PROVIDER}" <x@evil.example>`,
		`${PROVIDER} <x@evil.example>`,
		`x@evil.example (${PROVIDER})`,
		`=?utf-8?Q?${PROVIDER.replace('@', '=40')}?= <x@evil.example>`,
		`${PROVIDER}@evil.example`,
		`${PROVIDER}\0@evil.example`,
		`${PROVIDER}.`,
		`"x@evil.example ${PROVIDER}"`,
		`<x@evil.example@pec.provider.example>`,
		PROVIDER.replace('i', '\u0456'),
		'',
	])('From: %j', async (from) => {
		const message = await read({ from });
		expect(message).toMatchObject({ verified: false, signature: { signerMatchesFrom: false } });
	});

	it('and what is not signed of it is said: the message that a receipt answers', async () => {
		const content = mixed('accettazione', { msgid: null });
		const headers = ['X-Ricevuta: accettazione', 'X-Riferimento-Message-ID: <chosen@x.example>'];
		const { receipt, findings } = await read({ content, headers });
		expect(receipt?.originalMessageId).toBe('<chosen@x.example>');
		expect(findings.map(({ code }) => code)).toEqual(['messageIdUncertified']);
	});
});
