import type { Sandbox } from '../../sandbox/index.ts';

export const RECORDS_FOLDER = 'n8n PEC (do not delete)';

/** The tags that a record of a trigger calls settled, by the bytes that the server holds (docs/ARCHITECTURE.md, Records). */
export function settledIn(raw: Buffer): readonly string[] {
	const [, body = ''] = raw.toString('latin1').split('\r\n\r\n');
	const record = JSON.parse(Buffer.from(body, 'base64').toString('utf8')) as {
		settled?: readonly string[];
	};
	return record.settled ?? [];
}

/** Of all records in a mailbox of the sandbox; an event may be named several times. */
export function settledOf(sandbox: Sandbox, address: string): string[] {
	const records = sandbox.store.account(address)?.folder(RECORDS_FOLDER)?.messages ?? [];
	return records.flatMap(({ raw }) => settledIn(raw));
}
