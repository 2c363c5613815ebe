import type { FetchedMessage, OpenFolder, ScannedMessage } from '../mail/types';
import { unless } from '../mail/errors';
import { recordSubjectOf, unreadable, type RecordSubject } from './recordFormat';

/** What every record has in its subject. */
export const COMMON_WORD = 'record';

/** Nothing, too, where the server refuses to search subjects. */
export async function searchSubject(
	folder: OpenFolder,
	subject: string,
	since?: Date,
): Promise<number[]> {
	const criteria = since ? { subject, since } : { subject };
	return (await unless('refused', folder.search(criteria))) ?? [];
}

/** For what is too large to be fetched with its neighbours. */
export async function recordBodyOf(folder: OpenFolder, uid: number): Promise<Buffer | undefined> {
	const message = await folder.fetch(uid);
	return message && bodyOf(message);
}

/** Of a record that was fetched whole. */
export function bodyOf({ raw, headers }: FetchedMessage): Buffer {
	return Buffer.from(raw.toString('latin1', headers.length), 'base64');
}

export interface RecordHeader {
	readonly subject: RecordSubject;
	readonly receivedAt: Date;
}

/** @throws RecordsError for one that was asked for and did not come, unless damaged ones are skipped */
export function headersOf(
	uids: readonly number[],
	messages: readonly ScannedMessage[],
	damaged: 'thrown' | 'skipped',
): Map<number, RecordHeader> {
	const found = new Map<number, RecordHeader>();
	const unseen = new Set(uids);
	for (const { uid, headers, receivedAt } of messages) {
		unseen.delete(uid);
		const subject = recordSubjectOf(headers);
		if (subject) found.set(uid, { subject, receivedAt });
	}
	if (damaged === 'thrown') for (const uid of unseen) throw unreadable(uid);
	return found;
}
