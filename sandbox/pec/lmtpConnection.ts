import { Readable } from 'node:stream';

import SMTPConnection from 'nodemailer/lib/smtp-connection';

/** What an LMTP server said to one message for one recipient; `code` absent: the connection failed before it spoke. */
export interface LmtpReply {
	readonly code?: number;
	/** In its words, or the connection's. */
	readonly text: string;
	/** Not a byte of the message was asked for. */
	readonly untouched: boolean;
}

/** A connection to an LMTP server (RFC 2033), in clear text. */
export class LmtpConnection {
	readonly #connection: SMTPConnection;
	#alive = true;

	private constructor(connection: SMTPConnection) {
		this.#connection = connection;
		connection.once('end', () => (this.#alive = false));
	}

	/** Rejects when the server cannot be reached, is silent for `timeoutMs` or knows no LHLO. */
	static async open(server: {
		host: string;
		port: number;
		timeoutMs: number;
		onOpened: (connection: LmtpConnection) => void;
	}): Promise<LmtpConnection> {
		const { host, port, timeoutMs, onOpened } = server;
		const connection = new SMTPConnection({
			host,
			port,
			lmtp: true,
			ignoreTLS: true,
			name: 'localhost',
			logger: false,
			connectionTimeout: timeoutMs,
			greetingTimeout: timeoutMs,
			socketTimeout: timeoutMs,
			dnsTimeout: timeoutMs,
			socketCloseTimeout: 0,
		});
		// without a listener an error that its own callback gets too would end the process
		connection.on('error', () => undefined);
		const opened = new LmtpConnection(connection);
		onOpened(opened);
		try {
			await untilDone(connection, (done) => connection.connect(done));
			return opened;
		} catch (error) {
			opened.close();
			throw error;
		}
	}

	/** Whether it can be used again. */
	get alive(): boolean {
		return this.#alive;
	}

	/** One message to one recipient, byte for byte: lines must end in CRLF. Without a return path for none. */
	async send(message: { returnPath: string; recipient: string; raw: Buffer }): Promise<LmtpReply> {
		const { returnPath, recipient, raw } = message;
		const body = Readable.from([raw], { objectMode: false });
		const envelope = {
			from: returnPath === '' ? (false as const) : returnPath,
			to: recipient,
			size: raw.length,
			use8BitMime: true,
		};
		let sent: SMTPConnection.SentMessageInfo | undefined;
		try {
			await untilDone(this.#connection, (done) => {
				this.#connection.send(envelope, body, (error, info) => {
					sent = info;
					done(error);
				});
			});
			return reply(
				sent?.rejectedErrors?.[0] ?? { responseCode: 250, response: sent?.response },
				body,
			);
		} catch (error) {
			return reply(error as Said, body);
		}
	}

	close(): void {
		this.#alive = false;
		this.#connection.close();
	}
}

/** What nodemailer puts into its errors. */
interface Said {
	readonly responseCode?: number;
	readonly response?: string;
	readonly message?: string;
}

function reply({ responseCode, response, message }: Said, body: Readable): LmtpReply {
	return {
		code: responseCode,
		text: response ?? message ?? 'the connection failed',
		untouched: !body.readableDidRead,
	};
}

/** nodemailer reports some failures to the callback, others as 'error', and a close by our own hand as 'end' alone. */
async function untilDone(
	connection: SMTPConnection,
	begin: (done: (error?: Error | null) => void) => void,
): Promise<void> {
	const undo: (() => void)[] = [];
	try {
		await new Promise<void>((resolve, reject) => {
			const fail = (error: Error): void => reject(error);
			const end = (): void => reject(new Error('the connection was closed'));
			connection.on('error', fail);
			connection.on('end', end);
			undo.push(() => connection.off('error', fail));
			undo.push(() => connection.off('end', end));
			begin((error) => (error ? reject(error) : resolve()));
		});
	} finally {
		for (const each of undo) each();
	}
}
