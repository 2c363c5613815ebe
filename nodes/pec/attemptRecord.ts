import type { Row, RowRecord, Submission } from './types';

/**
 * What records say of one attempt of a row, as they become known: each intent and each result once, in the order given. A
 * record can come again, and what it says can stand in two; two runs may have begun in the same millisecond.
 */
export class AttemptRecord implements RowRecord {
	readonly row: Row;
	readonly messageId: string;
	readonly intents: string[] = [];
	readonly results: Submission[] = [];
	/** As the latest intent that names one has it. */
	subject: string | undefined;
	readonly #runs: Array<string | undefined> = [];

	constructor(row: Row, messageId: string) {
		this.row = row;
		this.messageId = messageId;
	}

	addIntent({
		at,
		run,
		about,
	}: {
		readonly at: string;
		readonly run?: string;
		readonly about?: { readonly subject?: string };
	}): void {
		this.subject = about?.subject ?? this.subject;
		if (this.intents.some((known, index) => known === at && this.#runs[index] === run)) return;
		this.intents.push(at);
		this.#runs.push(run);
	}

	addResult(submission: Submission): void {
		const { at, verdict } = submission;
		if (this.results.some((known) => known.at === at && known.verdict === verdict)) return;
		this.results.push(submission);
	}
}
