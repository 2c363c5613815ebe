import { MailError } from '../mail/errors';

/** How long an outage lasts before a person is told: providers restart within minutes. */
const SILENT_MS = 15 * 60_000;

/** The contract's `health` (docs/OUTPUT.md). */
export interface HealthReport {
	readonly account: string;
	readonly state: 'unreachable' | 'reachable';
	/** ISO 8601: when the state began. */
	readonly since: string;
	readonly cause?: string;
	readonly whatToDo?: string;
}

export interface HealthOptions {
	readonly account: string;
	readonly now: () => Date;
	readonly tell: (report: HealthReport) => void;
	readonly silentMs?: number;
}

/** Tells once when an outage has lasted, and once when it is over. */
export class Health {
	readonly #options: HealthOptions;
	#since: Date | undefined;
	#upSince: Date | undefined;
	#told = false;
	#failure: unknown;
	#timer: NodeJS.Timeout | undefined;

	constructor(options: HealthOptions) {
		this.#options = options;
	}

	down(failure: unknown): void {
		this.#failure = failure;
		if (this.#since) return;
		this.#since = this.#options.now();
		this.#upSince = undefined;
		this.#timer = setTimeout(() => this.#tellDown(), this.#options.silentMs ?? SILENT_MS);
		this.#timer.unref();
	}

	up(): void {
		const wasTold = this.#told;
		this.stop();
		this.#upSince ??= this.#options.now();
		if (wasTold) this.#options.tell(this.report());
	}

	/** How it is now. */
	report(): HealthReport {
		const { account } = this.#options;
		if (!this.#since) {
			const since = this.#upSince ?? this.#options.now();
			return { account, state: 'reachable', since: since.toISOString() };
		}
		const failure = this.#failure;
		return {
			account,
			state: 'unreachable',
			since: this.#since.toISOString(),
			...(failure instanceof MailError
				? { cause: failure.message, whatToDo: failure.whatToDo }
				: { cause: 'The connection broke' }),
		};
	}

	stop(): void {
		clearTimeout(this.#timer);
		this.#since = undefined;
		this.#told = false;
	}

	#tellDown(): void {
		this.#told = true;
		this.#options.tell(this.report());
	}
}
