import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { PROVIDER_PRESETS, resolvePace, resolveServers } from '../../nodes/mail/presets.ts';

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

describe('how fast may be sent', () => {
	it.each([
		['aruba', { perMinute: 30, connections: 1 }],
		['legalmail', { perMinute: 6, connections: 1 }],
		['namirial', { perMinute: 30, perDay: 1000, connections: 1 }],
		['poste', { perMinute: 30, connections: 1 }],
		['register', { perMinute: 30, connections: 1 }],
		['sandbox', { perMinute: 6000, connections: 2 }],
		['custom', { perMinute: 30, connections: 1 }],
		['unheard of', { perMinute: 30, connections: 1 }],
	])('%s', (preset, pace) => {
		expect(resolvePace(preset)).toEqual(pace);
	});

	it.each([
		['more', { perMinute: 60 }, { perMinute: 60, connections: 1 }],
		['a fraction is cut', { perMinute: 2.7 }, { perMinute: 2, connections: 1 }],
		['less than one is none', { perMinute: 0.5 }, { perMinute: 30, connections: 1 }],
		['no number', { perMinute: NaN, perDay: Infinity }, { perMinute: 30, connections: 1 }],
		['a day', { perDay: 400 }, { perMinute: 30, perDay: 400, connections: 1 }],
	])('set by hand: %s', (_, overrides, pace) => {
		expect(resolvePace('custom', overrides)).toEqual(pace);
	});
});

describe('docs/PROVIDERS.md', () => {
	const page = readFileSync(join(import.meta.dirname, '../../docs/PROVIDERS.md'), 'utf8');
	const sections = page.split(/^## /m).slice(1);
	const TITLES: Readonly<Record<string, string>> = {
		aruba: 'Aruba',
		legalmail: 'InfoCert Legalmail',
		namirial: 'Namirial',
		poste: 'Poste Italiane',
		register: 'Register.it',
		sandbox: 'Sandbox',
		custom: 'Other providers',
	};

	it.each(PROVIDER_PRESETS.map((preset) => [preset.value, preset] as const))(
		'%s: says the servers and the pace of the preset, and which hosts are to be checked',
		(value, { imap, smtp, pace, hostsFrom }) => {
			const section = sections.find((one) => one.startsWith(TITLES[value] ?? '?')) ?? '';
			const servers = [imap, smtp].flatMap((server) =>
				server === undefined ? [] : [`\`${server.host}\`, ${server.port}`],
			);
			const limits = [
				`${pace.perMinute} a minute`,
				...(pace.perDay === undefined ? [] : [`${pace.perDay} a day`]),
				`${pace.connections} connection`,
			];
			const missing = [...servers, ...limits].filter(
				(fact) => !section.replace(/\s+/g, ' ').includes(fact),
			);
			expect(missing).toEqual([]);
			expect(section.includes('check before relying on it')).toBe(hostsFrom === 'thirdParty');
		},
	);
});
