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

/** Whether what was recorded under this name is a single message: its name and row key are nobody's but ours. */
export function isSingleMessage(mailing: string): boolean {
	return mailing.startsWith(PREFIX);
}

/** The row of a single message: the first recipient, and the others in the place of the row key. */
export function singleMessageRow(to: readonly string[]): { recipient: string; rowKey: string } {
	return { recipient: to[0] ?? '', rowKey: to.slice(1).join(',') };
}

/** The recipients that `singleMessageRow` put into a row, lower-case. */
export function recipientsOfSingleMessage(row: { recipient: string; rowKey: string }): string[] {
	return [row.recipient, ...row.rowKey.split(',')]
		.map((address) => address.trim().toLowerCase())
		.filter((address) => address !== '');
}
