import type { FetchMessageObject, ImapFlow } from 'imapflow';
import { readFetchRow, type RawResponse } from './fetchRow';

/** imapflow's own method for each response, which its types leave out. The package's version is pinned. */
interface Responding {
	handleResponse?(response: RawResponse): Promise<boolean>;
}

/**
 * Lets the client read the rows of `fetchAll` by `readFetchRow`: imapflow makes a tree of every row and the row of the tree,
 * which is most of what a scan costs. What the quick reader does not know, imapflow reads as before.
 * Only one `fetchAll` is under way at a time: each is asked under the mailbox lock.
 */
export function readRowsQuickly(client: ImapFlow): void {
	const responding = client as unknown as Responding;
	const handle = responding.handleResponse?.bind(client);
	if (!handle) return;
	let rows: FetchMessageObject[] | undefined;
	responding.handleResponse = async (response) => {
		const row = rows && readFetchRow(response);
		if (!row) return await handle(response);
		rows?.push(row);
		return true;
	};
	const fetchAll = client.fetchAll.bind(client);
	client.fetchAll = async (...request) => {
		const read: FetchMessageObject[] = [];
		rows = read;
		try {
			const others = await fetchAll(...request);
			return [...read, ...others];
		} finally {
			rows = undefined;
		}
	};
}
