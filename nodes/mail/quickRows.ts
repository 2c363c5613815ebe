import type { FetchMessageObject, ImapFlow } from 'imapflow';
import { readFetchRow, type RawResponse } from './fetchRow';

/** What imapflow's parser of the stream hands on: it goes on when `next` was called, so one is under way at a time. */
interface Pushed extends RawResponse {
	next(): void;
}

/** imapflow's parser of the stream, which its types leave out. The package's version is pinned. */
interface Streaming {
	readonly streamer?: { push(response: Pushed | null): boolean };
}

/**
 * Lets the client read the rows of `fetchAll` by `readFetchRow`, where they leave the parser of the stream: imapflow makes a
 * tree of every row and the row of the tree, and hands each on in a turn of its own, which is most of what a scan costs. What
 * the quick reader does not know, imapflow reads as before.
 * Only one `fetchAll` is under way at a time: each is asked under the mailbox lock.
 */
export function readRowsQuickly(client: ImapFlow): void {
	const { streamer } = client as unknown as Streaming;
	if (!streamer) return;
	let rows: FetchMessageObject[] | undefined;
	const push = streamer.push.bind(streamer);
	streamer.push = (response) => {
		if (!rows || !response) return push(response);
		const row = readFetchRow(response);
		if (!row) return push(response);
		rows.push(row);
		response.next();
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
