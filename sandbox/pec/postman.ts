import { sha256, type Delivered, type SandboxLog } from '../log.ts';
import type { Clock } from './clock.ts';
import { DeliveryLine } from './deliveryLine.ts';
import type { JobQueue } from './jobQueue.ts';
import type { Mailboxes, Placed, Refused } from './mailboxes.ts';
import type { Provider } from './provider.ts';

/** What a provider has for a mailbox. */
export interface Mailing extends Delivered {
	readonly returnPath: string;
	readonly raw: Buffer;
	readonly at: Date;
	/** Whose turn it needs, should it have to be tried again. */
	readonly queue: JobQueue;
}

/** Puts messages into mailboxes, and what became of every one of them into the log. */
export class Postman {
	readonly #log: SandboxLog;
	readonly #clock: Clock;
	readonly #users: Mailboxes;
	readonly #lines = new Map<Mailboxes, Map<string, DeliveryLine>>();

	/** @param options.users whose receipts come as their provider's dialect has it */
	constructor(options: { log: SandboxLog; clock: Clock; users: Mailboxes }) {
		this.#log = options.log;
		this.#clock = options.clock;
		this.#users = options.users;
	}

	/**
	 * Delivers unchanged but for trace fields in front. The mailbox must exist and be the provider's. `then` is called once it is known for
	 * good whether the mailbox took it, which may be a day later by the clock; the answer resolves after that, or as soon
	 * as the message waits for another attempt.
	 */
	async deliver(
		to: Mailboxes,
		provider: Provider,
		mailing: Mailing,
		then: (outcome: Placed | Refused) => Promise<void> = async () => undefined,
	): Promise<void> {
		const isUsersReceipt = to === this.#users && mailing.kind === 'receipt';
		const folder = isUsersReceipt ? provider.dialect.receiptsFolder : undefined;
		await this.#hand(to, provider, mailing, folder, then);
		if (isUsersReceipt && provider.dialect.duplicateReceipts === true) {
			await this.#hand(to, provider, mailing, folder, async () => undefined);
		}
	}

	async #hand(
		to: Mailboxes,
		provider: Provider,
		{ queue, returnPath, raw, at, ...delivered }: Mailing,
		folder: string | undefined,
		then: (outcome: Placed | Refused) => Promise<void>,
	): Promise<void> {
		const entry = { ...delivered, mailbox: delivered.mailbox.toLowerCase() };
		const by = { host: `mx.${provider.domain}`, queueId: provider.identifiers.queueId() };
		await this.#lineTo(to, entry.mailbox).hand({
			at,
			queue,
			attempt: () => to.deliver({ mailbox: entry.mailbox, folder, returnPath, raw, at, by }),
			onDeferred: (reason, next) =>
				this.#log.append({
					type: 'deferred',
					...entry,
					reason,
					nextAttempt: next.toISOString(),
				}),
			onSettled: (outcome) => this.#record(entry, outcome),
			next: then,
		});
	}

	#record(entry: Delivered, outcome: Placed | Refused): void {
		if (outcome.kind === 'refused') {
			const { reason, response } = outcome;
			this.#log.append({ type: 'undelivered', ...entry, reason, response });
			return;
		}
		const { folder, bytes, position } = outcome;
		this.#log.append({
			type: 'delivery',
			...entry,
			folder,
			...position,
			size: bytes.length,
			sha256: sha256(bytes),
		});
	}

	#lineTo(mailboxes: Mailboxes, address: string): DeliveryLine {
		const lines = this.#lines.get(mailboxes) ?? new Map<string, DeliveryLine>();
		this.#lines.set(mailboxes, lines);
		const line = lines.get(address) ?? new DeliveryLine(this.#clock);
		lines.set(address, line);
		return line;
	}
}
