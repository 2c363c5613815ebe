import type { OpenFolder } from '../mail/types';
import { unless } from '../mail/errors';
import { groupedBy } from '../pec/groups';

export interface WantedMessage {
	readonly pecKey: string;
	/** Where it was last seen: looked at first, and believed only for what lies there. */
	readonly hint?: {
		readonly folder: string;
		readonly uid?: number;
		readonly uidValidity?: string;
	};
}

/** A folder, open, and which of the messages wanted are to be at which UIDs of it. */
export interface HintedFolder {
	readonly folder: OpenFolder;
	readonly pecKeys: ReadonlyMap<number, string>;
}

/**
 * Folder by folder where messages were last seen; none that is gone, and no UIDs of before a folder was numbered anew. What
 * lies there now may be other messages.
 * @param open gives a folder to read it
 * @throws MailError
 */
export async function* hintedFolders(
	open: (path: string) => Promise<OpenFolder>,
	wanted: readonly WantedMessage[],
): AsyncGenerator<HintedFolder, void> {
	const hinted = wanted.flatMap(({ pecKey, hint }) =>
		hint?.uid === undefined ? [] : [{ ...hint, pecKey, uid: hint.uid }],
	);
	for (const [path, group] of groupedBy(hinted, ({ folder }) => folder)) {
		const folder = await unless('folderMissing', open(path));
		if (!folder) continue;
		const pecKeys = new Map<number, string>();
		for (const { pecKey, uid, uidValidity = folder.uidValidity } of group) {
			if (uidValidity === folder.uidValidity) pecKeys.set(uid, pecKey);
		}
		if (pecKeys.size > 0) yield { folder, pecKeys };
	}
}
