import type { EnterAccount } from '../imap/sessionOptions.ts';
import type { SandboxLog } from '../log.ts';
import { USUAL_REPLIES, type LimitsOf, type RefusalReason } from './limits.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** The large providers take as many (docs/SANDBOX.md). */
const DEFAULT_RECIPIENTS = 500;

/** A reply that refuses; `code` is its first number. */
export interface Refusal {
	readonly code: number;
	/** With the enhanced status, when the reply has one. */
	readonly text: string;
}

/** Counts what each account does by the sandbox's clock, and says what is too much. Each refusal is in the log. */
export class Limiter {
	readonly #limitsOf: LimitsOf;
	readonly #log: SandboxLog;
	readonly #now: () => Date;
	readonly #start: number;
	readonly #taken = new Map<string, number[]>();
	readonly #connections = new Map<string, number>();

	constructor(options: { limitsOf: LimitsOf; log: SandboxLog; now: () => Date }) {
		this.#limitsOf = options.limitsOf;
		this.#log = options.log;
		this.#now = options.now;
		this.#start = options.now().getTime();
	}

	/** Whether a client is not even greeted. */
	refuseConnection(): Refusal | undefined {
		return this.#isUnavailable(undefined, 'connect')
			? this.#refuse('unavailable', undefined)
			: undefined;
	}

	/** Whether an account that signs in by SMTP has too many connections; one let in counts until `leaveSmtp`. */
	enterSmtp(account: string): Refusal | undefined {
		if (this.#enter('smtp', account, this.#limitsOf(account).smtpConnections)) return undefined;
		return this.#refuse('smtpConnections', account);
	}

	leaveSmtp(account: string): void {
		this.#leave('smtp', account);
	}

	/** The same for IMAP, where the sign-in is refused and logged by the server. */
	enterImap(account: string): ReturnType<EnterAccount> {
		const { imapConnections, imapRefusal = 'no' } = this.#limitsOf(account);
		if (!this.#enter('imap', account, imapConnections)) return { refusal: imapRefusal };
		return { leave: () => this.#leave('imap', account) };
	}

	/** Whether an account may not begin a message, or not end it when `at` is `data`. */
	refuseMessage(account: string, at: 'mail' | 'data'): Refusal | undefined {
		const { messagesPerMinute = Infinity, messagesPerDay = Infinity } = this.#limitsOf(account);
		if (this.#isUnavailable(account, at)) return this.#refuse('unavailable', account);
		const reaches = (limit: number, ms: number): boolean =>
			limit !== Infinity && this.#takenWithin(ms, account) >= limit;
		if (reaches(messagesPerMinute, MINUTE)) return this.#refuse('messagesPerMinute', account);
		if (reaches(messagesPerDay, DAY)) return this.#refuse('messagesPerDay', account);
		return undefined;
	}

	/** Whether a message that has so many recipients may not have another one. */
	refuseRecipient(account: string, present: number): Refusal | undefined {
		const { recipients = DEFAULT_RECIPIENTS } = this.#limitsOf(account);
		return present >= recipients ? this.#refuse('recipients', account) : undefined;
	}

	/** Counts a message that was taken. */
	count(account: string): void {
		const taken = this.#taken.get(account) ?? [];
		taken.push(this.#now().getTime());
		this.#taken.set(account, taken);
	}

	#takenWithin(ms: number, account: string): number {
		const since = this.#now().getTime() - ms;
		const taken = this.#taken.get(account) ?? [];
		// from the last: of what the clock left behind there may be any number
		return taken.length - 1 - taken.findLastIndex((time) => time <= since);
	}

	#isUnavailable(account: string | undefined, point: 'connect' | 'mail' | 'data'): boolean {
		const { unavailable } = this.#limitsOf(account);
		if (unavailable === undefined || (unavailable.at ?? 'mail') !== point) return false;
		return this.#now().getTime() - this.#start < unavailable.forMs;
	}

	#enter(protocol: 'smtp' | 'imap', account: string, limit = Infinity): boolean {
		const key = `${protocol} ${account}`;
		const open = this.#connections.get(key) ?? 0;
		if (open >= limit) return false;
		this.#connections.set(key, open + 1);
		return true;
	}

	#leave(protocol: 'smtp' | 'imap', account: string): void {
		const key = `${protocol} ${account}`;
		this.#connections.set(key, (this.#connections.get(key) ?? 1) - 1);
	}

	#refuse(reason: RefusalReason, account: string | undefined): Refusal {
		const reply = this.#limitsOf(account).replies?.[reason] ?? USUAL_REPLIES[reason];
		const code = Number(reply.slice(0, 3));
		this.#log.append({ type: 'refusedSubmission', account, code, reason });
		return { code, text: reply.slice(4) };
	}
}
