import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

import {
	SMTPServer,
	type SMTPServerAuthentication,
	type SMTPServerAuthenticationResponse,
	type SMTPServerDataStream,
	type SMTPServerSession,
} from 'smtp-server';

import type { Faults } from '../faults/faults.ts';
import type { Line } from '../faults/line.ts';
import type { SandboxLog } from '../log.ts';
import type { Submission } from '../pec/mail.ts';
import { StorageFullError } from '../store/errors.ts';
import type { MailStore } from '../store/mailStore.ts';
import { connectionOf, faultOf, SubmissionConnection } from './connection.ts';
import type { Limiter, Refusal } from './limiter.ts';

export interface SubmissionServerOptions {
	readonly store: MailStore;
	readonly log: SandboxLog;
	readonly tls: { readonly key: string; readonly cert: string };
	/** Bytes of one message; more is refused with 552. */
	readonly sizeLimit: number;
	readonly limiter: Limiter;
	/** Must have taken the message over when it returns: the 250 follows; 452 when it throws StorageFullError. */
	readonly submit: (submission: Submission) => { providerId: string };
	readonly faults: Faults;
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

/** SMTP submission for all accounts: TLS from the first byte on one port, STARTTLS on another; AUTH is required. */
export class SubmissionServer {
	readonly #options: SubmissionServerOptions;
	readonly #host: string;
	readonly #open = new Set<Socket>();
	/** Account of each session that signed in, by the session's id. */
	readonly #signedIn = new Map<string, string>();
	readonly #lines = new Set<Line>();
	#ports: { tls: number; startTls: number } = { tls: 0, startTls: 0 };
	#listeners: Server[] = [];
	#accepted = 0;

	constructor(options: SubmissionServerOptions) {
		this.#options = options;
		this.#host = options.host ?? '127.0.0.1';
	}

	/** Listens; 0 or no port is one of the system's choice. Rejects with the system's error when one is taken. */
	async start(ports: { tls?: number; startTls?: number } = {}): Promise<Listening> {
		if (this.#listeners.length > 0) throw new Error('the server is listening already');
		const protocol = { secure: this.#protocol(true), startTls: this.#protocol(false) };
		// smtp-server's own TLS listener crashes Node when it is closed during a handshake
		const secureListener = createTlsServer(this.#options.tls, (socket) =>
			this.#converse(protocol.secure, socket),
		);
		const tls = await this.#listen(secureListener, ports.tls ?? 0);
		const plainListener = createServer((socket) => this.#converse(protocol.startTls, socket));
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
		// TLS tells of its end later: by then what a fault held would have gone on
		for (const line of this.#lines) line.close();
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

	#converse(protocol: SMTPServer, socket: Socket): void {
		this.#accepted += 1;
		const { faults, store } = this.#options;
		const number = this.#accepted;
		const connection = new SubmissionConnection(protocol, socket, { faults, store, number });
		// a client that goes away or does not trust the certificate is no fault of the server
		connection.on('error', () => undefined);
		const { line } = connection;
		this.#lines.add(line);
		line.whenOver(() => this.#lines.delete(line));
		connection.init();
	}

	#protocol(secured: boolean): SMTPServer {
		const { tls, sizeLimit, limiter } = this.#options;
		return new SMTPServer({
			...tls,
			secure: secured,
			secured,
			name: 'localhost',
			banner: 'sandbox PEC',
			size: sizeLimit,
			rejectOversized: true,
			authMethods: ['PLAIN', 'LOGIN'],
			hideSMTPUTF8: true,
			// it would say 5.1.1, a mailbox that does not exist, whatever a 550 is about: replies bring their own
			hideENHANCEDSTATUSCODES: true,
			disableReverseLookup: true,
			logger: false,
			onSecure: (socket, session, callback) => {
				connectionOf(session).secured(socket);
				callback();
			},
			onConnect: (_session, callback) => callback(errorOf(limiter.refuseConnection())),
			onAuth: (auth, session, callback) => callback(null, this.#signIn(auth, session)),
			onMailFrom: (address, session, callback) => {
				callback(
					sameAddress(address.address, session)
						? errorOf(limiter.refuseMessage(accountOf(session), 'mail'))
						: refusal(553, '5.7.1 Sender address rejected: not owned by user'),
				);
			},
			onRcptTo: ({ address }, session, callback) => {
				const same = address.toLowerCase();
				const others = session.envelope.rcptTo.filter((to) => to.address.toLowerCase() !== same);
				callback(errorOf(limiter.refuseRecipient(accountOf(session), others.length)));
			},
			onClose: (session) => {
				const account = this.#signedIn.get(session.id);
				if (account !== undefined) limiter.leaveSmtp(account);
				this.#signedIn.delete(session.id);
			},
			onData: (stream, session, callback) => this.#receive(stream, session, callback),
		});
	}

	#signIn(
		auth: SMTPServerAuthentication,
		session: SMTPServerSession,
	): SMTPServerAuthenticationResponse {
		const user = auth.username ?? '';
		const account = this.#options.store.signIn(user, auth.password ?? '');
		if (account === undefined) {
			this.#options.log.append({ type: 'refusedLogin', protocol: 'smtp', user });
			return { message: '5.7.8 Error: authentication failed', responseCode: 535 };
		}
		const refused = this.#options.limiter.enterSmtp(account.address);
		if (refused !== undefined) return { message: refused.text, responseCode: refused.code };
		this.#signedIn.set(session.id, account.address);
		return { user: account.address };
	}

	#receive(
		stream: SMTPServerDataStream,
		session: SMTPServerSession,
		callback: (error?: Error | null, message?: string) => void,
	): void {
		const connection = connectionOf(session);
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
			connection.atDot((instead) => {
				if (instead?.kind === 'answer') return callback(faultOf(instead));
				if (instead?.kind === 'ignore') return callback(null, '2.0.0 Ok: queued');
				const taken = this.#take({ account, mailFrom, rcptTo, raw: Buffer.concat(chunks), client });
				if (taken instanceof Error) return callback(taken);
				connection.at('smtp.accepted', 'DATA', (verdict) => {
					if (verdict?.kind === 'answer') callback(faultOf(verdict));
					else callback(null, `2.0.0 Ok: queued as ${taken.providerId}`);
				});
			});
		});
	}

	/** The submission is in the log when there is no error, which is what the client is told. */
	#take(submission: Submission): { providerId: string } | Error {
		const { limiter, submit } = this.#options;
		if (hasBareLineEnd(submission.raw)) {
			return refusal(550, '5.6.0 Error: bare <CR> or <LF> received');
		}
		const refused = limiter.refuseMessage(submission.account, 'data');
		if (refused !== undefined) return refusal(refused.code, refused.text);
		try {
			const taken = submit(submission);
			limiter.count(submission.account);
			return taken;
		} catch (error) {
			if (!(error instanceof StorageFullError)) throw error;
			return refusal(452, '4.3.1 Error: insufficient system storage');
		}
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

function errorOf(refused: Refusal | undefined): Error | null {
	return refused === undefined ? null : refusal(refused.code, refused.text);
}

function refusal(responseCode: number, message: string): Error {
	return Object.assign(new Error(message), { responseCode });
}
