import { describe, expect, it } from 'vitest';

import { PROVIDER_PRESETS, resolveServers } from '../../nodes/mail/presets.ts';

describe('the servers of a provider', () => {
	it.each(PROVIDER_PRESETS.filter(({ imap }) => imap).map(({ value }) => [value]))(
		'%s needs nothing entered, and is encrypted from the first byte',
		(preset) => {
			const { imap, smtp } = resolveServers(preset);
			expect([imap.secure, smtp.secure]).toEqual([true, true]);
		},
	);

	it('are as Aruba publishes them', () => {
		expect(resolveServers('aruba')).toEqual({
			imap: { host: 'imaps.pec.aruba.it', port: 993, secure: true },
			smtp: { host: 'smtps.pec.aruba.it', port: 465, secure: true },
		});
	});

	it.each([
		['a host alone gets the standard ports', { imapHost: 'i', smtpHost: 's' }, [993, 465]],
		[
			'STARTTLS has ports of its own',
			{ imapHost: 'i', smtpHost: 's', imapSecure: false, smtpSecure: false },
			[143, 587],
		],
		[
			'a port that is set counts',
			{ imapHost: 'i', smtpHost: 's', imapPort: 1993, smtpPort: 1465 },
			[1993, 1465],
		],
		['port 0 is none', { imapHost: 'i', smtpHost: 's', imapPort: 0 }, [993, 465]],
	])('%s', (_, overrides, ports) => {
		const { imap, smtp } = resolveServers('custom', overrides);
		expect([imap.port, smtp.port]).toEqual(ports);
	});

	it('a value set by hand wins over the preset, the rest of which stays', () => {
		const { imap } = resolveServers('aruba', { imapHost: ' altro.test ', imapPort: 0 });
		expect(imap).toEqual({ host: 'altro.test', port: 993, secure: true });
	});

	it.each([['custom'], ['unheard of']])('%s: a missing host is asked for', (preset) => {
		expect(() => resolveServers(preset, { imapHost: 'i', smtpHost: '  ' })).toThrow(
			'No SMTP server',
		);
	});
});
