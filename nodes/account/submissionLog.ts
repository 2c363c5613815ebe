import { MailError } from '../mail/errors';
import type { Clock } from './clock';
import type { Intent, Records, Result } from './records';

const TRIES = 4;
const RETRY_MS = 1_000;

/** The records of one run: what is about to be handed over, together with what came of the messages before. */
export class SubmissionLog {
	readonly #records: () => Promise<Pick<Records, 'writeSubmissions'>>;
	readonly #mailing: string;
	readonly #clock: Clock;
	#pending: readonly Result[] = [];
	/** May be on the server, although nothing of theirs was handed over. */
	#takenBack: readonly Intent[] = [];

	constructor(options: {
		records: () => Promise<Pick<Records, 'writeSubmissions'>>;
		mailing: string;
		clock: Clock;
	}) {
		this.#records = options.records;
		this.#mailing = options.mailing;
		this.#clock = options.clock;
	}

	/**
	 * When this returns, the server has them.
	 * @returns the UID of their record
	 * @throws MailError: then nothing may be handed over
	 */
	async begin(intents: readonly Intent[]): Promise<number> {
		try {
			return await this.#write(intents);
		} catch (error) {
			if (isPassing(error)) this.#takeBack(intents);
			throw retold(
				error,
				'The next message was not sent, because its record cannot be kept in the mailbox',
			);
		}
	}

	/** Where only the answers were lost, they are on the server: told with what came of them, they leave no row in doubt. */
	#takeBack(intents: readonly Intent[]): void {
		const submission = { verdict: 'deferred', at: this.#clock.now().toISOString() } as const;
		this.#takenBack = [...this.#takenBack, ...intents];
		this.note(intents.map(({ row, messageId }) => ({ row, messageId, submission })));
	}

	/** Written with what comes next. */
	note(results: readonly Result[]): void {
		this.#pending = [...this.#pending, ...results];
	}

	/** Writes what is noted. @throws MailError; without it rows show as unclear until their receipts come */
	async flush(): Promise<void> {
		if (this.#pending.length === 0) return;
		try {
			await this.#write([]);
		} catch (error) {
			throw retold(
				error,
				'The results of the last messages cannot be kept in the mailbox: until their receipts arrive they show as unclear',
			);
		}
	}

	/** On a new connection when one is lost: a record that was stored although its answer was lost may be there twice. */
	async #write(begun: readonly Intent[]): Promise<number> {
		const results = this.#pending;
		const intents = [...this.#takenBack, ...begun];
		for (let tries = 1; ; tries += 1) {
			try {
				const records = await this.#records();
				const uid = await records.writeSubmissions(this.#mailing, { intents, results });
				this.#pending = this.#pending.slice(results.length);
				this.#takenBack = [];
				return uid;
			} catch (error) {
				if (!isPassing(error) || tries === TRIES) return await Promise.reject(error);
				await this.#clock.sleep(RETRY_MS * tries);
			}
		}
	}
}

function isPassing(error: unknown): boolean {
	return error instanceof MailError && error.retry === 'now';
}

/** The same fault, told as what it means here. */
function retold(error: unknown, meaning: string): unknown {
	if (!(error instanceof MailError)) return error;
	const { code, message, whatToDo, retry } = error;
	return new MailError(code, `${meaning}. ${message}`, { whatToDo, retry, cause: error });
}
