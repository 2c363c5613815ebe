import type { Folder } from '../store/folder.ts';
import { indexAtOrAbove } from '../store/uidOrder.ts';

/** What STATUS and SELECT tell of a folder. */
export type FolderView = Pick<
	Folder,
	| 'path'
	| 'messages'
	| 'size'
	| 'uidNext'
	| 'uidValidity'
	| 'recentFrom'
	| 'highestModseq'
	| 'mailboxId'
>;

/** The folder as one sees it who sees only what lies below the UID `horizon`: the folder itself when that is all. */
export function folderView(folder: Folder, horizon: number): FolderView {
	if (horizon >= folder.uidNext) return folder;
	const end = indexAtOrAbove(folder.messages, horizon);
	const messages = folder.messages.slice(0, end);
	const hidden = folder.messages.slice(end).map(({ modseq }) => modseq);
	return {
		path: folder.path,
		messages,
		size: messages.reduce((sum, { size }) => sum + size, 0),
		uidNext: horizon,
		uidValidity: folder.uidValidity,
		recentFrom: folder.recentFrom,
		// what is hidden is news to whoever asks for changes since then
		highestModseq: Math.min(folder.highestModseq, ...hidden.map((modseq) => modseq - 1)),
		mailboxId: folder.mailboxId,
	};
}
