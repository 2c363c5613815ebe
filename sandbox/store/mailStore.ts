import { AccountStore } from './accountStore.ts';
import type { MessageBytes } from './messageBytes.ts';
import { Spool } from './spool.ts';

/** All mailboxes of the sandbox's provider: in memory, but for large messages, which lie in a file until `close`. */
export class MailStore {
	readonly #now: () => Date;
	readonly #accounts = new Map<string, AccountStore>();
	readonly #spool = new Spool();
	#lastUidValidity = 0;

	/** @param options.now the clock of INTERNALDATE and UIDVALIDITY */
	constructor(options: { now?: () => Date } = {}) {
		this.#now = options.now ?? (() => new Date());
	}

	/**
	 * Opens an account with the usual folders. `user` is the address unless given; `quotaLimit` in bytes, 1 GiB unless
	 * given. Throws when the address has one already.
	 */
	addAccount(options: {
		address: string;
		user?: string;
		password: string;
		quotaLimit?: number;
	}): AccountStore {
		const key = options.address.toLowerCase();
		if (this.#accounts.has(key)) throw new Error('the address has an account already');
		const account = new AccountStore({
			...options,
			user: options.user ?? options.address,
			nextUidValidity: () => this.#nextUidValidity(),
			now: this.#now,
			keep: (raw) => this.keep(raw),
		});
		this.#accounts.set(key, account);
		return account;
	}

	/** The account of an address, in any case. */
	account(address: string): AccountStore | undefined {
		return this.#accounts.get(address.toLowerCase());
	}

	/** The account whose user (in any case) and password these are. */
	signIn(user: string, password: string): AccountStore | undefined {
		const name = user.toLowerCase();
		return this.accounts().find(
			(account) => account.user.toLowerCase() === name && account.password === password,
		);
	}

	/** In order of opening. */
	accounts(): AccountStore[] {
		return [...this.#accounts.values()];
	}

	/**
	 * Keeps bytes as those of messages are kept, in no folder: for as long as the result is, and until `close`. The
	 * buffer must not be changed afterwards. Throws StorageFullError.
	 */
	keep(raw: Buffer): MessageBytes {
		return this.#spool.keep(raw);
	}

	/** Drops the file of large messages: those cannot be read any more, and what comes later stays in memory. */
	close(): void {
		this.#spool.close();
	}

	#nextUidValidity(): number {
		const seconds = Math.floor(this.#now().getTime() / 1000);
		this.#lastUidValidity = Math.max(this.#lastUidValidity + 1, seconds);
		return this.#lastUidValidity;
	}
}
