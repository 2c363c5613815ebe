import type { Sandbox } from '../../sandbox/index.ts';
import type { Shown } from './judge.ts';
import { pecKeyOfBytes } from './identity.ts';

interface Showing extends Shown {
	readonly folder: string;
	readonly lookedBy: Set<number>;
}

/**
 * Messages that the server shows anew, as after a move or under a new UIDVALIDITY. Each connection reads on by one UID FETCH
 * over what is new to it, so a showing counts as looked at when as many connections as there are triggers fetched in that
 * folder from then on.
 */
export class ShownAgain {
	readonly #sandbox: Sandbox;
	readonly #account: string;
	readonly #triggers: number;
	#showings: Showing[] = [];

	constructor(sandbox: Sandbox, { account, triggers }: { account: string; triggers: number }) {
		this.#sandbox = sandbox;
		this.#account = account;
		this.#triggers = triggers;
		const begun = new Map<number, number>();
		const rule = { command: 'UID FETCH', account, times: 'always' } as const;
		sandbox.faults.add({
			...rule,
			at: 'imap.command',
			action: {
				do: 'call',
				run: ({ connection = 0 }) => void begun.set(connection, Date.now()),
			},
		});
		sandbox.faults.add({
			...rule,
			at: 'imap.done',
			action: {
				do: 'call',
				run: ({ connection = 0, folder }) => {
					const since = begun.get(connection) ?? 0;
					for (const showing of this.#showings) {
						if (showing.folder !== folder?.path || showing.at > since) continue;
						showing.lookedBy.add(connection);
					}
				},
			},
		});
	}

	/** To be called when all that lies in this folder, or these UIDs of it, has just become new. */
	note(path: string, uids?: readonly number[]): void {
		const at = Date.now();
		const folder = this.#sandbox.store.account(this.#account)?.folder(path);
		for (const { uid, raw } of folder?.messages ?? []) {
			if (uids !== undefined && !uids.includes(uid)) continue;
			const pecKey = pecKeyOfBytes(raw);
			this.#showings.push({ pecKey, at, folder: path, lookedBy: new Set() });
		}
	}

	get lookedAt(): readonly Shown[] {
		return this.#showings
			.filter(({ lookedBy }) => lookedBy.size >= this.#triggers)
			.map(({ pecKey, at }) => ({ pecKey, at }));
	}
}
