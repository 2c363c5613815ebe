import {
	authRefused,
	cancelled,
	connectionErrorOf,
	nameOf,
	tlsUnavailable,
	type ServerName,
} from './connectionError';
import { MailError } from './errors';

/** The parts of imapflow's errors that say what happened without quoting a command or a message. */
interface ImapFailure {
	readonly code?: string;
	readonly authenticationFailed?: boolean;
	readonly tlsFailed?: boolean;
	readonly mailboxMissing?: boolean;
	readonly responseStatus?: string;
	readonly serverResponseCode?: string;
}

/** What was being done when it failed. */
export interface ImapContext {
	readonly server: ServerName;
	readonly folder?: string;
	readonly signal?: AbortSignal;
}

/** Response codes (RFC 5530) of a server that has too much to do. */
const BUSY = ['UNAVAILABLE', 'INUSE', 'LIMIT'];
/** Response codes (RFC 5530) that refuse a sign-in although user and password may be right. */
const SIGN_IN_LATER = new Set([...BUSY, 'SERVERBUG']);
const FOLDER_MISSING = new Set(['NONEXISTENT', 'TRYCREATE']);

/** Turns whatever imapflow threw into a MailError. Its cause keeps codes only: imapflow's own texts can quote commands. */
export function imapErrorOf(error: unknown, context: ImapContext): MailError {
	if (context.signal?.aborted) return cancelled();
	if (error instanceof MailError) return error;
	const failure: ImapFailure = typeof error === 'object' && error !== null ? error : {};
	const cause = causeOf(failure);
	const response = failure.serverResponseCode?.toUpperCase();
	if (failure.authenticationFailed) {
		if (response === undefined || !SIGN_IN_LATER.has(response)) {
			return authRefused(context.server, cause);
		}
		return new MailError('refused', `${nameOf(context.server)} takes no sign-in at the moment`, {
			whatToDo: 'Try again in some minutes; too many programs may be connected to this mailbox',
			retry: 'later',
			cause,
		});
	}
	const connection = connectionErrorOf(failure.code, context.server);
	if (connection) return connection;
	if (failure.tlsFailed) return tlsUnavailable(context.server);
	if (
		failure.mailboxMissing ||
		failure.code === 'NotFound' ||
		(response !== undefined && FOLDER_MISSING.has(response))
	) {
		return folderMissing(context.folder);
	}
	if (response === 'OVERQUOTA') return overQuota(context.folder, cause);
	if (failure.code === 'NoMailboxSelected') return folderChanged(context.folder);
	if (failure.code === 'LockTimeout') {
		return new MailError('timeout', `${nameOf(context.server)} is busy with another request`, {
			whatToDo: 'Try again',
			retry: 'now',
			cause,
		});
	}
	if (failure.code === 'MissingServerExtension') return notSupported(context.server, 'this search');
	return refused(context.server, cause);
}

function causeOf({ code, responseStatus: status, serverResponseCode: responseCode }: ImapFailure) {
	return { code, status, responseCode };
}

/** Response codes of a NO that says nothing of what was asked for: it may be given later. */
const NOT_NOW = new Set([...BUSY, 'THROTTLED']);

/** What a server answered that refused this one request; `undefined` of any other failure. */
export function refusalIn(error: unknown): object | undefined {
	const failure: ImapFailure = typeof error === 'object' && error !== null ? error : {};
	const { code, status, responseCode = '' } = causeOf(failure);
	if (code === 'ETHROTTLE' || (status !== 'NO' && status !== 'BAD')) return undefined;
	return NOT_NOW.has(responseCode.toUpperCase()) ? undefined : causeOf(failure);
}

export function folderMissing(folder: string | undefined): MailError {
	return new MailError(
		'folderMissing',
		folder === undefined ? 'The folder does not exist' : `The folder "${folder}" does not exist`,
		{ whatToDo: 'Choose the folder again: it may have been renamed or removed', retry: 'never' },
	);
}

export function folderChanged(folder: string | undefined): MailError {
	return new MailError(
		'folderChanged',
		folder === undefined
			? 'The folder is no longer the one that was opened'
			: `The folder "${folder}" is no longer the one that was opened`,
		{
			whatToDo:
				'Run it again: the provider rebuilt the folder, or another one was opened meanwhile',
			retry: 'now',
		},
	);
}

/** Of a folder in which something was to be changed. */
export function readOnlyFolder(folder: string): MailError {
	return new MailError('refused', `The folder "${folder}" can only be read, not changed`, {
		whatToDo: 'Choose another folder, or ask the provider for the right to change this one',
		retry: 'never',
	});
}

export function notSupported(server: ServerName, what: string): MailError {
	return new MailError('notSupported', `${nameOf(server)} does not offer ${what}`, {
		whatToDo: 'This cannot be done with this provider',
		retry: 'never',
	});
}

export function refused(server: ServerName, cause?: unknown): MailError {
	return new MailError('refused', `${nameOf(server)} refused the request`, {
		whatToDo: 'Try again later; if it stays so, ask the provider',
		retry: 'later',
		cause,
	});
}

export function overQuota(folder: string | undefined, cause: unknown): MailError {
	return new MailError(
		'overQuota',
		folder === undefined
			? 'The mailbox is full'
			: `The mailbox is full: nothing can be stored in "${folder}"`,
		{
			whatToDo: 'Free space in the mailbox (PEC Mailbox: Clean Up), then run it again',
			retry: 'later',
			cause,
		},
	);
}
