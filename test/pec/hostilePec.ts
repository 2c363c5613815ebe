/** The same in the form of PECs: certification data, protocol registrations and signatures. */

import { KB, MB, times } from './hostileMail.ts';
import type { Hostile } from './hostileMail.ts';
import { explicitCurveKey, forgedSignature, rsaKey } from './hostileSigners.ts';
import type { Forged } from './hostileSigners.ts';
import {
	daticertPart,
	writeDaticert,
	writeEnvelope,
	writeMultipart,
	writeOrdinary,
	writePart,
	writeReceipt,
} from './pecWriter.ts';

function receipt(xml: string): Buffer {
	return writeReceipt('accettazione', xml);
}

const DATICERT = writeDaticert({ tipo: 'accettazione', oggetto: 'X' });
const inData = (more: string): string => DATICERT.replace('<dati>', () => `<dati>${more}`);
const inHeader = (more: string): string =>
	DATICERT.replace('<intestazione>', () => `<intestazione>${more}`);
const declared = (doctype: string, subject: string): string =>
	DATICERT.replace('?>', () => `?><!DOCTYPE postacert [${doctype}]>`).replace(
		'<oggetto>X',
		() => `<oggetto>${subject}`,
	);

function laughs(count: number): string {
	const more = Array.from(
		{ length: count },
		(_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`,
	);
	return `<!ENTITY e0 "aaaaaaaaaa">${more.join('')}`;
}

const CERTIFICATION: readonly Hostile[] = [
	{
		name: 'a daticert of 50 MB',
		write: (share) => receipt(`${DATICERT}${' '.repeat(50 * MB * share)}`),
		findings: ['daticertMissing', 'daticertTooLarge'],
	},
	{
		name: 'a daticert of 80,000 levels',
		write: (share) => receipt('<postacert>'.repeat(40_000 * share)),
		findings: ['daticertMissing', 'daticertUnreadable'],
	},
	{
		name: 'a daticert of 15,000 recipients',
		write: (share) => receipt(inHeader('<destinatari>a@b.it</destinatari>'.repeat(15_000 * share))),
		findings: [],
	},
	{
		name: 'a daticert of 400 kB of references to characters',
		write: (share) => receipt(inData(`<consegna>${'&#x41;'.repeat(65_000 * share)}</consegna>`)),
		findings: [],
	},
	{
		name: 'a thousand daticerts',
		write: (share) => {
			const parts = Array.from({ length: 1000 * share }, () => daticertPart(writeDaticert()));
			return writeReceipt('accettazione', {}, { parts });
		},
		findings: ['daticertRepeated'],
	},
];

/** None of them may be expanded, whatever else is made of them. */
export const ENTITY_BOMBS: readonly (readonly [string, string])[] = [
	['general', declared(laughs(30), '&e30;')],
	['quadratic', declared(`<!ENTITY a "${'a'.repeat(50_000)}">`, '&a;'.repeat(50_000))],
	['parameter', declared('<!ENTITY % a "<!ENTITY b \'c\'>"><!ENTITY % d "%a;%a;%a;">%d;', '&b;')],
	['external', declared('<!ENTITY a SYSTEM "file:///etc/hostname">', '&a;')],
	['external parameter', declared('<!ENTITY % a SYSTEM "http://127.0.0.1:9/a"> %a;', '&b;')],
	['recursive', declared('<!ENTITY a "&b;"><!ENTITY b "&a;">', '&a;')],
];

function attached(xml: string): Buffer {
	const part = {
		headers: [['Content-Type', 'application/xml; name="Segnatura.xml"']] as const,
		body: xml,
	};
	return writeEnvelope(
		writeOrdinary(
			[['Content-Type', 'multipart/mixed; boundary=o']],
			writeMultipart('o', [part, part, part, part, part]),
		),
	);
}

const REGISTRATIONS: readonly Hostile[] = [
	['elements', (count: number) => `<Segnatura>${'<a>b</a>'.repeat(60_000 * count)}</Segnatura>`],
	['levels', (count: number) => `<Segnatura>${'<a>'.repeat(150_000 * count)}`],
	[
		'entities',
		(count: number) =>
			`<!DOCTYPE a [${laughs(30)}]><Segnatura>${'&e30;'.repeat(50_000 * count)}</Segnatura>`,
	],
].map(([name, write]) => ({
	name: `five Segnatura.xml of 500 kB of ${name as string}`,
	write: (share: number) => attached((write as (count: number) => string)(share)),
	findings: [],
}));

/** An acceptance with this signature. */
export function signedBy(signature: Buffer): Buffer {
	const content = writePart(daticertPart(writeDaticert({ tipo: 'accettazione' })));
	const part = {
		headers: [
			['Content-Type', 'application/pkcs7-signature; name="smime.p7s"'],
			['Content-Transfer-Encoding', 'base64'],
		] as const,
		body: signature.toString('base64'),
	};
	return writeOrdinary(
		[
			['X-Ricevuta', 'accettazione'],
			['Content-Type', 'multipart/signed; boundary=s'],
		],
		writeMultipart('s', [content, part]),
	);
}

const KEY = rsaKey(256, 3);
const forged = (serial: number, more: Partial<Forged> = {}): Forged => ({
	...{ serial, subject: 'CA', issuer: 'CA', key: KEY },
	...more,
});
const many = (count: number, more: Partial<Forged> = {}): Forged[] =>
	Array.from({ length: Math.round(count) }, (_, serial) => forged(serial, more));

const UNREADABLE = ['signatureUnreadable'];
const ALTERED = ['signatureAltered', 'signerMismatch', 'signerUntrusted'];

const SIGNATURES: readonly Hostile[] = [
	...[
		['nested open lengths', '\x30\x80'],
		['nested long lengths', '\x30\x84\x01\x00\x00\x00'],
		['empty values', '\x05\x00'],
		['long tags', '\x3f\xff\xff\xff'],
	].map(([name = '', token = '']) => ({
		name: `a signature of 20 MB of ${name}`,
		write: (share: number) => signedBy(times(token, (20 * MB * share) / token.length)),
		findings: UNREADABLE,
	})),
	...[
		['nested open lengths', '\x30\x80'],
		['empty values', '\x05\x00'],
	].map(([name = '', token = '']) => ({
		name: `a signature of 1.9 MB of ${name}`,
		write: (share: number) => signedBy(times(token, (1.9 * MB * share) / token.length)),
		findings: UNREADABLE,
	})),
	{
		name: '100,000 signers',
		write: (share) => signedBy(forgedSignature(many(1), 100_000 * share)),
		findings: UNREADABLE,
	},
	{
		name: '5,000 signers',
		write: (share) => signedBy(forgedSignature(many(1), 5000 * share)),
		findings: ALTERED,
	},
	{
		name: '100,000 certificates',
		write: (share) => signedBy(forgedSignature(many(100_000 * share))),
		findings: UNREADABLE,
	},
	{
		name: '2,500 certificates that all certify each other',
		write: (share) => signedBy(forgedSignature(many(2500 * share))),
		findings: ALTERED,
	},
	{
		name: '10,000 name constraints',
		write: (share) => signedBy(forgedSignature(many(3, { permitted: 10_000 * share }))),
		findings: ALTERED,
	},
	{
		name: '50 certificates with the largest keys that OpenSSL takes',
		write: (share) => signedBy(forgedSignature(many(50 * share, { key: rsaKey(2048, 8) }))),
		findings: ALTERED,
	},
	{
		name: 'a modulus of 1 Mbit',
		write: (share) => signedBy(forgedSignature(many(3, { key: rsaKey(128 * KB * share, 3) }))),
		findings: ALTERED,
	},
	{
		name: 'an exponent of 1 Mbit',
		write: (share) => signedBy(forgedSignature(many(3, { key: rsaKey(256, 128 * KB * share) }))),
		findings: ALTERED,
	},
	{
		name: 'a curve of its own of 64 kB',
		write: (share) =>
			signedBy(forgedSignature(many(3, { key: explicitCurveKey(64 * KB * share) }))),
		findings: ['signatureUnreadable', 'signerMismatch', 'signerUntrusted'],
	},
	{
		name: 'receipts in receipts, each with its signature',
		write: (share) => {
			let inner = writeReceipt('accettazione');
			for (let level = 0; level < 60 * share; level += 1) inner = writeEnvelope(inner);
			return inner;
		},
		findings: ['tooDeep'],
	},
];

export const HOSTILE_PEC: readonly Hostile[] = [...CERTIFICATION, ...REGISTRATIONS, ...SIGNATURES];
