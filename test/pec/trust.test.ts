import { X509Certificate } from 'node:crypto';
import forge from 'node-forge';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCertificate } from '../../nodes/pec/certificate.ts';
import { contentOf } from '../../nodes/pec/content.ts';
import { readMime } from '../../nodes/pec/mime.ts';
import { canonicalPiecesOf, signatureOf } from '../../nodes/pec/signature.ts';
import { pathsOf } from '../../nodes/pec/trust.ts';
import { createKeyPair, issueCertificate } from '../../sandbox/pki/certificate.ts';
import type { Certified } from '../../sandbox/pki/certificate.ts';
import { withoutOpenssl } from '../sandbox/pecOpenssl.ts';
import { Openssl, why } from './openssl.ts';
import {
	authority,
	FROM,
	issue,
	mailSigner,
	SIGNED_AT,
	signedMessage,
	SIGNER,
	TO,
	type Extensions,
} from './testSigners.ts';

const { asn1 } = forge;
const NOW = new Date('2026-02-01T00:00:00Z');

let openssl: Openssl;
let root: Certified;
let ca: Certified;

beforeAll(async () => {
	openssl = await Openssl.open();
	root = await issue({ name: 'Root', extensions: authority() });
	ca = await issue({ name: 'PEC CA', issuer: root, extensions: authority(0) });
});
afterAll(async () => await openssl.close());

const subtree = (tag: number, value: string | forge.asn1.Asn1[]) =>
	asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [
		asn1.create(asn1.Class.CONTEXT_SPECIFIC, tag, Array.isArray(value), value),
	]);

/** RFC 5280 4.2.1.10. */
const constrained = (kind: 'permitted' | 'excluded', ...emails: string[]): object => ({
	id: '2.5.29.30',
	critical: true,
	value: asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [
		asn1.create(
			asn1.Class.CONTEXT_SPECIFIC,
			kind === 'permitted' ? 0 : 1,
			true,
			emails.map((email) => subtree(1, email)),
		),
	]),
});

function signatureBy(own: Certified, sent: Certified, anchors: readonly Certified[], now = NOW) {
	const { root: mime } = readMime(signedMessage(own, sent));
	return signatureOf(mime, { trust: { issuers: anchors.map(({ pem }) => pem) }, now });
}

async function opensslTrusts(own: Certified, sent: Certified, anchors: readonly Certified[]) {
	const { root: mime } = readMime(signedMessage(own, sent));
	const [content, signature] = mime.parts;
	if (!content || !signature) throw new Error('not signed');
	const canonical = Buffer.concat([...canonicalPiecesOf(content)]);
	const cas = anchors.map(({ pem }) => pem).join('');
	return await openssl.path(contentOf(signature), canonical, cas, SIGNED_AT);
}

interface Case {
	/** Of the CA, when another than the plain one. */
	readonly ca?: Extensions;
	readonly signer?: Extensions;
	readonly from?: string;
	readonly to?: string;
	readonly reason?: string;
}

const CASES: readonly (readonly [string, Case])[] = [
	['a PEC signer', {}],
	[
		'one who may not sign mail',
		{
			signer: mailSigner({ extended: { name: 'extKeyUsage', serverAuth: true } }),
			reason: 'wrongUse',
		},
	],
	[
		'one whose key may only encipher',
		{
			signer: mailSigner({ use: { name: 'keyUsage', critical: true, keyEncipherment: true } }),
			reason: 'wrongUse',
		},
	],
	[
		'one whose key may vouch, not sign',
		{ signer: mailSigner({ use: { name: 'keyUsage', critical: true, nonRepudiation: true } }) },
	],
	[
		'one without any stated use',
		{ signer: [{ name: 'subjectAltName', altNames: [{ type: 1, value: SIGNER }] }] },
	],
	['one not valid any more when it signed', { to: '2026-01-01', reason: 'expired' }],
	['one not valid yet when it signed', { from: '2026-02-01', reason: 'notYetValid' }],
	['a CA that is none', { ca: [{ name: 'basicConstraints', cA: false }], reason: 'issuerNotPec' }],
	[
		'a CA that may not certify',
		{
			ca: [
				{ name: 'basicConstraints', critical: true, cA: true },
				{ name: 'keyUsage', critical: true, digitalSignature: true },
			],
			reason: 'issuerNotPec',
		},
	],
	[
		'a CA for servers',
		{ ca: authority(0, [{ name: 'extKeyUsage', serverAuth: true }]), reason: 'wrongUse' },
	],
	[
		'a CA for this host',
		{ ca: authority(0, [constrained('permitted', 'pec.provider.example', 'pec.other.example')]) },
	],
	[
		'a CA for this host in capitals',
		{ ca: authority(0, [constrained('permitted', 'PEC.Provider.Example')]) },
	],
	['a CA for this mailbox', { ca: authority(0, [constrained('permitted', SIGNER)]) }],
	[
		'a CA for hosts below this domain',
		{ ca: authority(0, [constrained('permitted', '.provider.example')]) },
	],
	[
		'a CA for the domain above alone',
		{
			ca: authority(0, [constrained('permitted', 'provider.example')]),
			reason: 'nameNotPermitted',
		},
	],
	[
		'a CA for another host',
		{
			ca: authority(0, [constrained('permitted', 'pec.other.example')]),
			reason: 'nameNotPermitted',
		},
	],
	[
		'a CA for all but this host',
		{
			ca: authority(0, [constrained('excluded', 'pec.provider.example')]),
			reason: 'nameNotPermitted',
		},
	],
	[
		'a CA for all but another host',
		{ ca: authority(0, [constrained('excluded', 'pec.other.example')]) },
	],
	[
		'a signer with something critical that nobody knows',
		{
			signer: [...mailSigner(), { id: '1.3.6.1.4.1.99999.1', critical: true, value: 'x' }],
			reason: 'wrongUse',
		},
	],
];

