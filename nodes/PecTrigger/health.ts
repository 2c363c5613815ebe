import { MailError } from '../mail/errors';

/** How long something lasts before a person is told: providers restart within minutes. */
const SILENT_MS = 15 * 60_000;

/** The contract's `health` (docs/OUTPUT.md). */
export interface HealthReport {
	/** Absent while n8n cannot give the credential that names it. */
	readonly account?: string;
	/** `blocked`: the mailbox is watched, but no run can be started. */
	readonly state: 'unreachable' | 'blocked' | 'reachable';
	/** ISO 8601: when the state began. */
	readonly since: string;
	readonly cause?: string;
	readonly whatToDo?: string;
}

export interface HealthOptions {
	readonly now: () => Date;
	readonly tell: (report: HealthReport) => void;
	readonly silentMs?: number;
}

type Cause = Pick<HealthReport, 'cause' | 'whatToDo'>;

/** What can keep events from starting runs, in the order in which it is told of. */
const KINDS = {
	mailbox: 'unreachable',
	folder: 'unreachable',
	starts: 'blocked',
	places: 'blocked',
} as const;
type Kind = keyof typeof KINDS;

interface Trouble {
	readonly since: Date;
	cause: Cause;
	timer: NodeJS.Timeout | undefined;
	wasTold: boolean;
}

const NOT_YET: Cause = { cause: 'The mailbox was not looked at yet' };
const IN_LINE: Cause = {
	cause: 'All connections that this n8n opens to the mailbox at a time are in use',
	whatToDo: 'Let fewer workflows work on this mailbox at the same time, or spread their schedules',
};
const NO_STARTS: Cause = {
	cause: 'n8n starts no runs of this workflow',
	whatToDo: 'Look at the log of n8n: its database may be away or full',
};

/** Tells once when something keeps events from starting runs for long, and once when it is over. */
export class Health {
	readonly #options: HealthOptions;
	readonly #troubles = new Map<Kind, Trouble>();
	#upSince: Date | undefined;
	#isStopped = false;
	/** The mailbox, once it is known. */
	account: string | undefined;

	/** Nothing is known of the mailbox before the first `up`. */
	constructor(options: HealthOptions) {
		this.#options = options;
		this.#begin('mailbox', NOT_YET);
	}

	/** A connection is asked for, and there may be none for a while. */
	inLine(): void {
		if (!this.#troubles.has('mailbox')) this.#begin('mailbox', IN_LINE);
	}

	/** No connection. */
	down(failure: unknown): void {
		this.#upSince = undefined;
		this.#begin('mailbox', causeOf(failure));
	}

	up(): void {
		this.#upSince ??= this.#options.now();
		this.#end('mailbox');
	}

	/** A folder that cannot be looked at while others can; `undefined` when all can. */
	folder(trouble: MailError | undefined): void {
		if (trouble) this.#begin('folder', causeOf(trouble));
		else this.#end('folder');
	}

	/** Events wait, and all places for runs are taken. */
	full(runs: number): void {
		this.#begin('places', {
			cause: `${runs === 1 ? 'A run of this workflow does' : `${runs} runs of this workflow do`} not end, and messages wait for a place`,
			whatToDo:
				'Look at the running executions and stop those that hang; a time limit in the workflow settings does it by itself. If runs may take so long, raise Executions at Once in the trigger',
		});
	}

	free(): void {
		this.#end('places');
	}

	/** Whether n8n could start the last run. */
	started(couldStart: boolean): void {
		if (couldStart) this.#end('starts');
		else this.#begin('starts', NO_STARTS);
	}

	/** How it is now. */
	report(): HealthReport {
		const { now } = this.#options;
		const account = this.#account();
		for (const kind of Object.keys(KINDS) as Kind[]) {
			const trouble = this.#troubles.get(kind);
			if (trouble) {
				const { since, cause } = trouble;
				return { ...account, state: KINDS[kind], since: since.toISOString(), ...cause };
			}
		}
		return { ...account, state: 'reachable', since: (this.#upSince ?? now()).toISOString() };
	}

	/** Nothing is told any more, whatever still comes. */
	stop(): void {
		this.#isStopped = true;
		for (const { timer } of this.#troubles.values()) clearTimeout(timer);
		this.#troubles.clear();
	}

	#account(): Pick<HealthReport, 'account'> {
		return this.account === undefined ? {} : { account: this.account };
	}

	#begin(kind: Kind, cause: Cause): void {
		if (this.#isStopped) return;
		const known = this.#troubles.get(kind);
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
		this.#troubles.set(kind, trouble);
		trouble.timer = setTimeout(() => {
			trouble.wasTold = true;
			this.#tell({ state: KINDS[kind], since: trouble.since.toISOString(), ...trouble.cause });
		}, this.#options.silentMs ?? SILENT_MS).unref();
	}

	#end(kind: Kind): void {
		const trouble = this.#troubles.get(kind);
		if (!trouble) return;
		clearTimeout(trouble.timer);
		this.#troubles.delete(kind);
		if (trouble.wasTold) {
			this.#tell({ state: 'reachable', since: this.#options.now().toISOString() });
		}
	}

	#tell(report: Omit<HealthReport, 'account'>): void {
		this.#options.tell({ ...this.#account(), ...report });
	}
}

function causeOf(failure: unknown): Cause {
	return failure instanceof MailError
		? { cause: failure.message, whatToDo: failure.whatToDo }
		: { cause: 'The connection broke' };
}
