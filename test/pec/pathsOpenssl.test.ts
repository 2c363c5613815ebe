import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMime } from '../../nodes/pec/mime.ts';
import { signatureOf } from '../../nodes/pec/signature.ts';
import { withoutOpenssl } from '../sandbox/pecOpenssl.ts';
import { SIGNED_AT } from './cmsWriter.ts';
import {
	build,
	CONTENT,
	hierarchy,
	messageWith,
	withoutKnownDifferences,
	type Hierarchy,
} from './hierarchies.ts';
import { Openssl, why } from './openssl.ts';

const CASES = 400;

let openssl: Openssl;
beforeAll(async () => {
	openssl = await Openssl.open();
});
afterAll(async () => await openssl.close());

interface Compared {
	readonly ours: string;
	readonly trusted: boolean;
	readonly said: string;
}

async function compare(form: Hierarchy): Promise<Compared> {
	const { signature, anchors } = build(form);
	const { root } = readMime(messageWith(signature));
	const report = signatureOf(root, { trust: { issuers: anchors }, now: SIGNED_AT });
	expect(report.integrity).toBe('intact');
	const { ok, said } = await openssl.path(signature, CONTENT, anchors.join(''), SIGNED_AT);
	return { ours: report.reason ?? report.signer, trusted: ok, said };
}

const CA: Hierarchy['authorities'][number] = {
	extended: 'none',
	dates: 'now',
	odd: 'none',
	use: 'certifies',
	basic: 'ca',
	names: 'none',
	email: 'no',
	digest: 'sha256',
	key: 0,
};
const OWN: Hierarchy['signer'] = {
	...{ extended: 'mail', dates: 'now', odd: 'none', use: 'signs' },
	...{ names: 'mail', email: 'no', basic: 'none', digest: 'sha256', key: 3 },
};
const SOUND: Hierarchy = {
	...{ authorities: [CA], signer: OWN, anchor: 0, decoys: false, reversed: false },
};

const differ = ({ ours, trusted }: Compared): boolean => (ours === 'trusted') !== trusted;

/**
 * Known, and no fault of either. Here a CA must say that it is one (RFC 5280 4.2.1.9), and a signer is no CA even where
 * the user names it; MD5 signs no certificate; a name of a kind that is not judged is refused under a CA constrained in
 * it. OpenSSL takes no anyExtendedKeyUsage for mail (RFC 8550 4.4.4 does), ends a certificate a second early (RFC 5280
 * 4.1.2.5), and constrains the subject's address also beside a subject alternative name (RFC 5280 4.2.1.10).
 */
describe.skipIf(withoutOpenssl)(`paths of certificates, as OpenSSL judges them${why}`, () => {
	it.each<[string, Partial<Hierarchy>, string]>([
		['a sound one', {}, 'trusted'],
		['an extension that comes twice', { signer: { ...OWN, odd: 'twice' } }, 'issuerNotPec'],
		[
			'a CA between with an address its own CA may not certify',
			{
				authorities: [
					{ ...CA, names: 'host' },
					{ ...CA, key: 1, email: 'yes' },
				],
			},
			'nameNotPermitted',
		],
		[
			'a host name under a CA for other hosts',
			{ authorities: [{ ...CA, names: 'otherWeb' }], signer: { ...OWN, names: 'web' } },
			'nameNotPermitted',
		],
		['one of CAs with the same name, the others first', { decoys: true }, 'trusted'],
	])('with %s', async (_, form, expected) => {
		const { ours, trusted, said } = await compare({ ...SOUND, ...form });
		expect([ours, trusted, said]).toEqual([expected, expected === 'trusted', said]);
	});

	it.each<[string, Partial<Hierarchy>, string]>([
		['a certificate signed over MD5', { signer: { ...OWN, digest: 'md5' } }, 'wrongUse'],
		['the signer itself as what the user trusts', { anchor: -1 }, 'issuerNotPec'],
	])('with %s, which OpenSSL takes', async (_, form, expected) => {
		expect(await compare({ ...SOUND, ...form })).toMatchObject({ ours: expected, trusted: true });
	});

	it(`of ${CASES} hierarchies made at random, but for the known differences`, async () => {
		const cases = fc.sample(hierarchy, { numRuns: CASES, seed: 5280 });
		const unknown: unknown[] = [];
		const reasons = new Set<string>();
		let trusted = 0;
		for (const each of cases) {
			const compared = await compare(each);
			reasons.add(compared.ours);
			if (compared.trusted) trusted += 1;
			if (!differ(compared)) continue;
			const plain = withoutKnownDifferences(each);
			const again = await compare(plain);
			if (differ(again)) unknown.push({ plain, ...again });
		}
		expect(unknown).toEqual([]);
		expect(trusted / CASES).toBeGreaterThanOrEqual(0.2);
		expect([...reasons].sort()).toEqual([
			...['expired', 'issuerNotPec', 'nameNotPermitted', 'notYetValid', 'trusted', 'wrongUse'],
		]);
	}, 120_000);
});