describe.skipIf(withoutOpenssl)(`trust in the signer, as OpenSSL judges the path${why}`, () => {
	it.each(CASES)(
		'%s',
		async (name, { ca: extensions, signer = mailSigner(), from, to, reason }) => {
			const issuer = extensions ? await issue({ name: 'PEC CA', issuer: root, extensions }) : ca;
			const own = await issue({
				name,
				issuer,
				extensions: signer,
				...(from ? { from: new Date(from) } : {}),
				...(to ? { to: new Date(to) } : {}),
			});
			const report = signatureBy(own, issuer, [issuer]);
			expect(report).toMatchObject({
				integrity: 'intact',
				signer: reason ? 'untrusted' : 'trusted',
			});
			expect(report.reason).toBe(reason);
			const { ok, said } = await opensslTrusts(own, issuer, [issuer]);
			expect([ok, said]).toEqual([reason === undefined, said]);
		},
	);

	it('goes through a CA that travels in the message to a root the user trusts', async () => {
		const own = await issue({ name: 'signer', issuer: ca, extensions: mailSigner() });
		expect(signatureBy(own, ca, [root]).signer).toBe('trusted');
		expect((await opensslTrusts(own, ca, [root])).ok).toBe(true);
	});

	it('does not go through more CAs than the CA allows', async () => {
		const below = await issue({ name: 'Below', issuer: ca, extensions: authority() });
		const own = await issue({ name: 'signer', issuer: below, extensions: mailSigner() });
		expect(signatureBy(own, below, [ca])).toMatchObject({
			signer: 'untrusted',
			reason: 'wrongUse',
		});
		expect((await opensslTrusts(own, below, [ca])).ok).toBe(false);
	});

	it('is refused to a forger, perfectly signed under another CA with the same names', async () => {
		const otherRoot = await issue({ name: 'Root', extensions: authority() });
		const forger = await issue({ name: 'PEC CA', issuer: otherRoot, extensions: authority(0) });
		const own = await issue({ name: 'signer', issuer: forger, extensions: mailSigner() });
		expect(signatureBy(own, forger, [ca])).toMatchObject({
			integrity: 'intact',
			signer: 'untrusted',
			signerMatchesFrom: true,
			reason: 'issuerNotPec',
		});
		expect((await opensslTrusts(own, forger, [ca])).ok).toBe(false);
	});

	it('is refused to a signer that signs itself', async () => {
		const own = await issue({ name: 'alone', extensions: mailSigner() });
		expect(signatureBy(own, own, [ca]).reason).toBe('issuerNotPec');
		expect((await opensslTrusts(own, own, [ca])).ok).toBe(false);
	});
});

describe('trust in the signer', () => {
	it('when signing and today are two answers', async () => {
		const own = await issue({ name: 'signer', issuer: ca, extensions: mailSigner() });
		const later = new Date('2028-01-01T00:00:00Z');
		expect(signatureBy(own, ca, [ca], later)).toMatchObject({ signer: 'trusted', validNow: false });
		expect(signatureBy(own, ca, [ca])).toMatchObject({ signer: 'trusted', validNow: true });
	});

	it('is not given without a CA the user or this package names', async () => {
		const own = await issue({ name: 'signer', issuer: ca, extensions: mailSigner() });
		expect(signatureBy(own, ca, [])).toMatchObject({ signer: 'untrusted', reason: 'issuerNotPec' });
	});

	it('says when the signer is another than the sender', async () => {
		const own = await issue({ name: 'signer', issuer: ca, extensions: mailSigner() });
		const { root: mime } = readMime(signedMessage(own, ca, 'someone@else.example'));
		const report = signatureOf(mime, { trust: { issuers: [ca.pem] }, now: NOW });
		expect(report).toMatchObject({ signer: 'trusted', signerMatchesFrom: false, signedBy: SIGNER });
	});

	it('is searched for in bounded time among forty CAs that all certify each other', async () => {
		const keys = await createKeyPair();
		const loop = { subject: { organization: 'Test', commonName: 'Loop' }, from: FROM, to: TO };
		const first = issueCertificate(keys, { ...loop, extensions: authority() });
		const all = Array.from({ length: 40 }, () =>
			issueCertificate(keys, { ...loop, issuer: first, extensions: authority() }),
		);
		const own = await issue({ name: 'signer', issuer: first, extensions: mailSigner() });
		const [signer, ...sent] = [own, ...all].flatMap(
			({ pem }) => readCertificate(new X509Certificate(pem).raw) ?? [],
		);
		if (!signer) throw new Error('no signer');
		expect(sent).toHaveLength(40);
		// Without a bound: two million signatures checked.
		expect(pathsOf(signer, sent, { issuers: [ca.pem] })).toEqual([]);
	});
});
