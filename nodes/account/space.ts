import type { ImapSession } from '../mail/types';
import { spaceOf, type Space } from '../pec/space';
import { presentFields } from '../pec/presentFields';
import { isRecordsFolder } from './recordsFolder';

/**
 * How full the mailbox is, and its folders. Our own records are told apart from the user's folders.
 * @param limits `givenLimit`, bytes, counts where the server names none; `threshold` in percent
 * @throws MailError
 */
export async function readSpace(
	imap: ImapSession,
	{ givenLimit, threshold }: { readonly givenLimit?: number; readonly threshold: number },
): Promise<Space> {
	const { source, folders, closed } = await imap.folderSizes();
	const quota = await imap.quota();
	const [records] = folders.filter(({ path }) => isRecordsFolder(path));
	return spaceOf(
		presentFields({
			quota,
			folders: folders.filter(({ path }) => !isRecordsFolder(path)),
			foldersSource: source,
			records,
			closed,
			givenLimit,
			threshold,
		}),
	);
}
