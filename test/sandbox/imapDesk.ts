import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ImapFlow } from 'imapflow';
import { onTestFinished } from 'vitest';
import { Faults } from '../../sandbox/faults/faults.ts';
import { ImapServer } from '../../sandbox/imap/server.ts';
import type { ImapLogEntry } from '../../sandbox/imap/server.ts';
import { Clock } from '../../sandbox/pec/clock.ts';
import type { FaultEntry } from '../../sandbox/log.ts';
import type { AccountStore } from '../../sandbox/store/accountStore.ts';
import { MailStore } from '../../sandbox/store/mailStore.ts';
import { makeTlsCertificate } from './tlsCertificate.ts';

export const ADDRESS = 'segreteria@pec.example';
export const PASSWORD = 'p "quoted" \\ pàss';

const certificate = makeTlsCertificate();

/** A running IMAP server with one account, gone when the test is. */
export interface Desk {
	readonly server: ImapServer;
	readonly store: MailStore;
	readonly account: AccountStore;
	readonly log: ImapLogEntry[];
	readonly faults: Faults;
	/** Faults that struck. */
	readonly struck: FaultEntry[];
	readonly ports: { tls: number; startTls: number };
	/** A signed-in imapflow. */
	client(options?: { password?: string; startTls?: boolean }): Promise<ImapFlow>;
	/** A line client that has read the greeting; signed in over TLS unless told otherwise. */
	wire(options?: { secure?: boolean; signIn?: boolean }): Promise<Wire>;
}

export async function startDesk(
	options: {
		without?: readonly string[];
		quotaLimit?: number;
		now?: () => Date;
		clock?: Clock;
	} = {},
): Promise<Desk> {
	const ticks = options.now === undefined;
	const clock = options.clock ?? new Clock(options.now ?? (() => new Date()), { ticks });
	const store = new MailStore({ now: options.now });
	const account = store.addAccount({
		address: ADDRESS,
		password: PASSWORD,
		quotaLimit: options.quotaLimit,
	});
	const log: ImapLogEntry[] = [];
	const struck: FaultEntry[] = [];
	const faults = new Faults({
		now: clock.now,
		schedule: (at, run) => clock.schedule(at, run),
		log: (entry) => struck.push(entry),
	});
	const server = new ImapServer({
		store,
		faults,
		tls: certificate,
		now: options.now,
		capabilities: { without: options.without },
		log: (entry) => log.push(entry),
	});
	const { tls, startTls } = await server.start();
	onTestFinished(async () => {
		faults.clear();
		await server.stop();
		store.close();
	});
	const ports = { tls: tls.port, startTls: startTls.port };

	return {
		server,
		store,
		account,
		log,
		faults,
		struck,
		ports,
		async client({ password = PASSWORD, startTls = false } = {}) {
			const flow = new ImapFlow({
				host: '127.0.0.1',
				port: startTls ? ports.startTls : ports.tls,
				secure: !startTls,
				...(startTls ? { doSTARTTLS: true } : {}),
				auth: { user: ADDRESS, pass: password },
				tls: { ca: certificate.cert },
				logger: false,
			});
			// Without a listener a cut connection would end the process.
			flow.on('error', () => undefined);
			onTestFinished(() => flow.close());
			await flow.connect();
			return flow;
		},
		async wire({ secure = true, signIn = secure } = {}) {
			const raw = connectPlain({
				host: '127.0.0.1',
				port: secure ? ports.tls : ports.startTls,
			});
			const wire = new Wire(raw, secure ? overTls(raw) : raw);
			onTestFinished(() => wire.destroy());
			await wire.until(/^\* OK .*\r\n/);
			if (signIn) {
				const plain = Buffer.from(`\0${ADDRESS}\0${PASSWORD}`).toString('base64');
				await wire.command(`AUTHENTICATE PLAIN ${plain}`);
			}
			return wire;
		},
	};
}

/** Speaks IMAP line by line, to see exactly what the server says. Texts are latin1. */
export class Wire {
	readonly #raw: Socket;
	#socket: Socket;
	#received = '';
	#tag = 0;
	#closed = false;
	#news: (() => void) | undefined;

	/** @param socket `raw`, or TLS over it */
	constructor(raw: Socket, socket: Socket) {
		this.#raw = raw;
		this.#socket = socket;
		raw.on('error', () => undefined);
		this.#listen();
	}

	send(text: string): void {
		this.#socket.write(Buffer.from(text, 'latin1'));
	}

	/** Sends a command; literals in it must be `{n+}`. Resolves with all responses, the tag replaced by `T`. */
	async command(text: string): Promise<string> {
		this.#tag += 1;
		const tag = `T${this.#tag}`;
		this.send(`${tag} ${text}\r\n`);
		const answer = await this.until(new RegExp(`^${tag} (OK|NO|BAD) .*\\r\\n`, 'm'));
		return answer.replace(new RegExp(`^${tag} `, 'm'), 'T ');
	}

	/** What was received up to the end of the first match; rejects when the connection ends before. */
	async until(pattern: RegExp): Promise<string> {
		for (;;) {
			const match = pattern.exec(this.#received);
			if (match !== null) {
				const end = match.index + match[0].length;
				const text = this.#received.slice(0, end);
				this.#received = this.#received.slice(end);
				return text;
			}
			if (this.#closed) throw new Error(`closed after ${JSON.stringify(this.#received)}`);
			await new Promise<void>((resolve) => (this.#news = resolve));
		}
	}

	/** Everything received until the server hung up. */
	async untilClosed(): Promise<string> {
		while (!this.#closed) await new Promise<void>((resolve) => (this.#news = resolve));
		return this.#received;
	}

	async startTls(): Promise<void> {
		this.#socket.removeAllListeners('data');
		const secure = overTls(this.#raw);
		await once(secure, 'secureConnect');
		this.#socket = secure;
		this.#listen();
	}

	destroy(): void {
		this.#socket.destroy();
	}

	/** Puts bytes on the line that are no TLS record. */
	corrupt(): void {
		this.#raw.write('these bytes are no TLS record');
	}

	/** Ends the connection with a TCP reset, as a machine that lost its state. */
	reset(): void {
		this.#raw.resetAndDestroy();
	}

	#listen(): void {
		this.#socket.on('data', (chunk: Buffer) => {
			this.#received += chunk.toString('latin1');
			this.#news?.();
		});
		this.#socket.on('error', () => undefined);
		this.#socket.on('close', () => {
			this.#closed = true;
			this.#news?.();
		});
	}
}

function overTls(raw: Socket): Socket {
	return connectTls({ socket: raw, ca: certificate.cert, host: 'localhost' });
}
