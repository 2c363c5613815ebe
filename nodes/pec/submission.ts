import type { RowRecord, Submission } from './types';

/**
 * What the mailbox's records say became of one row's submission (docs/ARCHITECTURE.md, Records).
 * unclear: something was begun of which no verdict was read. none: nothing was ever begun.
 */
export type RecordedSubmission =
	| { readonly verdict: 'submitted' | 'rejected' | 'deferred'; readonly result: Submission }
	| { readonly verdict: 'unclear'; readonly result?: Submission }
	| { readonly verdict: 'none' };

/** Reads the intents and results of one row and attempt. A submission once proved stays proved. */
export function readSubmission(record: RowRecord | undefined): RecordedSubmission {
	if (!record) return { verdict: 'none' };
	const submitted = record.results.findLast((result) => result.verdict === 'submitted');
	if (submitted) return { verdict: 'submitted', result: submitted };
	// Nor does what another run found out later say what became of it.
	const unclear = record.results.findLast((result) => result.verdict === 'unclear');
	if (unclear) return { verdict: 'unclear', result: unclear };
	const result = record.results.at(-1);
	const intent = record.intents.at(-1);
	// Either sign is enough: a second sending does more harm than a question.
	const open =
		record.intents.length > record.results.length ||
		(intent !== undefined && result !== undefined && Date.parse(intent) > Date.parse(result.at));
	if (open) return { verdict: 'unclear' };
	return result ? { verdict: result.verdict, result } : { verdict: 'none' };
}
