import { describe, expect, it } from 'vitest';
import { useEditor } from './harness.ts';
import { credentialFor, startSandbox } from './flows.ts';

describe('the credential Test button', () => {
	it('is green when reading and sending both work', async () => {
		const { rest } = await useEditor();
		const sandbox = await startSandbox();
		expect(await rest.testCredential(credentialFor(sandbox))).toEqual({
			status: 'OK',
			message: 'Signed in for reading (IMAP) and sending (SMTP)',
		});
	});

	it('is green over mandatory STARTTLS', async () => {
		const { rest } = await useEditor();
		const sandbox = await startSandbox();
		const credential = credentialFor(sandbox, {
			imapPort: sandbox.imapStartTls.port,
			imapSecurity: 'startTls',
			smtpPort: sandbox.smtpStartTls.port,
			smtpSecurity: 'startTls',
		});
		expect(await rest.testCredential(credential)).toMatchObject({ status: 'OK' });
	});

	it('says of a wrong password what an office worker can do, once, and never repeats the password', async () => {
		const { rest } = await useEditor();
		const sandbox = await startSandbox();
		const { status, message } = await rest.testCredential(
			credentialFor(sandbox, { password: 'not-the-password' }),
		);
		expect(status).toBe('Error');
		expect(message).toMatch(/Reading \(IMAP\).*password.*Sending \(SMTP\).*password/s);
		expect(message.match(/two-factor/gi)).toHaveLength(1);
		expect(message).not.toContain('not-the-password');
	});

	it('says which of the two hosts is unknown', async () => {
		const { rest } = await useEditor();
		const sandbox = await startSandbox();
		const { status, message } = await rest.testCredential(
			credentialFor(sandbox, { smtpHost: 'no-such-host.invalid' }),
		);
		expect(status).toBe('Error');
		expect(message).toContain('Sending (SMTP)');
		expect(message).toContain('no-such-host.invalid');
		expect(message).not.toContain('Reading (IMAP)');
	});

	it('refuses an expired certificate, whatever CA is given', async () => {
		const { rest } = await useEditor();
		const sandbox = await startSandbox({ tls: 'expired' });
		const { status, message } = await rest.testCredential(credentialFor(sandbox));
		expect(status).toBe('Error');
		expect(message).toMatch(/expired/i);
	});

	it('does not take the CA for receipts as a CA for the connection', async () => {
		const { rest } = await useEditor();
		const sandbox = await startSandbox();
		const { status, message } = await rest.testCredential(
			credentialFor(sandbox, { tlsCa: '', pecCa: sandbox.tlsCa }),
		);
		expect(status).toBe('Error');
		expect(message).toMatch(/not trusted/i);
	});
});
