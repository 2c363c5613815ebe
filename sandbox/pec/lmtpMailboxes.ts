import { LmtpConnection, type LmtpReply } from './lmtpConnection.ts';
import type { Deferred, Mailboxes, Parcel, Placed, Refusal, Refused } from './mailboxes.ts';

export interface LmtpServer {
	readonly host: string;
	readonly port: number;
	/** What stands between user and folder in an address; absent: the server delivers into INBOX only. */
	readonly folderDelimiter?: string;
	/** Milliseconds of silence after which an attempt failed; 60,000 unless given. */
	readonly timeoutMs?: number;
}

const REFUSALS: Readonly<Record<string, Refusal>> = {
	'5.1.1': 'unknownMailbox',
	'5.2.1': 'disabled',
	'5.2.2': 'overQuota',
};

/** RFC 5321 4.2.3, of servers that give no RFC 3463 status. */
const STATUSES: Readonly<Record<number, string>> = { 550: '5.1.1', 552: '5.2.2' };

/**
 * Mailboxes on a mail server, by LMTP (RFC 2033): the server puts its own trace fields in front and its own time into
 * INTERNALDATE, and does not tell UIDs. A message whose reply was lost is delivered again.
 */
export class LmtpMailboxes implements Mailboxes {
	readonly #server: LmtpServer;
	readonly #addressOf: (address: string) => string | undefined;
	readonly #open = new Set<LmtpConnection>();
	readonly #idle: LmtpConnection[] = [];
	#closed = false;

	/** @param options.addressOf the address as the server has it, of one in any case; undefined when there is none */
	constructor(options: { server: LmtpServer; addressOf: (address: string) => string | undefined }) {
		this.#server = options.server;
		this.#addressOf = options.addressOf;
	}

	exists(address: string): boolean {
		return this.#addressOf(address) !== undefined;
	}

	/** Rejects when there is no such mailbox, or when its folder cannot be named in an address. */
	async deliver(parcel: Parcel): Promise<Placed | Refused | Deferred> {
		const address = this.#addressOf(parcel.mailbox);
		if (address === undefined) throw new Error('there is no such mailbox');
		const { folder = 'INBOX', raw } = parcel;
		const recipient = folder === 'INBOX' ? address : this.#inFolder(address, folder);
		const reply = await this.#send({ returnPath: plainPath(parcel.returnPath), recipient, raw });
		const { code, text } = reply;
		if (code !== undefined && code < 300) return { kind: 'placed', folder, bytes: raw };
		if (code === undefined || code < 500) return { kind: 'deferred', reason: text };
		const status = /^\d{3}[ -](5\.\d{1,3}\.\d{1,3})\b/.exec(text)?.[1] ?? STATUSES[code] ?? '5.0.0';
		return { kind: 'refused', reason: REFUSALS[status] ?? 'refused', status, response: text };
	}

	close(): void {
		this.#closed = true;
		for (const connection of this.#open) connection.close();
	}

	#inFolder(address: string, folder: string): string {
		const at = address.lastIndexOf('@');
		return `${address.slice(0, at)}${folderDetail(this.#server, folder)}${address.slice(at)}`;
	}

	async #send(message: { returnPath: string; recipient: string; raw: Buffer }): Promise<LmtpReply> {
		for (let used = this.#idle.pop(); used !== undefined; used = this.#idle.pop()) {
			if (!used.alive) continue;
			const reply = await this.#sendBy(used, message);
			// the server may end a connection that was idle at any time
			if (reply.code !== undefined || !reply.untouched) return reply;
		}
		try {
			return await this.#sendBy(await this.#connect(), message);
		} catch (error) {
			return { text: error instanceof Error ? error.message : String(error), untouched: true };
		}
	}

	async #sendBy(
		connection: LmtpConnection,
		message: { returnPath: string; recipient: string; raw: Buffer },
	): Promise<LmtpReply> {
		const reply = await connection.send(message);
		if (reply.code !== undefined && reply.code < 300 && connection.alive) {
			this.#idle.push(connection);
		} else {
			connection.close();
			this.#open.delete(connection);
		}
		return reply;
	}

	async #connect(): Promise<LmtpConnection> {
		if (this.#closed) throw new Error('the sandbox is being stopped');
		const { host, port, timeoutMs = 60_000 } = this.#server;
		const onOpened = (connection: LmtpConnection): void => void this.#open.add(connection);
		return await LmtpConnection.open({ host, port, timeoutMs, onOpened });
	}
}

/** `+INBOX/Ricevute`. Throws when the server has no such addresses, or the folder cannot stand in one unquoted. */
export function folderDetail({ folderDelimiter }: LmtpServer, folder: string): string {
	if (folderDelimiter === undefined) {
		throw new Error('the outside server delivers into INBOX only: it has no folderDelimiter');
	}
	if (!/^[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*$/.test(folder)) {
		throw new Error('the folder cannot be named in an address');
	}
	return `${folderDelimiter}${folder}`;
}

/** A return path that is no address, as ordinary mail may have, is none at all to a server. */
function plainPath(address: string): string {
	return /^[\x21-\x3b\x3d\x3f-\x7e]+@[\w.:[\]-]+$/.test(address) ? address : '';
}
