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
export async function readRaw(
	{ host, port, tlsCa, user, password }: RawServer,
	items: string,
): Promise<number> {
	const socket = connect({ host, port, ca: tlsCa });
	try {
		await once(socket, 'secureConnect');
		await answerTo(socket, `a LOGIN "${user}" "${password}"\r\n`);
		await answerTo(socket, 'a EXAMINE INBOX\r\n');
		return await answerTo(socket, `a UID FETCH 1:* ${items}\r\n`);
	} finally {
		socket.destroy();
	}
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
