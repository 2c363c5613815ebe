import { MailError } from '../mail/errors';

/** How long something lasts before a person is told: providers restart within minutes. */
const SILENT_MS = 15 * 60_000;

/** The contract's `health` (docs/OUTPUT.md). */
export interface HealthReport {
	readonly account: string;
	/** `blocked`: connected, but no run can be started. */
	readonly state: 'unreachable' | 'blocked' | 'reachable';
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

interface Trouble {
	readonly since: Date;
	cause: Pick<HealthReport, 'cause' | 'whatToDo'>;
	timer: NodeJS.Timeout | undefined;
	wasTold: boolean;
}

/** Tells once when something keeps events from starting runs for long, and once when it is over. */
export class Health {
	readonly #options: HealthOptions;
	readonly #troubles = new Map<'unreachable' | 'blocked', Trouble>();
	#upSince: Date | undefined;

	constructor(options: HealthOptions) {
		this.#options = options;
	}

	/** No connection, or a folder that cannot be looked at. */
	down(failure: unknown): void {
		this.#upSince = undefined;
		this.#begin('unreachable', causeOf(failure));
	}

	up(): void {
		this.#upSince ??= this.#options.now();
		this.#end('unreachable');
	}

	/** Events wait, and all places for runs are taken. */
	full(runs: number): void {
		this.#begin('blocked', {
			cause: `${runs === 1 ? 'A run of this workflow does' : `${runs} runs of this workflow do`} not end, and messages wait for a place`,
			whatToDo:
				'Look at the running executions and stop those that hang; a time limit in the workflow settings does it by itself. If runs may take so long, raise Executions at Once in the trigger',
		});
	}

	free(): void {
		this.#end('blocked');
	}

	/** How it is now. */
	report(): HealthReport {
		const { account, now } = this.#options;
		for (const [state, { since, cause }] of this.#troubles) {
			return { account, state, since: since.toISOString(), ...cause };
		}
		return { account, state: 'reachable', since: (this.#upSince ?? now()).toISOString() };
	}

	stop(): void {
		for (const { timer } of this.#troubles.values()) clearTimeout(timer);
		this.#troubles.clear();
	}

	#begin(state: 'unreachable' | 'blocked', cause: Trouble['cause']): void {
		const known = this.#troubles.get(state);
		if (known) {
			known.cause = cause;
			return;
		}
		const trouble: Trouble = {
			since: this.#options.now(),
			cause,
			timer: undefined,
			wasTold: false,
		};
		this.#troubles.set(state, trouble);
		trouble.timer = setTimeout(() => {
			trouble.wasTold = true;
			this.#tell({ state, since: trouble.since.toISOString(), ...trouble.cause });
		}, this.#options.silentMs ?? SILENT_MS).unref();
	}

	#end(state: 'unreachable' | 'blocked'): void {
		const trouble = this.#troubles.get(state);
		if (!trouble) return;
		clearTimeout(trouble.timer);
		this.#troubles.delete(state);
		if (trouble.wasTold) {
			this.#tell({ state: 'reachable', since: this.#options.now().toISOString() });
		}
	}

	#tell(report: Omit<HealthReport, 'account'>): void {
		this.#options.tell({ account: this.#options.account, ...report });
	}
}

function causeOf(failure: unknown): Trouble['cause'] {
	return failure instanceof MailError
		? { cause: failure.message, whatToDo: failure.whatToDo }
		: { cause: 'The connection broke' };
}
