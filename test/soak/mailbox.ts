import type { Sandbox } from '../../sandbox/index.ts';
import { asOwner } from '../servers/sandboxAccount.ts';
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
	readonly address: string;
	readonly #sandbox: Sandbox;
	readonly #keyOf: (raw: Buffer) => string;
	#planting = { name: '' };

	/** @param keyOf what the flow tells of a message; its pecKey unless given */
	constructor(sandbox: Sandbox, address = STUDIO, keyOf = pecKeyOfBytes) {
		this.address = address;
		this.#sandbox = sandbox;
		this.#keyOf = keyOf;
		sandbox.store.account(address)?.createFolder(PERSONS_FOLDER);
		sandbox.log.follow((entry) => {
			if (entry.type !== 'delivery' && entry.type !== 'planted') return;
			const { mailbox, folder, uid } = entry;
			if (mailbox !== address || uid === undefined) return;
			const raw = sandbox.store.account(address)?.folder(folder)?.message(uid)?.raw;
			if (raw === undefined) return;
			const subject = /soak-\d+-\w+/.exec(raw.toString('latin1', 0, 50_000))?.[0] ?? '';
			const name =
				entry.type === 'planted'
					? this.#planting.name
					: `${entry.wireType ?? ''} ${subject}`.trim();
			const arrived: Message = {
				pecKey: keyOf(raw),
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
		this.#sandbox.deliverRaw(raw, this.address, { folder });
	}

	/** What is to vanish: nobody is to be blamed for not having seen it. */
	remove(path: string, uid: number): void {
		const folder = this.#sandbox.store.account(this.address)?.folder(path);
		const raw = folder?.message(uid)?.raw;
		if (raw === undefined) return;
		const key = this.#keyOf(raw);
		for (const message of this.messages) if (message.pecKey === key) message.removedAt = Date.now();
		folder?.expunge([uid]);
	}

	/** What the owner does in a mail program. @returns the UIDs that the messages got there */
	async move(from: string, uids: readonly number[], to: string): Promise<number[]> {
		return await asOwner(this.#sandbox, this.address, async (client) => {
			await client.mailboxOpen(from);
			const moved = await client.messageMove(uids.join(','), to, { uid: true });
			return moved === false ? [] : [...(moved.uidMap?.values() ?? [])];
		});
	}
}
