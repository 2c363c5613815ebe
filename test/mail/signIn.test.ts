import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { checkSignIn } from '../../nodes/mail/signIn.ts';
import type { AccountSettings } from '../../nodes/mail/types.ts';
import { start, type Sandbox } from '../../sandbox/index.ts';

describe('the sign-in check', () => {
	let sandbox: Sandbox;
	let settings: AccountSettings;
	beforeAll(async () => {
		sandbox = await start();
		const [account] = sandbox.accounts;
		if (!account) throw new Error('the sandbox has no account');
		const { address, user, password } = account;
		const { imap, smtp, tlsCa } = sandbox;
		settings = { address, user, password, imap, smtp, tlsCa };
	});
	afterAll(async () => await sandbox.stop());

	it('finds nothing wrong with good settings, over TLS and over STARTTLS', async () => {
		const { imapStartTls: imap, smtpStartTls: smtp } = sandbox;
		const fine = { imap: undefined, smtp: undefined };
		expect(await checkSignIn(settings)).toEqual(fine);
		expect(await checkSignIn({ ...settings, imap, smtp })).toEqual(fine);
	});

	it('says of each server what is wrong', async () => {
		const { host, port } = sandbox.imap;
		const answer = await checkSignIn({
			...settings,
			password: 'sbagliata',
			imap: { host: 'imaps.pec.invalid', port: 993, secure: true },
		});
		expect([answer.imap?.code, answer.smtp?.code]).toEqual(['hostUnknown', 'authRefused']);
		// An IMAP server is no SMTP server.
		const mixed = await checkSignIn({ ...settings, smtp: { host, port, secure: true } });
		expect([mixed.imap?.code, mixed.smtp?.code]).toEqual([undefined, expect.any(String)]);
	});

	it('refuses an expired certificate on both', async () => {
		const expired = await start({ tls: 'expired' });
		try {
			const { imap, smtp, tlsCa } = expired;
			const answer = await checkSignIn({ ...settings, imap, smtp, tlsCa });
			expect([answer.imap?.code, answer.smtp?.code]).toEqual(['tlsExpired', 'tlsExpired']);
		} finally {
			await expired.stop();
		}
	});

	it('leaves no connection behind', async () => {
		await checkSignIn(settings);
		await sandbox.goDown();
		const answer = await checkSignIn(settings);
		await sandbox.comeBack();
		expect([answer.imap?.code, answer.smtp?.code]).toEqual(['hostUnreachable', 'hostUnreachable']);
	});
});
