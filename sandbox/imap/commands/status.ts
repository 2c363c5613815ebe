import type { Folder } from '../../store/folder.ts';
import { BadCommandError } from '../argumentParser.ts';
import type { ArgumentParser } from '../argumentParser.ts';
import type { Capabilities } from '../capabilities.ts';
import { mailboxString } from '../responseText.ts';

const ITEMS: Readonly<Record<string, (folder: Folder) => number>> = {
	MESSAGES: (folder) => folder.messages.length,
	RECENT: (folder) => folder.messages.filter(({ uid }) => uid >= folder.recentFrom).length,
	UIDNEXT: (folder) => folder.uidNext,
	UIDVALIDITY: (folder) => folder.uidValidity,
	UNSEEN: (folder) => folder.messages.filter(({ flags }) => !flags.has('\\Seen')).length,
	// RFC 8438
	SIZE: (folder) => folder.size,
};

/** Reads `(MESSAGES UIDNEXT)` (RFC 3501 6.3.10). Throws BadCommandError. */
export function parseStatusItems(args: ArgumentParser, capabilities: Capabilities): string[] {
	return args.list(() => {
		const item = args.keyword();
		const known =
			Object.hasOwn(ITEMS, item) && (item !== 'SIZE' || capabilities.has('STATUS=SIZE'));
		if (!known) throw new BadCommandError('unknown status item');
		return item;
	});
}

/** The untagged STATUS response. */
export function statusText(folder: Folder, items: readonly string[]): string {
	const values = items.map((item) => `${item} ${ITEMS[item]?.(folder) ?? 0}`);
	return `* STATUS ${mailboxString(folder.path)} (${values.join(' ')})\r\n`;
}
