import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import {
	authRefused,
	connectionErrorOf,
	connectionLost,
	nameOf,
	tlsUnavailable,
	type ServerName,
} from './connectionError';
import { MailError } from './errors';

type SmtpFailure = Partial<
	Pick<
		SMTPConnection.SMTPError,
		'code' | 'originalCode' | 'responseCode' | 'response' | 'command' | 'timeoutType'
	>
>;

/** Turns a failure to connect or to sign in into a MailError. Its cause keeps codes only: replies can quote addresses. */
export function smtpErrorOf(error: unknown, server: ServerName): MailError {
	if (error instanceof MailError) return error;
	const failure: SmtpFailure = typeof error === 'object' && error !== null ? error : {};
	const cause = { code: failure.originalCode ?? failure.code, responseCode: failure.responseCode };
	if (failure.code === 'EAUTH') {
		// RFC 4954 section 6: 454 is a temporary failure, and so is any other 4yz.
		return isTemporary(failure.responseCode)
			? refusedForNow(server, cause)
			: authRefused(server, cause);
	}
	const connection =
		connectionErrorOf(failure.originalCode, server) ?? connectionErrorOf(failure.code, server);
	if (connection) return connection;
	if (failure.code === 'ETLS') return tlsUnavailable(server);
	if (failure.code === 'EDNS')
		return connectionErrorOf('ENOTFOUND', server) ?? connectionLost(server);
	if (failure.responseCode !== undefined) return refusedForNow(server, cause);
	return connectionLost(server);
}

function isTemporary(code: number | undefined): boolean {
	return code !== undefined && code >= 400 && code < 500;
}

function refusedForNow(server: ServerName, cause: unknown): MailError {
	return new MailError('refused', `${nameOf(server)} takes no connection at the moment`, {
		whatToDo:
			'Try again in some minutes; if it stays so, ask the provider whether the mailbox is blocked',
		retry: 'later',
		cause,
	});
}
