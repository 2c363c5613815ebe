import type { ReportedRecipient, Space } from './figures.ts';

/** The words an office worker sees for a state (docs/GLOSSARY.md). */
const STATE_WORDS: Readonly<Record<string, string>> = {
	queued: 'not sent yet',
	submitted: 'handed over, no receipt yet',
	accepted: 'accepted by the provider',
	delivered: 'delivered (placed in the mailbox)',
	delayed: 'delayed',
	rejected: 'refused by the provider',
	inDoubt: 'unclear: check before resending',
	notAccepted: 'not accepted',
	notDelivered: 'not delivered',
	infected: 'stopped: virus',
	notCertified: 'ordinary e-mail: no delivery receipt',
};

export function printRecipients(
	recipients: readonly ReportedRecipient[],
	print: (line: string) => void,
): void {
	const rows = recipients.map(({ rowKey, recipient, state, reason }) => [
		rowKey,
		recipient,
		`${STATE_WORDS[state] ?? state}${reason && state !== 'notCertified' ? ` (${reason})` : ''}`,
	]);
	const header = ['Row', 'Recipient', 'State'];
	const widths = header.map((title, column) =>
		Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
	);
	const line = (cells: readonly string[]) =>
		`  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd();
	print('');
	print(line(header));
	print(line(widths.map((width) => '-'.repeat(width))));
	for (const row of rows) print(line(row));
	print('');
}

export function printSpace(before: Space, after: Space, print: (line: string) => void): void {
	print(`Space used: ${inKilobytes(before)} before, ${inKilobytes(after)} after.`);
}

function inKilobytes({ used, limit }: Space): string {
	const percent = limit === 0 ? 0 : (used / limit) * 100;
	return `${(used / 1024).toFixed(0)} kB (${percent.toFixed(3)} %)`;
}
