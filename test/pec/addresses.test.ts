import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { certifiedAddress, normalizeAddress } from '../../nodes/pec/addresses.ts';

describe('an address as PEC can carry it', () => {
	it.each([
		[' Rossi@PEC.it ', 'rossi@pec.it'],
		['a@Città.it', 'a@xn--citt-3na.it'],
		['a@xn--citt-3na.it', 'a@xn--citt-3na.it'],
		['a@citta\u0300.it', 'a@xn--citt-3na.it'],
		['a@be\u200bta.it', 'a@beta.it'],
	])('%j is %j', (text, address) => {
		expect(certifiedAddress(text)).toBe(address);
	});

	it.each([
		['nicolò@pec.it', 'notAscii'],
		['ro\u200bssi@pec.it', 'notAscii'],
		['\u202erossi@pec.it', 'notAscii'],
		['a@b.it\r\nBcc: c@d.it', 'controlCharacter'],
		['a@\u00ad.it', 'notAnAddress'],
		['a@xn--\u00e0.it', 'notAnAddress'],
	])('%j is refused, without repeating it', (text, code) => {
		const refused = (() => {
			try {
				return certifiedAddress(text);
			} catch (error) {
				return error as Error;
			}
		})();
		expect(refused).toMatchObject({ code });
		expect((refused as Error).message).not.toContain(text);
	});

	it('never changes what identifies an address that is ASCII already', () => {
		const address = fc.stringMatching(/^[a-z0-9._+-]{1,9}@[a-z0-9_-]{1,9}\.[a-z0-9]{1,5}$/);
		const identity = (read: (text: string) => string, text: string) => {
			try {
				return read(text);
			} catch (error) {
				return (error as { code: string }).code;
			}
		};
		fc.assert(
			fc.property(address, (text) => {
				expect(identity(certifiedAddress, text)).toBe(identity(normalizeAddress, text));
			}),
		);
	});
});
