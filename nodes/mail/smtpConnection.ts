import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { AccountSettings } from './types';
import { cancelled, tlsUnavailable, type ServerName } from './connectionError';
import { smtpErrorOf } from './smtpError';
import { tlsOptions } from './tlsOptions';

export interface SmtpOptions {
	/** Milliseconds for connecting, for signing in, and for the answer to each command before DATA. Default 60,000. */
	readonly timeoutMs?: number;
	/**
	 * Milliseconds of silence allowed once the body is on its way. Default ten minutes (RFC 5321 4.5.3.2.6): giving up
	 * earlier would make a message unclear that the server was about to accept.
	 */
	readonly dataTimeoutMs?: number;
	/** Milliseconds for which a connection that took a message is used again without asking whether it is there. Default 10,000. */
	readonly freshMs?: number;
	/** Stops signing in. A message under way is never broken off: nobody would know what became of it. */
	readonly signal?: AbortSignal;
}

export const SMTP_TIMEOUT_MS = 60_000;
export const SMTP_DATA_TIMEOUT_MS = 600_000;

/** An authenticated, encrypted connection. */
export interface SignedIn {
	readonly connection: SMTPConnection;
	/** SIZE of EHLO (RFC 1870); absent when not announced or 0. */
	readonly sizeLimit?: number;
}

/** @throws MailError */
export async function connectSmtp(
	settings: AccountSettings,
	{ timeoutMs = SMTP_TIMEOUT_MS, signal }: SmtpOptions,
): Promise<SignedIn> {
	const { host, port, secure } = settings.smtp;
	const server: ServerName = { protocol: 'SMTP', host, port, secure };
	if (signal?.aborted) throw cancelled();
	const connection = new SMTPConnection({
		host,
		port,
		secure,
		requireTLS: !secure,
		tls: tlsOptions(settings.tlsCa),
		logger: false,
		connectionTimeout: timeoutMs,
		greetingTimeout: timeoutMs,
		socketTimeout: timeoutMs,
		dnsTimeout: timeoutMs,
	});
	// Errors of a send reach its own callback; without a listener the same error would end the process.
	connection.on('error', () => undefined);
	const abort = () => connection.close();
	signal?.addEventListener('abort', abort, { once: true });
	try {
		await untilDone(connection, (done) => connection.connect(done));
		if (!connection.secure) throw tlsUnavailable(server);
		const greeting = connection.lastServerResponse;
		await untilDone(connection, (done) =>
			connection.login({ user: settings.user, pass: settings.password }, done),
		);
		const sizeLimit = Number(/^250[ -]SIZE[ \t]+(\d+)/im.exec(greeting || '')?.[1]);
		return { connection, ...(sizeLimit > 0 ? { sizeLimit } : {}) };
	} catch (error) {
		connection.close();
		throw signal?.aborted ? cancelled() : smtpErrorOf(error, server);
	} finally {
		signal?.removeEventListener('abort', abort);
	}
}

/** nodemailer reports some failures to the callback, others as 'error', and a close by our own hand as 'end' alone. */
export async function untilDone(
	connection: SMTPConnection,
	start: (done: (error?: Error | null) => void) => void,
): Promise<void> {
	const undo: Array<() => void> = [];
	try {
		await new Promise<void>((resolve, reject) => {
			const fail = (error: Error) => reject(error);
			const end = () => reject(Object.assign(new Error('ended'), { code: 'ECONNECTION' }));
			connection.on('error', fail);
			connection.on('end', end);
			undo.push(() => connection.off('error', fail).off('end', end));
			start((error) => (error ? reject(error) : resolve()));
		});
	} finally {
		for (const step of undo) step();
	}
}
