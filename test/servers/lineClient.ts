import { once } from 'node:events';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

import { readValues, type ImapValue } from './imapResponse.ts';

/** What a server says to one command. Texts are latin1: one character is one byte. */
export interface Reply {
	readonly status: 'OK' | 'NO' | 'BAD';
	/** Within the brackets, such as `APPENDUID 1 2`. */
	readonly code?: string;
	readonly text: string;
	/** Whole responses without their `* ` and their line end, literals included. */
	readonly untagged: readonly string[];
}

interface Connecting {
	readonly host: string;
	readonly port: number;
	readonly secure: boolean;
	readonly ca: string;
	/** Signs in when given. */
	readonly user?: string;
	readonly password?: string;
}

/** An IMAP client that hides nothing of what the server says, for what imapflow hides. */
export class LineClient {
	/** The greeting. */
	greeting = '';
	#socket: Socket;
	#received = Buffer.alloc(0);
	#closed = false;
	#news: () => void = () => undefined;
	#tag = 0;
	readonly #ca: string;

	constructor(socket: Socket, ca: string) {
		this.#socket = socket;
		this.#ca = ca;
		this.#listen();
	}

	static async connect(options: Connecting): Promise<LineClient> {
		const { host, port, secure, ca, user, password } = options;
		const socket = secure
			? connectTls({ host, port, ca, servername: 'localhost' })
			: connectPlain({ host, port });
		// A command is written in pieces: each would wait for the other side's delayed acknowledgement.
		socket.setNoDelay(true);
		await once(socket, secure ? 'secureConnect' : 'connect');
		const client = new LineClient(socket, ca);
		client.greeting = await client.#response();
		if (user !== undefined) {
			const plain = Buffer.from(`\0${user}\0${password ?? ''}`).toString('base64');
			await client.ok(`AUTHENTICATE PLAIN ${plain}`);
		}
		return client;
	}

	/** Sends a command. `{n}` at the end of a part: the next one is sent when the server asks for it. */
	async command(...parts: ReadonlyArray<string | Buffer>): Promise<Reply> {
		this.#tag += 1;
		const tag = `T${this.#tag}`;
		const untagged: string[] = [];
		this.write(`${tag} `);
		for (const [index, part] of parts.entries()) {
			this.write(part);
			const asks = typeof part === 'string' && /\{\d+\}$/.test(part);
			if (asks) this.write('\r\n');
			if (!asks || index === parts.length - 1) continue;
			const refused = await this.#collect(untagged, (line) =>
				line.startsWith('+') || line.startsWith(`${tag} `) ? line : undefined,
			);
			if (!refused.startsWith('+')) return replyOf(refused.slice(tag.length + 1), untagged);
		}
		this.write('\r\n');
		return await this.#tagged(tag, untagged);
	}

	/** A command that must not be refused. */
	async ok(...parts: ReadonlyArray<string | Buffer>): Promise<Reply> {
		const reply = await this.command(...parts);
		if (reply.status !== 'OK') throw new Error(`${String(parts[0])}: ${JSON.stringify(reply)}`);
		return reply;
	}

	/** Starts IDLE; resolves once the server waits. */
	async idle(): Promise<void> {
		this.#tag += 1;
		this.write(`T${this.#tag} IDLE\r\n`);
		await this.#collect([], (line) => (line.startsWith('+') ? line : undefined));
	}

	/** The first response that fits, of those not read yet. */
	async untagged(pattern: RegExp): Promise<string> {
		return await this.#collect([], (line) => (pattern.test(line) ? line : undefined));
	}

	/** Ends IDLE. */
	async done(): Promise<Reply> {
		this.write('DONE\r\n');
		return await this.#tagged(`T${this.#tag}`, []);
	}

	async startTls(): Promise<void> {
		await this.ok('STARTTLS');
		this.#socket.removeAllListeners('data');
		const secure = connectTls({ socket: this.#socket, ca: this.#ca, servername: 'localhost' });
		await once(secure, 'secureConnect');
		this.#socket = secure;
		this.#listen();
	}

	write(data: string | Buffer): void {
		this.#socket.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data);
	}

	close(): void {
		this.#socket.destroy();
	}

	async #tagged(tag: string, untagged: string[]): Promise<Reply> {
		const line = await this.#collect(untagged, (each) =>
			each.startsWith(`${tag} `) ? each : undefined,
		);
		return replyOf(line.slice(tag.length + 1), untagged);
	}

	async #collect(
		untagged: string[],
		wanted: (line: string) => string | undefined,
	): Promise<string> {
		for (;;) {
			const line = await this.#response();
			if (line.startsWith('* ')) untagged.push(line.slice(2));
			const found = wanted(line);
			if (found !== undefined) return found;
		}
	}

	/** One response, with the literals within it. */
	async #response(): Promise<string> {
		let end = 0;
		for (;;) {
			const lineEnd = this.#received.indexOf('\r\n', end);
			if (lineEnd >= 0) {
				const literal = /\{(\d+)\}$/.exec(this.#received.toString('latin1', end, lineEnd));
				end = lineEnd + 2 + Number(literal?.[1] ?? 0);
				if (literal) continue;
				const line = this.#received.toString('latin1', 0, lineEnd);
				this.#received = this.#received.subarray(end);
				return line;
			}
			if (this.#closed) throw new Error(`closed after ${this.#received.toString('latin1')}`);
			await new Promise<void>((resolve) => (this.#news = resolve));
		}
	}

	#listen(): void {
		this.#socket.on('data', (chunk: Buffer) => {
			this.#received = Buffer.concat([this.#received, chunk]);
			this.#news();
		});
		this.#socket.on('error', () => undefined);
		this.#socket.on('close', () => {
			this.#closed = true;
			this.#news();
		});
	}
}

function replyOf(line: string, untagged: readonly string[]): Reply {
	const match = /^(OK|NO|BAD)(?: \[([^\]]*)\])?\s?(.*)$/s.exec(line);
	if (!match) throw new Error(`not a reply: ${line}`);
	const [, status, code, text = ''] = match;
	return { status: status as Reply['status'], ...(code ? { code } : {}), text, untagged };
}

/** The items of each FETCH response, by upper-case name; of several for one message the last value counts. */
export function fetched(reply: Reply): Map<number, Map<string, ImapValue>> {
	const messages = new Map<number, Map<string, ImapValue>>();
	for (const response of reply.untagged) {
		const [number, kind, items] = readValues(response);
		if (String(kind).toUpperCase() !== 'FETCH' || !Array.isArray(items)) continue;
		const known = messages.get(Number(number)) ?? new Map<string, ImapValue>();
		for (let n = 0; n < items.length; n += 2) {
			known.set(String(items[n]).toUpperCase(), items[n + 1] as ImapValue);
		}
		messages.set(Number(number), known);
	}
	return messages;
}

/** The values of the untagged responses of that name, such as SEARCH or STATUS, without the name. */
export function valuesOf(reply: Reply, name: string): ImapValue[][] {
	return reply.untagged
		.filter((line) => line.toUpperCase().startsWith(`${name} `) || line.toUpperCase() === name)
		.map((line) => readValues(line).slice(1));
}
