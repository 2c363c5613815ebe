import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';
import { Faults } from '../faults/faults.ts';
import type { MailStore } from '../store/mailStore.ts';
import { Capabilities } from './capabilities.ts';
import { Connection } from './connection.ts';
import { LITERAL_LIMITS, Session } from './session.ts';
import type { EnterAccount, SessionEvent } from './sessionOptions.ts';

export interface ListeningAddress {
	readonly host: string;
	readonly port: number;
}

/** One answered command. Holds no address, password or message: nothing of what a client sent but a known command's name. */
export interface ImapLogEntry extends SessionEvent {
	/** Counts from 1. */
	readonly connection: number;
	readonly at: Date;
}

/** The IMAP side of the sandbox: TLS from the first byte on one port, STARTTLS on the other. */
export class ImapServer {
	readonly #store: MailStore;
	readonly #host: string;
	readonly #now: () => Date;
	#capabilities: Capabilities;
	readonly #secureContext: SecureContext;
	readonly #log: (entry: ImapLogEntry) => void;
	readonly #enter: EnterAccount;
	readonly #faults: Faults;
	readonly #open = new Set<Connection>();
	#listeners: Server[] = [];
	#ports: { tls: number; startTls: number } | undefined;
	#accepted = 0;

	/**
	 * @param options.tls PEM texts
	 * @param options.host where to listen, 127.0.0.1 unless given
	 * @param options.capabilities `without`: what the server is to lack, e.g. `UIDPLUS`, `QUOTA`, `STARTTLS`; see
	 * `CAPABILITY_NAMES`
	 * @param options.enter asked of an account that signed in, told when it left; lets everybody in unless given
	 * @param options.log told of every answered command
	 * @param options.faults what goes wrong; nothing unless given
	 */
	constructor(options: {
		store: MailStore;
		tls: { key: string; cert: string };
		host?: string;
		now?: () => Date;
		capabilities?: { without?: readonly string[] };
		enter?: EnterAccount;
		log?: (entry: ImapLogEntry) => void;
		faults?: Faults;
	}) {
		this.#store = options.store;
		this.#host = options.host ?? '127.0.0.1';
		this.#now = options.now ?? (() => new Date());
		this.#capabilities = new Capabilities(options.capabilities?.without);
		this.#secureContext = createSecureContext(options.tls);
		this.#log = options.log ?? (() => undefined);
		this.#enter = options.enter ?? (() => ({ leave: () => undefined }));
		this.#faults = options.faults ?? new Faults();
	}

	/** Clients connected now. */
	get connections(): number {
		return this.#open.size;
	}

	/** Takes these away, and gives the others back, from the next connection on. Throws RangeError on an unknown name. */
	setCapabilities({ without }: { without: readonly string[] }): void {
		this.#capabilities = new Capabilities(without);
	}

	/** Listens; 0 or no port means a free one. Rejects when a port is taken. */
	async start(
		ports: { tls?: number; startTls?: number } = {},
	): Promise<{ tls: ListeningAddress; startTls: ListeningAddress }> {
		if (this.#listeners.length > 0) throw new Error('the server is listening already');
		const tls = await this.#listen(ports.tls ?? 0, this.#secureContext);
		const startTls = await this.#listen(ports.startTls ?? 0, undefined).catch(async (error) => {
			await this.stop();
			throw error;
		});
		this.#ports = { tls, startTls };
		return {
			tls: { host: this.#host, port: tls },
			startTls: { host: this.#host, port: startTls },
		};
	}

	/** Stops listening and cuts every connection, as a server that went away. */
	async goDown(): Promise<void> {
		await this.stop();
	}

	/** Listens on the same ports again. */
	async comeBack(): Promise<void> {
		if (this.#ports === undefined) throw new Error('the server was never started');
		await this.start(this.#ports);
	}

	/** Cuts every connection and goes on listening. Returns how many there were. */
	dropConnections(): number {
		const dropped = [...this.#open];
		for (const connection of dropped) connection.destroy();
		// sockets tell of their end later
		this.#open.clear();
		return dropped.length;
	}

	/** Ends listening and every connection. */
	async stop(): Promise<void> {
		const closing = this.#listeners.map(
			(listener) => new Promise<void>((resolve) => listener.close(() => resolve())),
		);
		this.#listeners = [];
		this.dropConnections();
		await Promise.all(closing);
	}

	#listen(port: number, tls: SecureContext | undefined): Promise<number> {
		const listener = createServer((socket) => this.#accept(socket, tls));
		return new Promise((resolve, reject) => {
			listener.once('error', reject);
			listener.listen(port, this.#host, () => {
				listener.off('error', reject);
				this.#listeners.push(listener);
				resolve((listener.address() as AddressInfo).port);
			});
		});
	}

	#accept(socket: Socket, tls: SecureContext | undefined): void {
		const connection = new Connection(socket, { tls, maxLiteral: LITERAL_LIMITS.before });
		this.#accepted += 1;
		const number = this.#accepted;
		this.#open.add(connection);
		socket.once('close', () => this.#open.delete(connection));
		const session = new Session({
			connection,
			store: this.#store,
			capabilities: this.#capabilities,
			secureContext: this.#secureContext,
			now: this.#now,
			enter: this.#enter,
			log: (event) => this.#log({ ...event, connection: number, at: this.#now() }),
			faults: this.#faults,
			number,
		});
		void session.run();
	}
}
