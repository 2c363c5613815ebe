import { ImapFlow } from 'imapflow';
import type { Sandbox } from '../../sandbox/index.ts';
import { pecKeyOfBytes } from './identity.ts';
import type { Message } from './judge.ts';

export const STUDIO = 'studio@pec.alfa.test';
/** Where the provider sorts receipts. */
export const RECEIPTS_FOLDER = 'Ricevute';
/** Where a person puts what was read. */
export const PERSONS_FOLDER = 'Clienti';

/** The watched mailbox, from the server's side: what arrived, and what a person does to it. */
export class Mailbox {
	readonly messages: Message[] = [];
	/** Is to be told of each arrival. */
	onArrival: (message: Message) => void = () => undefined;
	readonly #sandbox: Sandbox;
	#planting = { name: '' };

	constructor(sandbox: Sandbox) {
		this.#sandbox = sandbox;
		const account = sandbox.store.account(STUDIO);
		account?.createFolder(PERSONS_FOLDER);
		sandbox.log.follow((entry) => {
			if (entry.type !== 'delivery' && entry.type !== 'planted') return;
			const { mailbox, folder, uid } = entry;
			if (mailbox !== STUDIO || uid === undefined) return;
			const raw = sandbox.store.account(STUDIO)?.folder(folder)?.message(uid)?.raw;
			if (raw === undefined) return;
			const name =
				entry.type === 'planted'
					? this.#planting.name
					: `${entry.wireType ?? entry.kind} ${entry.messageId}`;
			const arrived: Message = {
				pecKey: pecKeyOfBytes(raw),
				name,
				arrivedAt: Date.now(),
				folder,
			};
			this.messages.push(arrived);
			this.onArrival(arrived);
		});
	}

	/** Bytes that no provider wrote. */
	plant(name: string, raw: Buffer, folder = 'INBOX'): void {
		this.#planting = { name };
		this.#sandbox.deliverRaw(raw, STUDIO, { folder });
	}

	/** What is to vanish: nobody is to be blamed for not having seen it. */
	remove(path: string, uid: number): void {
		const folder = this.#sandbox.store.account(STUDIO)?.folder(path);
		const raw = folder?.message(uid)?.raw;
		if (raw === undefined) return;
		const key = pecKeyOfBytes(raw);
		for (const message of this.messages) if (message.pecKey === key) message.removedAt = Date.now();
		folder?.expunge([uid]);
	}

	/** What the owner does in a mail program. @returns the UIDs that the messages got there */
	async move(from: string, uids: readonly number[], to: string): Promise<number[]> {
		const { imap, tlsCa, accounts } = this.#sandbox;
		const account = accounts.find(({ address }) => address === STUDIO);
		const client = new ImapFlow({
			host: imap.host,
			port: imap.port,
			secure: true,
			auth: { user: account?.user ?? '', pass: account?.password ?? '' },
			tls: { ca: tlsCa },
			logger: false,
		});
		await client.connect();
		try {
			await client.mailboxOpen(from);
			const moved = await client.messageMove(uids.join(','), to, { uid: true });
			return moved === false ? [] : [...(moved.uidMap?.values() ?? [])];
		} finally {
			await client.logout();
		}
	}
}
