import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sandbox } from '../../sandbox/index.ts';
import { envelope, HOSTILE } from './letters.ts';
import { RECEIPTS_FOLDER, STUDIO, type Mailbox } from './mailbox.ts';
import type { Random } from './random.ts';

const MEAN_GAP_MS = 1_200;
/** More than a busy machine keeps up with: the rest waits until some had their effect. */
const OUTSTANDING = 60;
const LARGE_BYTES = [1_000_000, 4_000_000] as const;

/** Messages that arrive at random, of every kind a mailbox gets. */
export class Traffic {
	readonly #sandbox: Sandbox;
	readonly #mailbox: Mailbox;
	readonly #random: Random;
	#count = 0;

	constructor(sandbox: Sandbox, mailbox: Mailbox, random: Random) {
		this.#sandbox = sandbox;
		this.#mailbox = mailbox;
		this.#random = random;
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

	/** Resolves with where a raw one lies, which the next fault is to remove. */
	plantDoomed(): void {
		const name = this.#name('doomed');
		this.#mailbox.plant(name, envelope(name));
	}

	#name(kind: string): string {
		this.#count += 1;
		return `${kind}-${this.#count}`;
	}

	async #oneOfAKind(): Promise<void> {
		const { between, next } = {
			between: (least: number, most: number) => this.#random.between(least, most),
			next: () => this.#random.next(),
		};
		const choice = next();
		if (choice < 0.45) return await this.#receive(0);
		if (choice < 0.5) return await this.#receive(between(...LARGE_BYTES));
		if (choice < 0.65) return await this.#send();
		if (choice < 0.8) return this.#plant('planted', envelope, RECEIPTS_FOLDER);
		if (choice < 0.85) return this.#plant('planted', envelope, 'INBOX');
		this.#plant('hostile', this.#random.pick(HOSTILE), next() < 0.3 ? RECEIPTS_FOLDER : 'INBOX');
	}

	#plant(kind: string, write: (name: string) => Buffer, folder: string): void {
		const name = this.#name(kind);
		this.#mailbox.plant(name, write(name), folder);
	}

	/** A PEC from a customer. */
	async #receive(bytes: number): Promise<void> {
		const attachments =
			bytes === 0 ? [] : [{ filename: 'allegato.bin', content: randomBytes(bytes) }];
		await this.#sandbox.sendAs(`cliente0${this.#random.between(1, 9)}@pec.beta.test`, {
			to: [STUDIO],
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
