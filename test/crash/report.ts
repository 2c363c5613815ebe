import type { CrashResult } from './crashing.ts';
import { objections, type RowFound } from './judge.ts';

function countBy(names: readonly string[]): Record<string, number> {
	const counts: Record<string, number> = {};
	for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
	return counts;
}

type Reported = Omit<CrashResult, 'editorLog'>;

/** What `--json` writes. */
export function figuresOf({ rounds, emptied, verdict, strikes, kills, ...result }: Reported) {
	const all = [...rounds, emptied];
	return {
		rounds: rounds.length,
		/** Rows of all mailings, the last one's too, after which the mailbox was emptied. */
		recipients: all.reduce((sum, { rows }) => sum + rows.length, 0),
		duplicates: verdict.duplicates,
		lost: verdict.lost.length,
		kills: kills.length,
		killsByPoint: countBy(kills.map(({ point }) => point)),
		inDoubtShown: verdict.inDoubt.length,
		/** Of those shown as unclear: the provider had taken it after all. */
		inDoubtTaken: verdict.inDoubt.filter(({ takenAt }) => takenAt.length > 0).length,
		strikes,
		roundsByPoint: countBy(rounds.map(({ point }) => point)),
		runs: all.reduce((sum, { runs }) => sum + runs, 0),
		untold: verdict.untold.length,
		strange: verdict.strange.length,
		unfinished: verdict.unfinished,
		emptied: {
			recipients: emptied.rows.length,
			duplicates: verdict.doubled.filter(({ mailing }) => mailing === emptied.mailing).length,
		},
		batch: result.batch,
		seconds: result.seconds,
		seed: result.seed,
	};
}

const rowsTold = (title: string, rows: readonly RowFound[]): string[] =>
	rows.map(
		({ mailing, rowKey, recipient, takenAt, shown }) =>
			`${title}: ${mailing}, ${rowKey} to ${recipient}; taken ${takenAt.length === 0 ? 'never' : takenAt.join(' and ')}; shown: ${shown}`,
	);

export function reportOf(result: Reported): string {
	const { verdict, strikes } = result;
	return [
		...rowsTold('SENT AGAIN', verdict.doubled),
		...rowsTold('LOST', verdict.lost),
		...rowsTold('UNTOLD', verdict.untold),
		...verdict.strange.map(({ recipient, at }) => `STRANGE: to ${recipient}, taken ${at}`),
		JSON.stringify(figuresOf(result), null, '\t'),
		...objections(verdict, strikes).map((objection) => `NOT CLEAN: ${objection}`),
	].join('\n');
}

export function isClean({ verdict, strikes }: Pick<Reported, 'verdict' | 'strikes'>): boolean {
	return objections(verdict, strikes).length === 0;
}
