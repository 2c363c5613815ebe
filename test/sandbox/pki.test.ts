import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createKeyPair, issueCertificate } from '../../sandbox/pki/certificate.ts';
import { signDetached, signDetachedAsync, type Digest } from '../../sandbox/pki/cms.ts';
import { createPki, type Pki, type SignerCertificates } from '../../sandbox/pki/hierarchy.ts';

const PROVIDERS = [
	{ name: 'Gestore Alfa S.p.A.', domain: 'pec.alfa.test' },
	{ name: 'Gestore Beta S.r.l.', domain: 'pec.beta.test' },
];
const NOW = new Date('2026-02-01T10:00:00Z');
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const withoutOpenssl = !hasOpenssl && process.env['CI'] === undefined;

let pki: Pki;
let folder: string;

beforeAll(async () => {
	pki = await createPki({ providers: PROVIDERS, now: NOW, tls: 'valid' });
	folder = mkdtempSync(join(tmpdir(), 'pki-test-'));
	writeFileSync(join(folder, 'ca.pem'), pki.pecCa);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function signerOf(domain: string): SignerCertificates {
	const signer = pki.signers.get(domain);
	if (signer === undefined) throw new Error('no signer');
	return signer;
}

function pecChain(): { issuing: X509Certificate; root: X509Certificate } {
	const [issuing, root] = pki.pecCa.split(/(?=-----BEGIN)/);
	return { issuing: new X509Certificate(issuing ?? ''), root: new X509Certificate(root ?? '') };
}

describe('the hierarchy of the signers', () => {
	it.each(PROVIDERS)(
		'leads from the signer of $domain over the issuing CA to the root',
		({ domain }) => {
			const signer = new X509Certificate(signerOf(domain).own.pem);
			const { issuing, root } = pecChain();
			expect(signer.checkIssued(issuing)).toBe(true);
			expect(signer.verify(issuing.publicKey)).toBe(true);
			expect(issuing.checkIssued(root)).toBe(true);
			expect(issuing.verify(root.publicKey)).toBe(true);
			expect(signer.subjectAltName).toBe(`email:posta-certificata@${domain}`);
			expect(signer.ca).toBe(false);
		},
	);

	it('is valid for a year and more on both sides of the clock it was made by', () => {
		const signer = new X509Certificate(signerOf('pec.alfa.test').own.pem);
		const year = 365 * 24 * 60 * 60 * 1000;
		expect(signer.validFromDate.getTime()).toBeLessThan(NOW.getTime() - year);
		expect(signer.validToDate.getTime()).toBeGreaterThan(NOW.getTime() + year);
	});

	it('has nothing in common with the hierarchy of the server certificate', () => {
		const server = new X509Certificate(pki.tls.cert);
		const { issuing, root } = pecChain();
		expect(server.verify(new X509Certificate(pki.tlsCa).publicKey)).toBe(true);
		expect(server.verify(issuing.publicKey)).toBe(false);
		expect(server.verify(root.publicKey)).toBe(false);
		expect(server.checkHost('localhost')).toBe('localhost');
		expect(server.checkIP('127.0.0.1')).toBe('127.0.0.1');
	});

	it('can make a server certificate that has expired, by the clock of the machine', async () => {
		const expired = await createPki({ providers: [], now: NOW, tls: 'expired' });
		const server = new X509Certificate(expired.tls.cert);
		expect(server.validToDate.getTime()).toBeLessThan(Date.now());
		expect(server.verify(new X509Certificate(expired.tlsCa).publicKey)).toBe(true);
	});
});

describe.skipIf(withoutOpenssl)(
	'in the eyes of openssl (skipped where it is not installed)',
	() => {
		const content = Buffer.from('Content-Type: text/plain\r\n\r\nciao\r\n');

		function verify(signature: Buffer, signed: Buffer): string {
			const [signatureFile, contentFile] = [join(folder, 'signature.der'), join(folder, 'content')];
			writeFileSync(signatureFile, signature);
			writeFileSync(contentFile, signed);
			const run = spawnSync(
				'openssl',
				// prettier-ignore
				['cms', '-verify', '-binary', '-inform', 'DER', '-in', signatureFile, '-content', contentFile,
				'-CAfile', join(folder, 'ca.pem'), '-purpose', 'smimesign',
				'-attime', String(NOW.getTime() / 1000), '-out', join(folder, 'out')],
				{ encoding: 'utf8' },
			);
			return run.stderr;
		}

		it.each<Digest>(['sha256', 'sha1'])('a signature with %s verifies', (digest) => {
			const signature = signDetached(signerOf('pec.alfa.test'), content, { at: NOW, digest });
			expect(verify(signature, content)).toContain('CMS Verification successful');
		});

		it('a signature made off the main thread verifies', async () => {
			const options = { at: NOW, digest: 'sha256' } as const;
			const signature = await signDetachedAsync(signerOf('pec.beta.test'), content, options);
			expect(verify(signature, content)).toContain('CMS Verification successful');
		});

		it('signatures made at the same time keep their signers, times and contents apart', async () => {
			const jobs = [0, 1, 2, 3, 4, 5].map((index) => ({
				domain: index % 2 === 0 ? 'pec.alfa.test' : 'pec.beta.test',
				content: Buffer.from(`numero ${index}\r\n`),
				digest: index % 3 === 0 ? ('sha1' as const) : ('sha256' as const),
				at: new Date(NOW.getTime() + index * 1000),
			}));
			const signatures = await Promise.all(
				jobs.map(async (job) => await signDetachedAsync(signerOf(job.domain), job.content, job)),
			);
			jobs.forEach((job, index) => {
				const signature = signatures[index] ?? Buffer.alloc(0);
				expect(verify(signature, job.content)).toContain('CMS Verification successful');
				// RSA of this kind has one signature for one content, time and key
				expect(signature.equals(signDetached(signerOf(job.domain), job.content, job))).toBe(true);
				expect(signature.includes(`10000${index}Z`)).toBe(true);
			});
		});

		it('a signature does not verify over other bytes', () => {
			const signature = signDetached(signerOf('pec.alfa.test'), content, {
				at: NOW,
				digest: 'sha256',
			});
			expect(verify(signature, Buffer.from('altro\r\n'))).toContain('CMS Verification failure');
		});

		it.each([
			['2025-12-31T23:59:58Z', /signingTime[\s\S]*UTCTIME:Dec 31 23:59:58 2025 GMT/],
			// RFC 5652 11.3: two digits of a year end with 2049
			['2049-12-31T23:59:59Z', /signingTime[\s\S]*UTCTIME:Dec 31 23:59:59 2049 GMT/],
			['2050-01-01T00:00:00Z', /signingTime[\s\S]*GENERALIZEDTIME:Jan  1 00:00:00 2050 GMT/],
		])('the signing time is the one given: %s', (given, expected) => {
			const at = new Date(given);
			const signature = signDetached(signerOf('pec.beta.test'), content, { at, digest: 'sha256' });
			writeFileSync(join(folder, 'printed.der'), signature);
			const printed = execFileSync(
				'openssl',
				['cms', '-cmsout', '-print', '-inform', 'DER', '-in', join(folder, 'printed.der')],
				{ encoding: 'utf8' },
			);
			expect(printed).toMatch(expected);
		});

		it("a signer for a domain that is no provider's breaks the name constraints", async () => {
			const rogue = issueCertificate(await createKeyPair(), {
				subject: { organization: 'Nessuno', commonName: 'Posta Certificata' },
				issuer: signerOf('pec.alfa.test').issuing,
				from: new Date('2026-01-01T00:00:00Z'),
				to: new Date('2027-01-01T00:00:00Z'),
				extensions: [
					{ name: 'keyUsage', critical: true, digitalSignature: true },
					{
						name: 'subjectAltName',
						altNames: [{ type: 1, value: 'posta-certificata@altro.test' }],
					},
				],
			});
			const own = { own: rogue, issuing: signerOf('pec.alfa.test').issuing };
			const signature = signDetached(own, content, { at: NOW, digest: 'sha256' });
			expect(verify(signature, content)).toContain('permitted subtree violation');
		});
	},
);
