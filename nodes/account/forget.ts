import type { ImapSession } from '../mail/types';
import { MailError, unless } from '../mail/errors';
import { recordSubjectOf } from './recordFormat';
import { findRecords } from './recordMessages';
import { RECORDS_FOLDER } from './recordsFolder';

/** What was removed: records, that is messages of the records folder. */
export interface Forgotten {
	readonly records: number;
}

/**
 * Removes the records of the submissions of one mailing, and looks afterwards that none is left. Nothing else is touched:
 * not its receipts, not other mailings, not the lease. To be called by who holds the account's sending lease: a run that
 * sends meanwhile would write records into what is being forgotten.
 * @param tag of the mailing (`mailingTag`)
 * @throws MailError: `notSupported` without UIDPLUS, with nothing removed; `refused` when records are left
 */
export async function forgetMailing(imap: ImapSession, tag: string): Promise<Forgotten> {
	if (!imap.capabilities.has('UIDPLUS')) throw cannotForget();
	const folder = await unless('folderMissing', imap.open(RECORDS_FOLDER, { readOnly: false }));
	if (!folder) return { records: 0 };
	const uids = await recordsOf(folder, tag);
	if (uids.length === 0) return { records: 0 };
	const { deleted } = await folder.remove(uids);
	const again = await imap.open(RECORDS_FOLDER, { readOnly: true });
	const left = await recordsOf(again, tag);
	if (left.length > 0) throw notAllForgotten(deleted.length, left.length);
	return { records: deleted.length };
}

type Folder = Awaited<ReturnType<ImapSession['open']>>;

/** By subject; what a server's index has not reached yet is looked at. The subject itself decides, not the search. */
async function recordsOf(folder: Folder, tag: string): Promise<number[]> {
	const { found, unindexed } = await findRecords(folder, [tag]);
	return (await folder.scan([...found, ...unindexed]))
		.filter(({ headers }) => {
			const subject = recordSubjectOf(headers);
			return subject?.type === 'submissions' && subject.tag === tag;
		})
		.map(({ uid }) => uid);
}

function cannotForget(): MailError {
	return new MailError(
		'notSupported',
		'The mail server cannot remove single messages (UIDPLUS): nothing was removed',
		{
			whatToDo: 'Keep the records: they are small, and harm nothing',
			retry: 'never',
		},
	);
}

function notAllForgotten(removed: number, left: number): MailError {
	return new MailError(
		'refused',
		`${removed} records of the mailing were removed and ${left} are left: it is not forgotten, and must not be sent before it is`,
		{ whatToDo: 'Run Forget again until no record is left', retry: 'now' },
	);
}
