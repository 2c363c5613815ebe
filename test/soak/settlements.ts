import type { Sandbox } from '../../sandbox/index.ts';

const RECORDS = 'n8n PEC (do not delete)';

interface WatchRecord {
	readonly settled?: readonly string[];
}

function contentOf(raw: Buffer): WatchRecord {
	const [, body = ''] = raw.toString('latin1').split('\r\n\r\n');
	return JSON.parse(Buffer.from(body, 'base64').toString('utf8')) as WatchRecord;
}

/**
 * When each event's settlement was stored in the mailbox, by tag: read from the server's own store, in the moment in which an
 * APPEND is done. To be made before any fault is set: rules strike in the order they were added.
 */
export function followSettlements(sandbox: Sandbox, account: string): ReadonlyMap<string, number> {
	const settledAt = new Map<string, number>();
	const read = new Set<string>();
	const look = () => {
		const at = Date.now();
		for (const { emailId, raw } of sandbox.store.account(account)?.folder(RECORDS)?.messages ??
			[]) {
			if (read.has(emailId)) continue;
			read.add(emailId);
			for (const tag of contentOf(raw).settled ?? []) {
				if (!settledAt.has(tag)) settledAt.set(tag, at);
			}
		}
	};
	sandbox.faults.add({
		at: 'imap.done',
		command: 'APPEND',
		account,
		times: 'always',
		action: { do: 'call', run: look },
	});
	return settledAt;
}
