import type { Clock } from './clock.ts';
import { TIMEOUTS, type TimeoutHours } from './receipts.ts';

const HOUR = 3_600_000;

/**
 * What a sending provider waits for after acceptance (RFC 6109 3.1.6). After 12 hours the sender is told of each
 * recipient whose provider has neither taken the message in charge nor answered, after 24 of each without an answer.
 */
export class ExpectedAnswers {
	readonly #unanswered: Set<string>;
	readonly #takenInCharge = new Set<string>();
	#cancellations: readonly (() => void)[] = [];

	/** @param options.recipients those within PEC */
	constructor(options: {
		recipients: readonly string[];
		acceptedAt: Date;
		clock: Clock;
		tell: (recipients: readonly string[], hours: TimeoutHours) => void;
	}) {
		const { recipients, acceptedAt, clock, tell } = options;
		this.#unanswered = new Set(recipients);
		if (recipients.length === 0) return;
		this.#cancellations = TIMEOUTS.map((hours) =>
			clock.schedule(new Date(acceptedAt.getTime() + hours * HOUR), () =>
				tell(this.#missing(hours), hours),
			),
		);
	}

	takenInCharge(recipients: readonly string[]): void {
		for (const recipient of recipients) this.#takenInCharge.add(recipient);
	}

	/** Delivered or not. */
	answered(recipient: string): void {
		this.#unanswered.delete(recipient);
		if (this.#unanswered.size > 0) return;
		for (const cancel of this.#cancellations) cancel();
	}

	#missing(hours: TimeoutHours): string[] {
		const unanswered = [...this.#unanswered];
		return hours === 12
			? unanswered.filter((recipient) => !this.#takenInCharge.has(recipient))
			: unanswered;
	}
}
