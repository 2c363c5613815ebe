import { release, type } from 'node:os';
import { format, resolveConfig } from 'prettier';
import { PATIENT_MS } from './dead.ts';
import { THEIR_VERSION, type BesideResult, type BesideRow } from './beside.ts';

const COLUMNS = [
	'trigger',
	'messages',
	'lost',
	'effects done again',
	'minutes dead',
] as const satisfies readonly string[];

function cellsOf({ trigger, messages, lost, doubled, dead }: BesideRow): string[] {
	return [trigger, String(messages), String(lost), String(doubled), dead.toFixed(1)];
}

/** For a terminal. */
export function besideLines({ rows, faults }: BesideResult): string {
	return [
		...rows.map((row) =>
			cellsOf(row)
				.map((cell, index) => `${COLUMNS[index]} ${cell}`)
				.join(', '),
		),
		JSON.stringify(faults),
	].join('\n');
}

function tableOf(head: readonly string[], lines: ReadonlyArray<readonly string[]>): string {
	return [head, head.map(() => '---'), ...lines]
		.map((cells) => `| ${cells.join(' | ')} |`)
		.join('\n');
}

/** docs/BESIDE.md. */
export async function besidePage(
	result: BesideResult,
	versions: { readonly nodes: string; readonly n8n: string },
): Promise<string> {
	const { rows, faults, kills, lasted, minutes, seed } = result;
	const page = [
		'# Side by side',
		`Written by \`npm run soak -- --beside --minutes ${minutes} --seed ${seed} --write\`, not by hand. What happens inside n8n has its own pace: a second run with the same seed gives other figures of the same kind.`,
		`PEC Trigger ${versions.nodes} and n8n's own Email Trigger (IMAP), version ${THEIR_VERSION} of the node, in one n8n ${versions.n8n} (SQLite), at two mailboxes of the sandbox that got the same messages; Node.js ${process.versions.node}, ${type()} ${release()}.`,
		tableOf(COLUMNS, rows.map(cellsOf)),
		`It lasted ${lasted.toFixed(1)} minutes, with ${kills} SIGKILLs of n8n.`,
		'## What was counted',
		[
			"- What the last node of each flow did (an HTTP request to a server of the measurement's own), not executions. Each message bears a name in its subject, which both triggers put out; by it an effect is known.",
			'- Troubles begin when both triggers have had an effect, and come in an order that the seed decides; each strikes at least once.',
			'- _Lost_: no effect until three minutes after the last fault. _Effects done again_: beyond the first of a message, whatever the reason; n8n killed between the run and its being recorded is a reason neither trigger can do anything about.',
			`- _Minutes dead_: a message had waited for more than ${PATIENT_MS / 1000} s, and neither it nor any that came later had its effect yet. The clock stands still while the server is away or turns everybody away, while n8n starts, and while the workflows are switched off. A message passed over while later ones are served is lost, and makes nothing dead.`,
			"- Both triggers have their defaults: the inbox, mark as read for n8n's; new PEC, offered again after a failed run, for ours. No run was made to fail: only ours offers again what failed. PEC Trigger watches further folders and further events; nothing of that was used.",
			"- Left out is what only one of them has: faults at the records that PEC Trigger keeps in the mailbox, and a person's moving messages out of the only folder that n8n's trigger watches.",
			'- When n8n gives a trigger up it stays dead until somebody publishes the workflow again, which the faults of this measurement include (`workflow.published`, `workflow.offAndOn`): without them a dead trigger would have stayed dead.',
		].join('\n'),
		'## What went wrong on request',
		tableOf(
			['fault', 'times'],
			Object.entries(faults).map(([point, times]) => [point, String(times)]),
		),
	].join('\n\n');
	const config = await resolveConfig(import.meta.filename);
	return await format(page, { ...config, parser: 'markdown' });
}
