import type { Socket } from 'node:net';

import type { SMTPServer, SMTPServerSession } from 'smtp-server';
import { SMTPConnection } from 'smtp-server/lib/smtp-connection.js';

import type { Faults, Verdict } from '../faults/faults.ts';
import { Line } from '../faults/line.ts';
import { SMTP_COMMANDS } from '../faults/ruleCheck.ts';
import type { FaultPoint } from '../faults/rules.ts';
import type { MailStore } from '../store/mailStore.ts';

/** Bytes a client may send ahead while the line holds them. */
const MAX_AHEAD = 1024 * 1024;

const ENHANCED_STATUS = /^[245]\.\d{1,3}\.\d{1,3} /;

const connections = new WeakMap<SMTPServerSession, SubmissionConnection>();

/** The connection a handler of smtp-server is called for. */
export function connectionOf(session: SMTPServerSession): SubmissionConnection {
	const connection = connections.get(session);
	if (connection === undefined) throw new Error('the session has no connection');
	return connection;
}

/**
 * A conversation of smtp-server whose bytes pass a line and whose steps pass points. It uses what that library marks
 * as its own by an underscore and types all the same; its version is pinned.
 */
export class SubmissionConnection extends SMTPConnection {
	readonly line: Line;
	readonly #faults: Faults;
	readonly #store: MailStore;
	readonly #number: number;
	#passing = 0;
	#body: Promise<unknown> | undefined;
	#tapped: { readonly socket: Socket; readonly write: Socket['write'] };
	#feed: (bytes: Buffer) => void = () => undefined;

	/** @param options.number of the connection, from 1 */
	constructor(
		server: SMTPServer,
		socket: Socket,
		options: { faults: Faults; store: MailStore; number: number },
	) {
		super(server, socket);
		this.#faults = options.faults;
		this.#store = options.store;
		this.#number = options.number;
		this.line = new Line({
			send: (bytes) => {
				if (this.#tapped.socket.writable) this.#tapped.write(bytes);
			},
			receive: (bytes) => this.#feed(bytes),
			onReceived: () => {
				if (this._parser !== false) this._parser.emit('drain');
			},
			cut: () => this._socket.destroySoon(),
		});
		this.#tapped = this.#tap(socket);
		this.#tapParser();
		connections.set(this.session, this);
	}

	/** Passes a point where a fault may stand; `goOn` is called at once without one, never when the connection is gone. */
	at(
		point: FaultPoint,
		command: string | undefined,
		goOn: (verdict?: Verdict) => void,
		ready?: () => Promise<void>,
	): void {
		if (this.line.over) return;
		const account = typeof this.session.user === 'string' ? this.session.user : undefined;
		const mailbox = account === undefined ? undefined : this.#store.account(account);
		const reached = this.#faults.reach(
			{ point, command, connection: this.#number, account, mailbox },
			{ line: this.line, ready },
		);
		if (reached === undefined) return goOn();
		this.#passing += 1;
		void reached.then((verdict) => {
			this.#passing -= 1;
			if (!this.line.over) goOn(verdict);
		});
	}

	/** The end of the body was read. */
	atDot(goOn: (verdict?: Verdict) => void): void {
		const body = this.#body;
		this.#body = undefined;
		if (body === undefined) this.at('smtp.dot', 'DATA', goOn);
		else void body.then(() => this.at('smtp.dot', 'DATA', goOn));
	}

	override connectionReady(next?: () => void): void {
		this.at('smtp.connection', undefined, (verdict) => {
			if (verdict?.kind === 'answer') this._refuse(faultOf(verdict), false);
			else super.connectionReady(next);
		});
	}

	override _onCommand(command: Buffer, callback?: () => void): void {
		// the lines of an AUTH exchange are no commands
		if (!this._ready || this._upgrading || this._nextHandler !== false) {
			super._onCommand(command, callback);
			return;
		}
		const name = command.toString('latin1').split(' ', 1)[0]?.toUpperCase() ?? '';
		this.at('smtp.command', SMTP_COMMANDS.has(name) ? name : 'unknown', (verdict) => {
			if (verdict?.kind !== 'answer') return super._onCommand(command, callback);
			const { responseCode, message } = faultOf(verdict);
			this.send(responseCode, message);
			callback?.();
		});
	}

	override send(code: number, data?: string | string[] | null, context?: string | false): void {
		const hasStatus = typeof data === 'string' && ENHANCED_STATUS.test(data);
		super.send(code, data, hasStatus ? false : context);
		if (code === 354) {
			this.#body = new Promise((resolve) => {
				this.at('smtp.body', 'DATA', () => resolve(undefined));
			});
		}
		if (code === 250 && context === 'DATA_OK') {
			this.at(
				'smtp.replied',
				'DATA',
				() => undefined,
				async () => await this.#left(),
			);
		}
	}

	override upgrade(callback: () => void, secureCallback?: () => void): void {
		const { socket } = this.#tapped;
		Reflect.deleteProperty(socket, 'write');
		Reflect.deleteProperty(socket, 'end');
		super.upgrade(callback, secureCallback);
		this.line.forgetReceived();
		this.#tapParser();
	}

	/** TLS is up: from here on its bytes are the protocol's. */
	secured(socket: Socket): void {
		if (this.#tapped.socket !== socket) this.#tapped = this.#tap(socket);
	}

	override _onTimeout(): void {
		const isHeld = this.line.queued('sent') > 0 || this.line.queued('received') > 0;
		// the client does not owe anything then
		if (isHeld || this.line.stalled || this.#passing > 0) this._armTimeout();
		else super._onTimeout();
	}

	override _onClose(): void {
		super._onClose();
		this.line.close();
	}

	/** Resolves when all that was sent is in the system's hands. */
	async #left(): Promise<void> {
		await this.line.sent();
		const { socket, write } = this.#tapped;
		if (this.line.over || socket.writableLength === 0) return;
		await new Promise<void>((resolve) => {
			socket.once('close', resolve);
			write('', () => resolve());
		});
	}

	#tap(socket: Socket): { socket: Socket; write: Socket['write'] } {
		const write = socket.write.bind(socket) as Socket['write'];
		const end = socket.end.bind(socket) as () => Socket;
		socket.write = (data: string | Uint8Array): boolean => {
			this.line.send(Buffer.from(data));
			return !socket.writableNeedDrain;
		};
		socket.end = (): Socket => {
			if (this.line.queued('sent') === 0 || socket.readableEnded) return end();
			void this.line.sent().then(() => end());
			return socket;
		};
		return { socket, write };
	}

	#tapParser(): void {
		const parser = this._parser;
		if (parser === false) return;
		const write = parser.write.bind(parser) as (bytes: Buffer) => boolean;
		this.#feed = (bytes) => {
			if (parser.writable) write(bytes);
		};
		parser.write = (chunk: Buffer): boolean => {
			this.line.receive(chunk);
			return this.line.queued('received') <= MAX_AHEAD && !parser.writableNeedDrain;
		};
	}
}

/** What a rule has the client told, as smtp-server takes it. */
export function faultOf(verdict: Extract<Verdict, { kind: 'answer' }>): Error & {
	responseCode: number;
} {
	const { answer } = verdict;
	const responseCode = 'reply' in answer ? answer.reply : 451;
	return Object.assign(new Error(answer.text ?? 'a fault on request'), { responseCode });
}
