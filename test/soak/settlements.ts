import type { Sandbox } from '../../sandbox/index.ts';
import { RECORDS_FOLDER, settledIn } from '../servers/watchRecords.ts';

/** Settlements as they are stored in the mailbox, read from the server's own store in the moment in which an APPEND is done. */
export class Settlements {
	/** By tag. */
	readonly storedAt = new Map<string, number>();
	readonly #read = new Set<string>();
	#onStored: () => void = () => undefined;

	/** To be made before any fault is set: rules strike in the order they were added. */
	constructor(sandbox: Sandbox, account: string) {
		sandbox.faults.add({
			at: 'imap.done',
			command: 'APPEND',
			account,
			times: 'always',
			action: {
				do: 'call',
				run: ({ mailbox }) => {
					for (const { emailId, raw } of mailbox?.folder(RECORDS_FOLDER)?.messages ?? []) {
						if (this.#read.has(emailId)) continue;
						this.#read.add(emailId);
						this.#take(settledIn(raw));
					}
				},
			},
		});
	}

	/** Calls back when the next is stored, before the client is told. The answer takes it back. */
	onNext(strike: () => void): () => void {
		const takeBack = () => (this.#onStored = () => undefined);
		this.#onStored = () => {
			takeBack();
			strike();
		};
		return takeBack;
	}

	#take(tags: readonly string[]): void {
		const fresh = tags.filter((tag) => !this.storedAt.has(tag));
		for (const tag of fresh) this.storedAt.set(tag, Date.now());
		if (fresh.length > 0) this.#onStored();
	}
}
