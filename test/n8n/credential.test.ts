import { describe, expect, it } from 'vitest';
import { PecApi } from '../../credentials/PecApi.credentials.ts';
import { PROVIDER_PRESETS } from '../../nodes/mail/presets.ts';
import { AGREEMENT_FIELD, readCredential } from '../../nodes/n8n/credential.ts';

const PERSON = { email: 'studio@pec.example.it', password: 'x' };

/** What n8n keeps of a form that nobody touched further. */
const UNTOUCHED = {
	...PERSON,
	user: '',
	servers: 'preset',
	imapHost: '',
	imapPort: 993,
	imapSecurity: 'tls',
	smtpHost: '',
	smtpPort: 465,
	smtpSecurity: 'tls',
	messagesPerMinute: 0,
	messagesPerDay: 0,
};

const WITH_SERVERS = PROVIDER_PRESETS.filter(({ imap }) => imap !== undefined);

function isShown(name: string, provider: string, servers = 'preset'): boolean {
	const values: Record<string, string> = { provider, servers };
	const fits = (rules: Record<string, unknown> | undefined, every: boolean) => {
		const checks = Object.entries(rules ?? {}).map(([field, list]) =>
			(list as readonly unknown[]).includes(values[field]),
		);
		return every ? checks.every(Boolean) : checks.some(Boolean);
	};
	return new PecApi().properties
		.filter((property) => property.name === name)
		.some(
			({ displayOptions }) =>
				fits(displayOptions?.show, true) && !fits(displayOptions?.hide, false),
		);
}

describe('what a credential says', () => {
	it.each(WITH_SERVERS.map((preset) => [preset.value, preset] as const))(
		'%s: an untouched form has the servers and the pace of the preset',
		(provider, { imap, smtp, pace }) => {
			const read = readCredential({ ...UNTOUCHED, provider });
			expect(read.settings).toMatchObject({ imap, smtp });
			expect(read.pace).toEqual(pace);
		},
	);

	it.each(PROVIDER_PRESETS.map(({ value }) => [value]))(
		'%s takes servers set by hand',
		(provider) => {
			const { settings } = readCredential({
				...UNTOUCHED,
				provider,
				servers: 'byHand',
				imapHost: 'i.example.it',
				imapPort: 1993,
				smtpHost: 's.example.it',
				smtpPort: 587,
				smtpSecurity: 'startTls',
			});
			expect(settings).toMatchObject({
				imap: { host: 'i.example.it', port: 1993, secure: true },
				smtp: { host: 's.example.it', port: 587, secure: false },
			});
		},
	);

	it('leaves servers alone that were entered once and are hidden now', () => {
		const { settings } = readCredential({
			...UNTOUCHED,
			provider: 'aruba',
			imapHost: 'old.example.it',
		});
		expect(settings.imap.host).toBe('imaps.pec.aruba.it');
	});

	it.each([
		['a minute', { messagesPerMinute: 12 }, { perMinute: 12, perDay: 1000, connections: 1 }],
		['a day', { messagesPerDay: 50 }, { perMinute: 30, perDay: 50, connections: 1 }],
		[
			'0',
			{ messagesPerMinute: 0, messagesPerDay: 0 },
			{ perMinute: 30, perDay: 1000, connections: 1 },
		],
		['text', { messagesPerMinute: '20' }, { perMinute: 20, perDay: 1000, connections: 1 }],
		[
			'nothing',
			{ messagesPerMinute: '', messagesPerDay: null },
			{ perMinute: 30, perDay: 1000, connections: 1 },
		],
		[
			'nonsense',
			{ messagesPerMinute: -5, messagesPerDay: 'many' },
			{ perMinute: 30, perDay: 1000, connections: 1 },
		],
	])('takes a limit set by hand: %s', (_, fields, pace) => {
		const data = { ...UNTOUCHED, provider: 'namirial', ...fields } as never;
		expect(readCredential(data).pace).toEqual(pace);
	});

	it('signs in with the user ID where there is one, else with the address as written', () => {
		const signIn = (user: string) =>
			readCredential({ ...UNTOUCHED, provider: 'legalmail', user }).settings.user;
		expect([signIn('XY12345'), signIn('')]).toEqual(['XY12345', 'studio@pec.example.it']);
	});
});

describe('who may send by a program', () => {
	it.each([
		['legalmail', undefined, false],
		['legalmail', false, false],
		['legalmail', 'true', false],
		['legalmail', true, true],
		['aruba', undefined, true],
		['namirial', undefined, true],
		['custom', undefined, true],
	])('%s, tick %s: %s', (provider, tick, allowed) => {
		const read = readCredential({
			...UNTOUCHED,
			provider,
			imapHost: 'i',
			smtpHost: 's',
			...(tick === undefined ? {} : { [AGREEMENT_FIELD]: tick }),
		});
		expect(read.sendingAllowed).toBe(allowed);
		expect(read.sendingRefusal !== undefined).toBe(!allowed);
	});

	it('names the tick as the form does, and no address', () => {
		const { sendingRefusal } = readCredential({ ...UNTOUCHED, provider: 'legalmail' });
		const field = new PecApi().properties.find(({ name }) => name === AGREEMENT_FIELD);
		expect(sendingRefusal?.whatToDo).toContain(`“${field?.displayName}”`);
		expect(JSON.stringify(sendingRefusal)).not.toContain(PERSON.email);
	});
});

describe('the form', () => {
	it('offers every preset and nothing else', () => {
		const [provider] = new PecApi().properties;
		const offered = provider?.options?.map((option) => 'value' in option && option.value);
		expect(offered?.toSorted()).toEqual(PROVIDER_PRESETS.map(({ value }) => value).toSorted());
	});

	it.each(PROVIDER_PRESETS.map(({ value }) => [value]))(
		'%s: servers can be set by hand',
		(provider) => {
			const always = ['custom', 'sandbox'].includes(provider);
			expect(isShown('servers', provider)).toBe(!always);
			expect(isShown('imapHost', provider)).toBe(always);
			expect(isShown('smtpHost', provider, 'byHand')).toBe(true);
			expect(isShown('messagesPerMinute', provider)).toBe(true);
			expect(isShown('user', provider)).toBe(true);
		},
	);

	it('asks for the agreement where the contract wants one', () => {
		const asked = PROVIDER_PRESETS.filter(({ value }) => isShown(AGREEMENT_FIELD, value));
		expect(asked).toEqual(PROVIDER_PRESETS.filter((preset) => preset.sendingNeedsAgreement));
		expect(asked).toHaveLength(1);
	});
});
