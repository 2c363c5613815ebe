import type { ImapSession } from '../mail/types';
import { PurgePlanner, type PurgeCriteria } from '../pec/purge';
import type { PurgeCandidate } from '../pec/types';
import { listMessages } from './mailbox';
import { messageFolders } from './messageFolders';
import { isRecordsFolder, type Records } from './records';

export interface CleanUpState {
	readonly planner: PurgePlanner;
	readonly candidates: readonly PurgeCandidate[];
}

/**
 * What a plan is made from: every folder, so that a thread spread over folders is seen whole, and the mailbox's records.
 * Reads headers and certification data, never a whole message.
 * @throws MailError; `folderMissing` for a folder that the criteria name
 */
export async function readCleanUpState(
	imap: ImapSession,
	{ account, records, criteria }: { account: string; records: Records; criteria: PurgeCriteria },
): Promise<CleanUpState> {
	const folders = await messageFolders(imap);
	for (const path of [...(criteria.folders ?? []), ...(criteria.exceptedFolders ?? [])]) {
		// Opening a folder that is not there says so in the words of the transport.
		if (!folders.includes(path)) await imap.open(path, { readOnly: true });
	}
	const limit = Number.POSITIVE_INFINITY;
	const listed = await listMessages(imap, { account, folders, criteria: {}, limit });
	const candidates = listed.map(({ pecKey, headers, mailbox }) => ({
		pecKey,
		headers,
		...mailbox,
	}));
	const planner = new PurgePlanner({
		...criteria,
		candidates,
		copies: await records.readCopies(),
		records: await records.readAllRows(),
		acknowledgements: await records.cleanUps.readAcknowledgements(),
		isProtected: isRecordsFolder,
	});
	return { planner, candidates };
}
