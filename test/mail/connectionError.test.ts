import { describe, expect, it } from 'vitest';

import { connectionErrorOf } from '../../nodes/mail/connectionError.ts';
import { imapErrorOf } from '../../nodes/mail/imapError.ts';
import { smtpErrorOf } from '../../nodes/mail/smtpError.ts';

const server = { protocol: 'IMAP', host: 'imaps.pec.test', port: 993, secure: true } as const;

describe('a failure code of Node', () => {
	it.each([
		['ENOTFOUND', 'hostUnknown', 'never'],
		['EAI_AGAIN', 'hostUnknown', 'later'],
		['ECONNREFUSED', 'hostUnreachable', 'later'],
		['EHOSTUNREACH', 'hostUnreachable', 'later'],
		['ETIMEDOUT', 'timeout', 'now'],
		['CONNECT_TIMEOUT', 'timeout', 'now'],
		['ECONNRESET', 'connectionLost', 'now'],
		['CERT_HAS_EXPIRED', 'tlsExpired', 'later'],
		['ERR_TLS_CERT_ALTNAME_INVALID', 'tlsNameMismatch', 'never'],
		['SELF_SIGNED_CERT_IN_CHAIN', 'tlsUntrusted', 'never'],
		['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tlsUntrusted', 'never'],
		['ERR_SSL_WRONG_VERSION_NUMBER', 'tlsUnavailable', 'never'],
	])('%s is told as %s', (code, expected, retry) => {
		const error = connectionErrorOf(code, server);
		expect(error).toMatchObject({ code: expected, retry });
		expect(error?.message).toContain('imaps.pec.test:993');
		expect(error?.whatToDo).not.toBe('');
	});

	it('that is none of these is left to who knows more', () => {
		expect(connectionErrorOf('ERR_INVALID_ARG_TYPE', server)).toBeUndefined();
		expect(connectionErrorOf(undefined, server)).toBeUndefined();
	});
});

describe('a failure of imapflow', () => {
	it.each([
		[{ responseStatus: 'NO', serverResponseCode: 'OVERQUOTA' }, 'overQuota'],
		[{ responseStatus: 'NO', serverResponseCode: 'TRYCREATE' }, 'folderMissing'],
		[{ responseStatus: 'NO', mailboxMissing: true }, 'folderMissing'],
		[{ code: 'NotFound' }, 'folderMissing'],
		[{ code: 'LockTimeout' }, 'timeout'],
		[{ code: 'NoMailboxSelected' }, 'folderChanged'],
		[{ code: 'LiteralTooLarge' }, 'connectionLost'],
		[{ responseStatus: 'BAD' }, 'refused'],
		[{ authenticationFailed: true, serverResponseCode: 'AUTHENTICATIONFAILED' }, 'authRefused'],
		[{ authenticationFailed: true, serverResponseCode: 'INUSE' }, 'refused'],
		[{ tlsFailed: true }, 'tlsUnavailable'],
		[{ tlsFailed: true, code: 'CERT_HAS_EXPIRED' }, 'tlsExpired'],
	])('%j is told as %s', (properties, code) => {
		const error = imapErrorOf(Object.assign(new Error('A1 LOGIN user segreta'), properties), {
			server,
			folder: 'INBOX',
		});
		expect(error.code).toBe(code);
		expect(JSON.stringify([error, error.message, error.whatToDo, error.cause])).not.toContain(
			'segreta',
		);
	});

	it('is told as cancelled when the caller had aborted', () => {
		const signal = AbortSignal.abort();
		expect(imapErrorOf({ code: 'NoConnection' }, { server, signal }).code).toBe('cancelled');
	});
});

describe('a failure of nodemailer', () => {
	it.each([
		[{ code: 'ESOCKET', originalCode: 'CERT_HAS_EXPIRED' }, 'tlsExpired'],
		[{ code: 'ESOCKET', originalCode: 'ECONNREFUSED' }, 'hostUnreachable'],
		[{ code: 'EDNS', originalCode: 'ENOTFOUND' }, 'hostUnknown'],
		[{ code: 'EDNS' }, 'hostUnknown'],
		[{ code: 'ETIMEDOUT', timeoutType: 'GREETING_TIMEOUT' }, 'timeout'],
		[{ code: 'ETLS', response: '454 TLS not available' }, 'tlsUnavailable'],
		[{ code: 'EAUTH', responseCode: 535 }, 'authRefused'],
		[{ code: 'EAUTH', responseCode: 454 }, 'refused'],
		[{ code: 'EPROTOCOL', responseCode: 554 }, 'refused'],
	])('%j is told as %s', (properties, code) => {
		expect(
			smtpErrorOf(Object.assign(new Error('x'), properties), { ...server, protocol: 'SMTP' }).code,
		).toBe(code);
	});
});
