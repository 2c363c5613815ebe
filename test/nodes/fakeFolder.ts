import type {
	FetchedMessage,
	ImapSession,
	OpenFolder,
	ScannedMessage,
} from '../../nodes/mail/types.ts';

export interface FakeMessage {
	readonly uid: number;
	readonly text: string;
	readonly receivedAt?: Date;
}

/**
 * One folder on a server that can go away, for the logic above the transport; the transport itself is tested against real
 * servers.
 */
export class FakeServer {
	messages: FakeMessage[] = [];
	uidValidity = '1';
	uidNext = 1;
	up = true;
	/** Messages whose fetch breaks the connection, once each. */
	breakOnFetch = new Set<number>();
	connections = 0;
	opened = 0;
	private wake: (() => void) | undefined;

	deliver(text: string, receivedAt = new Date()): number {
		const uid = this.uidNext;
		this.uidNext += 1;
		this.messages.push({ uid, text, receivedAt });
		this.wake?.();
		return uid;
	}

	/** Numbers every message anew, as a restored mailbox does. */
	renumber(): void {
		this.uidValidity = String(Number(this.uidValidity) + 1);
		this.messages = this.messages.map((message, index) => ({ ...message, uid: index + 1 }));
		this.uidNext = this.messages.length + 1;
	}

	goDown(): void {
		this.up = false;
		this.wake?.();
	}

	connect = async (): Promise<ImapSession> => {
		this.opened += 1;
		this.requireUp();
		this.connections += 1;
		return {
			open: async () => await this.folder(),
			close: async () => {
				this.connections -= 1;
			},
		} as Partial<ImapSession> as ImapSession;
	};

	private requireUp(): void {
		if (!this.up) throw new Error('the server is down');
	}

	private async folder(): Promise<OpenFolder> {
		this.requireUp();
		const { uidValidity, uidNext } = this;
		let seen = uidNext;
		return {
			path: 'INBOX',
			uidValidity,
			uidNext,
			messages: this.messages.length,
			refresh: async () => {
				this.requireUp();
				if (this.uidValidity !== uidValidity) throw new Error('UIDVALIDITY changed');
				seen = this.uidNext;
				return { uidNext: this.uidNext, messages: this.messages.length, uidValidity };
			},
			// "n:*" answers the last message, also below n.
			search: async ({ uid = '1:*' }) => {
				this.requireUp();
				const from = Math.min(Number(uid.split(':')[0]), this.messages.at(-1)?.uid ?? 0);
				return this.messages.filter((message) => message.uid >= from).map((one) => one.uid);
			},
			scan: async (uids) => {
				this.requireUp();
				return this.messages.filter(({ uid }) => uids.includes(uid)).map(scanned);
			},
			fetch: async (uid): Promise<FetchedMessage | undefined> => {
				this.requireUp();
				if (this.breakOnFetch.delete(uid)) throw new Error('the connection broke');
				const message = this.messages.find((one) => one.uid === uid);
				return message && { ...scanned(message), raw: Buffer.from(message.text) };
			},
			waitForNews: async ({ signal }) => {
				if (seen === this.uidNext && this.up && !signal?.aborted) {
					await new Promise<void>((resolve) => {
						this.wake = resolve;
						signal?.addEventListener('abort', () => resolve(), { once: true });
					});
				}
				this.wake = undefined;
				this.requireUp();
				return 'news';
			},
		} as Partial<OpenFolder> as OpenFolder;
	}
}

function scanned({ uid, text, receivedAt }: FakeMessage): ScannedMessage {
	return {
		uid,
		size: text.length,
		flags: [],
		receivedAt: receivedAt ?? new Date(),
		headers: Buffer.from(text),
	};
}
