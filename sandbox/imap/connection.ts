import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { SecureContext } from 'node:tls';
import { constants, createInflateRaw, deflateRawSync } from 'node:zlib';
import { Line } from '../faults/line.ts';
import { CommandReader } from './commandReader.ts';
import type { RawCommand } from './commandReader.ts';

/** Bytes gathered before they are handed to the socket in one piece. */
const BATCH = 128 * 1024;
/** Bytes the socket may hold before a writer waits. */
const MAX_UNSENT = 1024 * 1024;
/** Bytes the client may send ahead while a command is at work. */
const MAX_AHEAD = 1024 * 1024;

/** One client's socket: commands come out of it, responses go into it. Its errors end it and are nobody's exception. */
export class Connection {
	readonly reader: CommandReader;
	/** What all bytes of the protocol pass, in both directions. */
	readonly line: Line;
	/** Called with the first line of a command before a literal of it is read, and awaited. */
	onLiteral: ((firstLine: string) => Promise<unknown>) | undefined;
	readonly #raw: Socket;
	#socket: Socket;
	/** What the client says: the socket, or what comes out of it decompressed. */
	#input: Readable;
	#closed = false;
	#wake: (() => void) | undefined;
	#batch: Buffer[] = [];
	#batchLength = 0;

	/** @param options.tls given: TLS from the first byte */
	constructor(socket: Socket, options: { tls?: SecureContext; maxLiteral: number }) {
		this.reader = new CommandReader(options.maxLiteral);
		this.#raw = socket;
		this.#socket = socket;
		this.#input = socket;
		this.line = this.#makeLine();
		socket.setNoDelay(true);
		socket.on('error', () => socket.destroy());
		socket.on('close', () => this.#close());
		if (options.tls === undefined) this.#listen(socket);
		else this.#secure(options.tls);
	}

	get closed(): boolean {
		return this.#closed || this.line.over;
	}

	get encrypted(): boolean {
		return this.#socket !== this.#raw;
	}

	get compressed(): boolean {
		return this.#input !== this.#socket;
	}

	/** From here on both sides compress (RFC 4978). What the client sent ahead counts as compressed too. */
	compress(): void {
		const inflate = createInflateRaw();
		const socket = this.#socket;
		socket.removeAllListeners('data');
		inflate.on('error', () => this.destroy());
		inflate.write(this.reader.takeBuffered());
		socket.pipe(inflate);
		this.#input = inflate;
		this.#listenTo(inflate);
	}

	/** Puts TLS over the connection; what was sent in clear and not read is forgotten. */
	upgrade(context: SecureContext): void {
		this.#raw.removeAllListeners('data');
		this.reader.reset();
		this.line.forgetReceived();
		this.#secure(context);
	}

	/** The next command of the client; `undefined` when there will be none. Answers refused literals itself. */
	async nextCommand(): Promise<RawCommand | undefined> {
		for (;;) {
			const event = this.closed ? undefined : this.reader.next();
			if (event === undefined) {
				if (this.closed) return undefined;
				await this.#moreInput();
			} else if (event.kind === 'command') {
				return event.command;
			} else if (event.kind === 'literal') {
				await this.onLiteral?.(event.firstLine);
				if (event.waits) this.write('+ send the literal\r\n');
				await this.flush();
			} else if (event.kind === 'refused') {
				const tag = event.firstLine.split(' ', 1)[0] || '*';
				this.write(`${tag} NO [TOOBIG] the literal is over the limit\r\n`);
				await this.flush();
			} else {
				this.write('* BYE the command is over the limit\r\n');
				this.end();
				return undefined;
			}
		}
	}

	/** Adds a response: latin1 text, or bytes that go out unchanged. */
	write(part: string | Buffer): void {
		const bytes = typeof part === 'string' ? Buffer.from(part, 'latin1') : part;
		if (bytes.length >= BATCH) {
			this.send();
			this.#toSocket(bytes);
			return;
		}
		this.#batch.push(bytes);
		this.#batchLength += bytes.length;
	}

	/** Sends when enough has gathered; waits while the client is slower than the server. */
	async flushIfFull(): Promise<void> {
		const unsent = this.#socket.writableLength + this.line.queued('sent');
		if (this.#batchLength >= BATCH || unsent > MAX_UNSENT) await this.flush();
	}

	/** Sends all responses; waits while the client is slower than the server. */
	async flush(): Promise<void> {
		this.send();
		await this.line.sent();
		if (!this.#closed && this.#socket.writableLength > MAX_UNSENT) await this.#drained();
	}

	/** Sends all responses without waiting. */
	send(): void {
		const [batch, length] = [this.#batch, this.#batchLength];
		this.#batch = [];
		this.#batchLength = 0;
		if (length > 0) this.#toSocket(Buffer.concat(batch, length));
	}

	/** Resolves when all that was sent is in the system's hands. */
	async left(): Promise<void> {
		await this.flush();
		const socket = this.#socket;
		if (socket.writableLength === 0) return;
		await new Promise<void>((resolve) => {
			socket.once('close', resolve);
			socket.write('', () => resolve());
		});
	}

	/** Resolves when TLS is up where the connection begins with it, and when the connection is gone. */
	async begun(): Promise<void> {
		const socket = this.#socket;
		if (!(socket instanceof TLSSocket) || this.closed) return;
		await new Promise<void>((resolve) => {
			socket.once('secure', resolve);
			socket.once('close', resolve);
		});
	}

	/** Sends what is left and hangs up. */
	end(): void {
		this.send();
		// Not end(): a client that never hangs up on its side would keep the connection.
		void this.line.sent().then(() => this.#socket.destroySoon());
	}

	/** Cuts the line at once. */
	destroy(): void {
		this.line.close();
		this.#wakeUp();
		this.#socket.destroy();
		this.#raw.destroy();
	}

	#toSocket(bytes: Buffer): void {
		if (!this.#closed) this.line.send(bytes);
	}

	#secure(context: SecureContext): void {
		const socket = new TLSSocket(this.#raw, { isServer: true, secureContext: context });
		socket.on('error', () => this.destroy());
		// A TLSSocket made outside tls.Server tells of a broken record only this way, and stays open.
		socket.on('_tlsError', () => this.destroy());
		socket.on('close', () => this.destroy());
		this.#socket = socket;
		this.#input = socket;
		this.#listen(socket);
	}

	#listenTo(input: Readable): void {
		input.on('data', (chunk: Buffer) => {
			this.line.receive(chunk);
			const ahead = this.#wake === undefined ? this.reader.buffered : 0;
			if (ahead + this.line.queued('received') > MAX_AHEAD) input.pause();
		});
	}

	#listen(socket: Socket): void {
		this.#listenTo(socket);
		socket.on('end', () => this.end());
	}

	/** Within TLS and compression: its bytes are the protocol's. */
	#makeLine(): Line {
		return new Line({
			send: (bytes) => {
				if (!this.#socket.writable) return;
				this.#socket.write(this.compressed ? deflated(bytes) : bytes);
			},
			receive: (bytes) => {
				this.reader.push(bytes);
				this.#wakeUp();
			},
			onReceived: () => this.#input.resume(),
			cut: () => {
				this.#batch = [];
				this.#batchLength = 0;
				this.#wakeUp();
				this.#socket.destroySoon();
			},
		});
	}

	#moreInput(): Promise<void> {
		return new Promise((resolve) => {
			this.#wake = resolve;
			this.#input.resume();
		});
	}

	#drained(): Promise<void> {
		const socket = this.#socket;
		return new Promise((resolve) => {
			const settle = (): void => {
				socket.off('drain', settle);
				socket.off('close', settle);
				resolve();
			};
			socket.on('drain', settle);
			socket.on('close', settle);
		});
	}

	#close(): void {
		this.#closed = true;
		this.#input.destroy();
		this.line.close();
		this.#wakeUp();
	}

	#wakeUp(): void {
		const wake = this.#wake;
		this.#wake = undefined;
		wake?.();
	}
}

/** A piece of a deflate stream that ends at a byte and refers to no piece before it. Level 1: the peer is near. */
function deflated(bytes: Buffer): Buffer {
	return deflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH, level: 1 });
}
