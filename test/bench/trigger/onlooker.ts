import { once } from 'node:events';
import { ImapFlow } from 'imapflow';
import type { Sandbox } from '../../../sandbox/index.ts';
import { MAILBOXES, PASSWORD } from './flows.ts';
import type { Contender } from './flows.ts';

/** A client that idles on a mailbox and does nothing: when it is told of a message is the server's own push. */
export class Onlooker {
	readonly #client: ImapFlow;

	private constructor(client: ImapFlow) {
		this.#client = client;
	}

	static async open(sandbox: Sandbox, contender: Contender): Promise<Onlooker> {
		const client = new ImapFlow({
			host: 'localhost',
			port: sandbox.imap.port,
			secure: true,
			tls: { ca: sandbox.tlsCa },
			auth: { user: MAILBOXES[contender], pass: PASSWORD },
			logger: false,
			// It would hear of a message later than a client that reads plain bytes.
			disableCompression: true,
		});
		await client.connect();
		await client.mailboxOpen('INBOX', { readOnly: true });
		void client.idle();
		return new Onlooker(client);
	}

	/** Resolves at the next push. @returns `performance.now()` then */
	async pushed(): Promise<number> {
		return await new Promise((resolve) => {
			this.#client.once('exists', () => resolve(performance.now()));
		});
	}

	async close(): Promise<void> {
		const closed = once(this.#client, 'close');
		this.#client.close();
		await closed;
	}
}
