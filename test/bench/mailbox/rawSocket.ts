import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';

export interface RawServer {
	readonly host: string;
	readonly port: number;
	readonly tlsCa: string;
	readonly user: string;
	readonly password: string;
}

/**
 * The least that anybody does to have these bytes: signs in, opens INBOX, asks for an item of every message in one
 * command, counts the bytes of the answer and throws them away.
 * @param items of a FETCH
 * @returns how many bytes came in answer to it
 */
export async function readRaw(server: RawServer, items: string): Promise<number> {
	return await inInbox(server, async (socket) => {
		return await answerTo(socket, `a UID FETCH 1:* ${items}\r\n`);
	});
}

/**
 * The same for whole messages, each given away as soon as it is there. It reads no further while as many as `atOnce` are
 * still in use.
 */
export async function readRawMessages(
	server: RawServer,
	use: (message: Buffer) => Promise<void>,
	atOnce: number,
): Promise<void> {
	await inInbox(server, async (socket) => {
		const using = new Set<Promise<void>>();
		socket.write('a UID FETCH 1:* BODY.PEEK[]\r\n');
		for await (const message of literalsOf(socket)) {
			const used = use(message).finally(() => using.delete(used));
			using.add(used);
			if (using.size >= atOnce) await Promise.race(using);
		}
		await Promise.all(using);
	});
}

async function inInbox<T>(
	{ host, port, tlsCa, user, password }: RawServer,
	work: (socket: TLSSocket) => Promise<T>,
): Promise<T> {
	const socket = connect({ host, port, ca: tlsCa });
	try {
		await once(socket, 'secureConnect');
		await answerTo(socket, `a LOGIN "${user}" "${password}"\r\n`);
		await answerTo(socket, 'a EXAMINE INBOX\r\n');
		return await work(socket);
	} finally {
		socket.destroy();
	}
}

const LITERAL = /\{(\d+)\}\r\n$/;

/** Of an answer whose lines are short, and each literal one message; ends with the tagged line. */
async function* literalsOf(socket: TLSSocket): AsyncGenerator<Buffer, void> {
	let line = '';
	let pieces: Buffer[] = [];
	let missing = 0;
	for await (const chunk of socket as AsyncIterable<Buffer>) {
		let at = 0;
		while (at < chunk.length) {
			if (missing > 0) {
				const piece = chunk.subarray(at, at + missing);
				pieces.push(piece);
				at += piece.length;
				missing -= piece.length;
				if (missing > 0) continue;
				yield Buffer.concat(pieces);
				pieces = [];
			}
			const end = chunk.indexOf(0x0a, at);
			line += chunk.toString('latin1', at, end === -1 ? chunk.length : end + 1);
			at = end === -1 ? chunk.length : end + 1;
			if (end === -1) continue;
			if (line.startsWith('a OK')) return;
			if (/^a (NO|BAD) /.test(line)) throw new Error(`the server says: ${line}`);
			missing = Number(LITERAL.exec(line)?.[1] ?? 0);
			line = '';
		}
	}
	throw new Error('the server closed the connection');
}

/** What ends an answer is looked for at the end of what came: nothing follows it before the next command. */
const ENOUGH = 1_000;
const COMPLETED = /(?:^|\n)a (OK|NO|BAD) [^\n]*\n$/;

async function answerTo(socket: TLSSocket, command: string): Promise<number> {
	return await new Promise<number>((resolve, reject) => {
		let bytes = 0;
		let end = '';
		const settle = (error?: Error): void => {
			socket.off('data', onData).off('error', settle).off('close', onClose);
			if (error) reject(error);
			else resolve(bytes);
		};
		const onClose = (): void => settle(new Error('the server closed the connection'));
		const onData = (chunk: Buffer): void => {
			bytes += chunk.length;
			end = (end + chunk.toString('latin1', Math.max(0, chunk.length - ENOUGH))).slice(-ENOUGH);
			if (chunk.at(-1) !== 0x0a) return;
			const [, verdict] = COMPLETED.exec(end) ?? [];
			if (verdict === 'OK') settle();
			else if (verdict !== undefined) settle(new Error(`the server says: ${end}`));
		};
		socket.on('data', onData).on('error', settle).on('close', onClose);
		socket.write(command);
	});
}
