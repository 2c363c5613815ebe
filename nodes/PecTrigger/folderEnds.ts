import { arrivalFolders } from '../account/messageFolders';
import type { FolderPosition } from '../account/watchState';
import type { ImapSession } from '../mail/types';

/** Where folders ended when a person activated a trigger. */
export type FolderEnds = ReadonlyMap<string, FolderPosition>;

/**
 * Where folders end now: where a watch begins that a person activates.
 * @param chosen everywhere messages may arrive unless given
 * @throws MailError, also for a chosen folder that is not there
 */
export async function folderEnds(
	imap: ImapSession,
	chosen: readonly string[] | undefined,
): Promise<FolderEnds> {
	for (const path of chosen ?? []) await imap.open(path, { readOnly: true });
	const states = await (chosen ? imap.folderStates(chosen) : imap.listStates(arrivalFolders));
	return new Map(
		[...states].flatMap(([path, state]) =>
			state ? [[path, { uidValidity: state.uidValidity, lastUid: state.uidNext - 1 }]] : [],
		),
	);
}
