import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

import {
	SMTPServer,
	type SMTPServerAuthentication,
	type SMTPServerAuthenticationResponse,
	type SMTPServerDataStream,
	type SMTPServerSession,
} from 'smtp-server';

import type { SandboxLog } from '../log.ts';
import type { Submission } from '../pec/mail.ts';
import { StorageFullError } from '../store/errors.ts';
import type { MailStore } from '../store/mailStore.ts';

export interface SubmissionServerOptions {
	readonly store: MailStore;
	readonly log: SandboxLog;
	readonly tls: { readonly key: string; readonly cert: string };
	/** Bytes of one message; more is refused with 552. */
	readonly sizeLimit: number;
	/** Must have taken the message over when it returns: the 250 follows; 452 when it throws StorageFullError. */
	readonly submit: (submission: Submission) => { providerId: string };
	readonly host?: string;
}

export interface ListeningAt {
	readonly host: string;
	readonly port: number;
}

export interface Listening {
	readonly tls: ListeningAt;
	readonly startTls: ListeningAt;
}

/** What providers guarantee at least is 50 (DM 2/11/2005 art. 12); the large ones take 500. */
const MAX_RECIPIENTS = 500;

/** SMTP submission for all accounts: TLS from the first byte on one port, STARTTLS on another; AUTH is required. */
export class SubmissionServer {
	readonly #options: SubmissionServerOptions;
	readonly #host: string;
	readonly #open = new Set<Socket>();
	#ports: { tls: number; startTls: number } = { tls: 0, startTls: 0 };
	#listeners: Server[] = [];

	constructor(options: SubmissionServerOptions) {
		this.#options = options;
		this.#host = options.host ?? '127.0.0.1';
	}

	/** Listens; 0 or no port is one of the system's choice. Rejects with the system's error when one is taken. */
	async start(ports: { tls?: number; startTls?: number } = {}): Promise<Listening> {
		const protocol = { secure: this.#protocol(true), startTls: this.#protocol(false) };
		// smtp-server's own TLS listener crashes Node when it is closed during a handshake
		const secureListener = createTlsServer(this.#options.tls, (socket) =>
			protocol.secure.connect(socket),
		);
		const tls = await this.#listen(secureListener, ports.tls ?? 0);
		const plainListener = createServer((socket) => protocol.startTls.connect(socket));
		const startTls = await this.#listen(plainListener, ports.startTls ?? 0);
		this.#ports = { tls, startTls };
		return {
			tls: { host: this.#host, port: tls },
			startTls: { host: this.#host, port: startTls },
		};
	}

	/** Stops listening and cuts every connection, in whatever state. */
	async goDown(): Promise<void> {
		const closing = this.#listeners.map(
			(listener) => new Promise<void>((resolve) => listener.close(() => resolve())),
		);
		this.#listeners = [];
		for (const socket of this.#open) socket.destroy();
		await Promise.all(closing);
	}

	/** Listens on the same ports again. */
	async comeBack(): Promise<void> {
		await this.start(this.#ports);
	}

	async stop(): Promise<void> {
		await this.goDown();
	}

	async #listen(listener: Server, port: number): Promise<number> {
		listener.on('connection', (socket: Socket) => {
			this.#open.add(socket);
			socket.once('close', () => this.#open.delete(socket));
		});
		await new Promise<void>((resolve, reject) => {
			listener.once('error', reject);
			listener.listen(port, this.#host, () => {
				listener.off('error', reject);
				resolve();
			});
		});
		this.#listeners.push(listener);
		const address = listener.address();
		return typeof address === 'object' && address !== null ? address.port : port;
	}

	#protocol(secured: boolean): SMTPServer {
		const { tls, sizeLimit } = this.#options;
		const server = new SMTPServer({
			...tls,
			secure: secured,
			secured,
			name: 'localhost',
			banner: 'sandbox PEC',
			size: sizeLimit,
			rejectOversized: true,
			maxRecipients: MAX_RECIPIENTS,
			authMethods: ['PLAIN', 'LOGIN'],
			hideSMTPUTF8: true,
			hideENHANCEDSTATUSCODES: false,
			disableReverseLookup: true,
			logger: false,
			onAuth: (auth, _session, callback) => callback(null, this.#signIn(auth)),
			onMailFrom: (address, session, callback) => {
				callback(
					sameAddress(address.address, session)
						? null
						: refusal(553, 'Sender address rejected: not owned by user'),
				);
			},
			onData: (stream, session, callback) => this.#receive(stream, session, callback),
		});
		// a client that goes away or does not trust the certificate is no fault of the server
		server.on('error', () => undefined);
		return server;
	}

	#signIn(auth: SMTPServerAuthentication): SMTPServerAuthenticationResponse {
		const user = auth.username ?? '';
		const account = this.#options.store.signIn(user, auth.password ?? '');
		if (account !== undefined) return { user: account.address };
		this.#options.log.append({ type: 'refusedLogin', protocol: 'smtp', user });
		return { message: 'Error: authentication failed', responseCode: 535 };
	}

	#receive(
		stream: SMTPServerDataStream,
		session: SMTPServerSession,
		callback: (error?: Error | null, message?: string) => void,
	): void {
		const account = accountOf(session);
		const mailFrom = session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address;
		// smtp-server empties the envelope once DATA is over
		const rcptTo = session.envelope.rcptTo.map(({ address }) => address);
		const client = {
			name: session.hostNameAppearsAs,
			address: session.remoteAddress,
			protocol: session.transmissionType,
		};
		const chunks: Buffer[] = [];
		stream.on('data', (chunk: Buffer) => {
			if (!stream.sizeExceeded) chunks.push(chunk);
		});
		stream.on('end', () => {
			// the server answers 552 by itself (rejectOversized)
			if (stream.sizeExceeded) return callback(null);
			const raw = Buffer.concat(chunks);
			if (hasBareLineEnd(raw)) {
				return callback(refusal(550, 'Error: bare <CR> or <LF> received'));
			}
			try {
				const { providerId } = this.#options.submit({ account, mailFrom, rcptTo, raw, client });
				callback(null, `Ok: queued as ${providerId}`);
			} catch (error) {
				if (!(error instanceof StorageFullError)) throw error;
				callback(refusal(452, 'Error: insufficient system storage'));
			}
		});
	}
}

function accountOf(session: SMTPServerSession): string {
	return typeof session.user === 'string' ? session.user : '';
}

function sameAddress(mailFrom: string, session: SMTPServerSession): boolean {
	return mailFrom.toLowerCase() === accountOf(session).toLowerCase();
}

/** RFC 5321 2.3.8: it would be a line end to some readers and none to others. */
function hasBareLineEnd(raw: Buffer): boolean {
	return /(?<!\r)\n|\r(?!\n)/.test(raw.toString('latin1'));
}

function refusal(responseCode: number, message: string): Error {
	return Object.assign(new Error(message), { responseCode });
}
