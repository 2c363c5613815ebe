import type { ImapFlow } from 'imapflow';
import type { ImapSettings } from './types';
import { cancelled, tlsUnavailable, type ServerName } from './connectionError';
import { imapErrorOf } from './imapError';
import { readRowsQuickly } from './quickRows';
import { tlsOptions } from './tlsOptions';

/** What this package uses of imapflow; whatever has this surface can stand in for it. */
export type ImapClient = Pick<
	ImapFlow,
	| 'append'
	| 'capabilities'
	| 'close'
	| 'fetchAll'
	| 'fetchOne'
	| 'getMailboxLock'
	| 'getQuota'
	| 'idle'
	| 'idling'
	| 'list'
	| 'logout'
	| 'mailbox'
	| 'mailboxCreate'
	| 'mailboxOpen'
	| 'mailboxSubscribe'
	| 'messageCopy'
	| 'messageDelete'
	| 'messageFlagsAdd'
	| 'messageFlagsRemove'
	| 'messageMove'
	| 'noop'
	| 'off'
	| 'on'
	| 'search'
	| 'status'
	| 'usable'
>;

export interface ImapOptions {
	/**
	 * Milliseconds without a byte from the server after which a connection counts as dead, and the limit for
	 * connecting and for the greeting. Default two minutes: a server that searches a large folder is silent that long.
	 */
	readonly timeoutMs?: number;
	/** Closes the connection when aborted; what is under way rejects with `cancelled`. */
	readonly signal?: AbortSignal;
	/**
	 * Longest wait for a free connection to the account (`connectionSlots.ts`), milliseconds; default `timeoutMs`.
	 * `Infinity` keeps the place in line until `signal` aborts.
	 */
	readonly queueMs?: number;
	/** A listener: closes its session when `wanted` is aborted, as soon as it can, and opens another one. */
	readonly yields?: boolean;
}

export const IMAP_TIMEOUT_MS = 120_000;

/** Connecting is over sooner than a long search. */
const CONNECT_TIMEOUT_MS = 30_000;

/** A connected, authenticated, encrypted client. @throws MailError */
export async function connectClient(
	settings: ImapSettings,
	{ timeoutMs = IMAP_TIMEOUT_MS, signal }: ImapOptions,
): Promise<ImapClient> {
	const { host, port, secure } = settings.imap;
	const server: ServerName = { protocol: 'IMAP', host, port, secure };
	const driver = await import('./imapDriver.js');
	if (signal?.aborted) throw cancelled();
	const client = new driver.ImapFlow({
		host,
		port,
		secure,
		// Without it imapflow goes on in clear text when STARTTLS is not offered.
		...(secure ? {} : { doSTARTTLS: true }),
		tls: tlsOptions(settings.tlsCa),
		auth: {
			user: settings.user,
			...(settings.accessToken === undefined
				? { pass: settings.password }
				: { accessToken: settings.accessToken }),
		},
		logger: false,
		clientInfo: { name: 'n8n-nodes-pec' },
		// waitForNews idles when asked to; an IDLE between two commands would cost two round trips.
		disableAutoIdle: true,
		// Deflating takes more time than it saves: each command waits for two turns of the thread pool.
		disableCompression: true,
		connectionTimeout: Math.min(timeoutMs, CONNECT_TIMEOUT_MS),
		greetingTimeout: Math.min(timeoutMs, CONNECT_TIMEOUT_MS),
		socketTimeout: timeoutMs,
	});
	// An 'error' nobody listens to ends the process; whoever waits gets it as a rejection, and 'close' follows.
	client.on('error', () => undefined);
	const abort = () => client.close();
	signal?.addEventListener('abort', abort, { once: true });
	client.on('close', () => signal?.removeEventListener('abort', abort));
	try {
		await client.connect();
	} catch (error) {
		client.close();
		throw imapErrorOf(error, { server, ...(signal ? { signal } : {}) });
	}
	readRowsQuickly(client);
	if (!client.secureConnection) {
		client.close();
		throw tlsUnavailable(server);
	}
	return client;
}
