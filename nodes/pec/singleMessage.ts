import type { ReceiptEvidence } from './types';

const PREFIX = 'n8n message ';

/** A single message is recorded like a mailing of one row, under the name of its run. */
export function singleMessageName(run: string): string {
	return PREFIX + run;
}

/**
 * The same under a name that a user gave it, in whatever run: the Send Key. The name of a run begins with hexadecimal
 * digits, and so is never one of these.
 */
export function keyedMessageName(key: string): string {
	return `${PREFIX}key:${key}`;
}

/** The Send Key that a user gave; `undefined` of mailings, and of messages that nobody gave one. */
export function sendKeyOf(mailing: string): string | undefined {
	const keyed = keyedMessageName('');
	return mailing.startsWith(keyed) ? mailing.slice(keyed.length) : undefined;
}

/** Whether what was recorded under this name is a single message: its name and row key are nobody's but ours. */
export function isSingleMessage(mailing: string): boolean {
	return mailing.startsWith(PREFIX);
}

/** The row of a single message: the first recipient, and the others in the place of the row key. */
export function singleMessageRow(recipients: readonly string[]): {
	recipient: string;
	rowKey: string;
} {
	return { recipient: recipients[0] ?? '', rowKey: recipients.slice(1).join(',') };
}

/** The recipients that `singleMessageRow` put into a row, lower-case. */
export function recipientsOfSingleMessage(row: { recipient: string; rowKey: string }): string[] {
	return [row.recipient, ...row.rowKey.split(',')]
		.map((address) => address.trim().toLowerCase())
		.filter((address) => address !== '');
}

/**
 * Everybody a sending went to: those the row names, and those in Cc, whom only receipts name.
 * @param single whether the row is a single message's
 */
export function recipientsOf(
	row: { recipient: string; rowKey: string },
	single: boolean,
	receipts: readonly ReceiptEvidence[],
): string[] {
	const named = single ? recipientsOfSingleMessage(row) : [row.recipient];
	const certified = receipts
		.filter(({ consistent }) => consistent)
		.flatMap(({ recipients }) => recipients.map(({ address }) => address));
	return [...new Set([...named, ...certified])];
}
