import { rootCertificates } from 'node:tls';
import { expect, it } from 'vitest';

import { tlsOptions } from '../../nodes/mail/tlsOptions.ts';

const [first = '', second = ''] = rootCertificates;

it('verifies always, and leaves trust to Node unless there is a certificate', () => {
	expect(tlsOptions(undefined)).toEqual({ rejectUnauthorized: true });
	expect(tlsOptions(first).rejectUnauthorized).toBe(true);
});

it('reads the certificates once for all connections that trust the same, and for those alone', () => {
	const { secureContext } = tlsOptions(first);
	expect(secureContext).toBeDefined();
	expect(tlsOptions(first).secureContext).toBe(secureContext);
	expect(tlsOptions(second).secureContext).not.toBe(secureContext);
});

it('does not keep the certificates of more credentials than a few', () => {
	const { secureContext } = tlsOptions(first);
	for (const other of rootCertificates.slice(2, 12)) tlsOptions(other);
	expect(tlsOptions(first).secureContext).not.toBe(secureContext);
});

it('refuses what is no certificate, each time', () => {
	for (let time = 0; time < 2; time += 1) {
		expect(() => tlsOptions('no certificate')).toThrow(/cannot be read/);
	}
});
