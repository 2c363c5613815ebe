import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMime } from '../../nodes/pec/mime.ts';
import { signatureOf } from '../../nodes/pec/signature.ts';
import { withoutOpenssl } from '../sandbox/pecOpenssl.ts';
import { Openssl, why } from './openssl.ts';
import { CONTENT, FORMS, messageWith } from './signedForms.ts';

let openssl: Openssl;
beforeAll(async () => {
	openssl = await Openssl.open();
});
afterAll(async () => await openssl.close());

const judge = (signature: Buffer) =>
	signatureOf(readMime(messageWith(signature)).root, {
		trust: { issuers: [] },
		now: new Date('2026-02-01T00:00:00Z'),
	});

/** OpenSSL takes MD5, and does not compare the type in the attributes with the content's (RFC 5652 11.1). */
const KNOWN: Readonly<Record<string, string>> = {
	'another type in the attributes': 'signatureMismatch',
	MD5: 'algorithmUnsupported',
};

describe.skipIf(withoutOpenssl)(
	`integrity, as OpenSSL judges it, of a signature with${why}`,
	() => {
		it.each(Object.keys(FORMS))('%s', async (name) => {
			const signature = FORMS[name] ?? Buffer.alloc(0);
			const { integrity, reason } = judge(signature);
			const { ok, said } = await openssl.integrity(signature, CONTENT);
			const known = KNOWN[name];
			expect([known ? reason : integrity === 'intact', said]).toEqual([known ?? ok, said]);
			if (known) expect([ok, integrity]).toEqual([true, expect.not.stringMatching('intact')]);
		});
	},
);
