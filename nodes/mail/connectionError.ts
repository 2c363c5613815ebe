import type { MailErrorCode, ServerAddress } from './types';
import { MailError } from './errors';

/** Which server a failure is told of. Host and port may stand in a message, nothing else may. */
export interface ServerName extends ServerAddress {
	readonly protocol: 'IMAP' | 'SMTP';
}

interface Wording {
	readonly code: MailErrorCode;
	readonly what: string;
	readonly whatToDo: string;
	readonly retry: 'now' | 'later' | 'never';
}

const HOST_UNKNOWN: Wording = {
	code: 'hostUnknown',
	what: 'is not known: there is no server of that name',
	whatToDo: 'Check the server name in the credential for typing mistakes',
	retry: 'never',
};
const DNS_DOWN: Wording = {
	code: 'hostUnknown',
	what: 'could not be looked up: the name service gave no answer',
	whatToDo: 'Check the server name in the credential, and whether this computer has a network',
	retry: 'later',
};
const UNREACHABLE: Wording = {
	code: 'hostUnreachable',
	what: 'cannot be reached',
	whatToDo:
		'Check server name and port in the credential; a firewall may block the port, or the provider may be down',
	retry: 'later',
};
const TIMEOUT: Wording = {
	code: 'timeout',
	what: 'did not answer in time',
	whatToDo: 'Try again; if it stays so, check server name, port and firewall',
	retry: 'now',
};
const LOST: Wording = {
	code: 'connectionLost',
	what: 'closed the connection',
	whatToDo: 'Try again; if it stays so, ask the provider',
	retry: 'now',
};
const EXPIRED: Wording = {
	code: 'tlsExpired',
	what: 'shows a certificate that is not valid at this time (expired or not valid yet)',
	whatToDo:
		"Check this computer's date and time; if they are right, the provider must renew its certificate",
	retry: 'later',
};
const NAME_MISMATCH: Wording = {
	code: 'tlsNameMismatch',
	what: 'shows a certificate made out to another name',
	whatToDo: "Enter the server name exactly as the provider's instructions give it",
	retry: 'never',
};
const UNTRUSTED: Wording = {
	code: 'tlsUntrusted',
	what: 'shows a certificate that is not trusted',
	whatToDo:
		"Check the server name; if the server is the right one and uses a private CA, add that CA's certificate in the credential",
	retry: 'never',
};
const NO_TLS: Wording = {
	code: 'tlsUnavailable',
	what: 'does not offer an encrypted connection on this port',
	whatToDo:
		'Check port and security (TLS or STARTTLS) in the credential; nothing is ever sent unencrypted',
	retry: 'never',
};

/** Codes of Node (DNS, sockets, OpenSSL's verification results) and of imapflow and nodemailer. */
const BY_CODE: ReadonlyMap<string, Wording> = new Map([
	...entries(HOST_UNKNOWN, ['ENOTFOUND', 'ENODATA', 'EAI_NONAME', 'EBADNAME']),
	...entries(DNS_DOWN, ['EAI_AGAIN', 'EAI_FAIL', 'ESERVFAIL', 'EREFUSED']),
	...entries(UNREACHABLE, [
		'ECONNREFUSED',
		'EHOSTUNREACH',
		'EHOSTDOWN',
		'ENETUNREACH',
		'ENETDOWN',
		'EADDRNOTAVAIL',
		'EACCES',
		'EPERM',
	]),
	...entries(TIMEOUT, [
		'ETIMEDOUT',
		'ETIMEOUT',
		'CONNECT_TIMEOUT',
		'GREETING_TIMEOUT',
		'UPGRADE_TIMEOUT',
	]),
	...entries(LOST, [
		'ECONNRESET',
		'ECONNABORTED',
		'EPIPE',
		'ENOTCONN',
		'ECONNECTION',
		'NoConnection',
		'EConnectionClosed',
		'StateLogout',
		'ClosedAfterConnectText',
		'ClosedAfterConnectTLS',
		'LiteralTooLarge',
		'LineTooLarge',
		'ResponseTooLarge',
		'TooManyTokens',
	]),
	...entries(EXPIRED, ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']),
	...entries(NAME_MISMATCH, ['ERR_TLS_CERT_ALTNAME_INVALID', 'HOSTNAME_MISMATCH']),
	...entries(UNTRUSTED, [
		'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
		'UNABLE_TO_GET_ISSUER_CERT',
		'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
		'DEPTH_ZERO_SELF_SIGNED_CERT',
		'SELF_SIGNED_CERT_IN_CHAIN',
		'CERT_SIGNATURE_FAILURE',
		'CERT_UNTRUSTED',
		'CERT_REJECTED',
		'CERT_REVOKED',
		'CERT_CHAIN_TOO_LONG',
		'PATH_LENGTH_EXCEEDED',
		'INVALID_CA',
		'INVALID_PURPOSE',
	]),
	...entries(NO_TLS, ['EPROTO', 'STARTTLS_INJECTION']),
]);

function entries(wording: Wording, codes: readonly string[]): Array<[string, Wording]> {
	return codes.map((code) => [code, wording]);
}

/** What a network or TLS failure code means, or `undefined` when the code is none of these. */
export function connectionErrorOf(
	code: string | undefined,
	server: ServerName,
): MailError | undefined {
	if (code === undefined) return undefined;
	const wording = BY_CODE.get(code) ?? (code.startsWith('ERR_SSL_') ? NO_TLS : undefined);
	return wording && errorFrom(wording, server, code);
}

/** The server cannot or will not encrypt: STARTTLS is missing, was refused, or the port speaks something else. */
export function tlsUnavailable(server: ServerName): MailError {
	return errorFrom(NO_TLS, server);
}

export function connectionLost(server: ServerName): MailError {
	return errorFrom(LOST, server);
}

/** The caller's AbortSignal ended it. */
export function cancelled(): MailError {
	return new MailError('cancelled', 'The run was stopped', {
		whatToDo: 'Start it again when you want it to go on',
		retry: 'now',
	});
}

/** The server refused user and password. */
export function authRefused(server: ServerName, cause?: unknown): MailError {
	return new MailError(
		'authRefused',
		`${nameOf(server)} refused the sign-in: user name or password is not accepted`,
		{
			whatToDo:
				'Check user name and password. With two-factor login an application password is needed, and those expire. The mailbox may also have IMAP and SMTP switched off: see its settings at the provider',
			retry: 'never',
			cause,
		},
	);
}

export function nameOf(server: ServerName): string {
	return `The ${server.protocol} server ${server.host}:${server.port}`;
}

function errorFrom(wording: Wording, server: ServerName, code?: string): MailError {
	return new MailError(wording.code, `${nameOf(server)} ${wording.what}`, {
		whatToDo: wording.whatToDo,
		retry: wording.retry,
		...(code === undefined ? {} : { cause: { code } }),
	});
}
