import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sandbox } from '../../sandbox/index.ts';
import { envelope, HOSTILE, HOSTILE_WITH_SUBJECT } from './letters.ts';
import { RECEIPTS_FOLDER, STUDIO, type Mailbox } from './mailbox.ts';
import type { Random } from '../random.ts';

const MEAN_GAP_MS = 1_200;
/** More than a busy machine keeps up with: the rest waits until some had their effect. */
const OUTSTANDING = 60;
const LARGE_BYTES = [1_000_000, 4_000_000] as const;

/** What a watched mailbox gets: everything, or new PEC in the inbox alone. */
export type Kinds = 'all' | 'inbox';

/** Messages that arrive at random, of every kind a mailbox gets. */
export class Traffic {
	readonly #sandbox: Sandbox;
	readonly #mailboxes: readonly Mailbox[];
	readonly #random: Random;
	readonly #kinds: Kinds;
	#count = 0;

	/** @param options.mailboxes each message comes into all of them */
	constructor(
		sandbox: Sandbox,
		options: { mailboxes: readonly Mailbox[]; random: Random; kinds: Kinds },
	) {
		this.#sandbox = sandbox;
		this.#mailboxes = options.mailboxes;
		this.#random = options.random;
		this.#kinds = options.kinds;
	}

	/** Until the signal aborts. */
	async flow(signal: AbortSignal, outstanding: () => number): Promise<void> {
		while (!signal.aborted) {
			const isBehind = outstanding() >= OUTSTANDING;
			const burst = this.#random.next() < 0.1 ? this.#random.between(3, 8) : 1;
			for (let sent = 0; sent < burst && !isBehind; sent += 1) await this.#oneOfAKind();
			await sleep(this.#random.wait(MEAN_GAP_MS), undefined, { signal }).catch(() => undefined);
		}
	}

	/** A message now, of some size: a fault waits for it. */
	async nudge(bytes = 0): Promise<void> {
		await this.#receive(bytes);
	}

	/** What the next fault is to remove. */
	plantDoomed(): void {
		this.#plant('doomed', envelope, 'INBOX');
	}

	#name(kind: string): string {
		this.#count += 1;
		return `soak-${this.#count}-${kind}`;
	}

	async #oneOfAKind(): Promise<void> {
		const choice = this.#random.next();
		const isInbox = this.#kinds === 'inbox';
		const elsewhere = isInbox ? 'INBOX' : RECEIPTS_FOLDER;
		if (choice < 0.45) return await this.#receive(0);
		if (choice < 0.5) return await this.#receive(this.#random.between(...LARGE_BYTES));
		if (choice < 0.65) return isInbox ? await this.#receive(0) : await this.#send();
		if (choice < 0.8) return this.#plant('planted', envelope, elsewhere);
		if (choice < 0.85) return this.#plant('planted', envelope, 'INBOX');
		const hostile = this.#random.pick(isInbox ? HOSTILE_WITH_SUBJECT : HOSTILE);
		this.#plant('hostile', hostile, this.#random.next() < 0.3 ? elsewhere : 'INBOX');
	}

	#plant(kind: string, write: (name: string) => Buffer, folder: string): void {
		const name = this.#name(kind);
		const raw = write(name);
		for (const mailbox of this.#mailboxes) mailbox.plant(name, raw, folder);
	}

	/** A PEC from a customer. */
	async #receive(bytes: number): Promise<void> {
		const attachments =
			bytes === 0 ? [] : [{ filename: 'allegato.bin', content: randomBytes(bytes) }];
		await this.#sandbox.sendAs(`cliente0${this.#random.between(1, 9)}@pec.beta.test`, {
			to: this.#mailboxes.map(({ address }) => address),
			subject: this.#name(bytes === 0 ? 'sent' : 'large'),
			text: 'Buongiorno',
			attachments,
		});
	}

	/** A PEC to customers: receipts come back. */
	async #send(): Promise<void> {
		const to = this.#random.next() < 0.3 ? 'nessuno@pec.beta.test' : 'cliente01@pec.beta.test';
		await this.#sandbox.sendAs(STUDIO, { to: [to], subject: this.#name('ours'), text: 'Salve' });
	}
}
