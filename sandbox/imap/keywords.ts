import { SYSTEM_FLAGS } from '../store/flags.ts';
import type { Folder } from '../store/folder.ts';
import { no } from './command.ts';
import type { Reply } from './command.ts';
import type { Session } from './session.ts';

/** Keywords in one folder; Cyrus' limit too. */
const MAX_KEYWORDS = 128;
/** Characters of one keyword; Dovecot's limit too. */
const MAX_LENGTH = 50;

/** What a server without keywords of the client's own still stores; Exchange's list. */
const FIXED_KEYWORDS: readonly string[] = ['$MDNSent'];

/** `* FLAGS`: every flag a message of the folder may show (RFC 3501 7.2.6). */
export function flagsResponse(folder: Folder, takesKeywords: boolean): string {
	const fixed = takesKeywords ? [] : FIXED_KEYWORDS;
	const flags = new Set([...SYSTEM_FLAGS, ...fixed, ...folder.keywords]);
	return `* FLAGS (${[...flags].join(' ')})\r\n`;
}

/** What clients may set; `\*` as long as they may make keywords (RFC 3501 7.1). */
export function permanentFlagsResponse(
	{ folder, readOnly }: { readonly folder: Folder; readonly readOnly: boolean },
	takesKeywords: boolean,
): string {
	const keywords = takesKeywords ? folder.keywords : FIXED_KEYWORDS;
	const more = takesKeywords && folder.keywordCount < MAX_KEYWORDS ? ['\\*'] : [];
	const permanent = readOnly ? [] : [...SYSTEM_FLAGS, ...keywords, ...more];
	return `* OK [PERMANENTFLAGS (${permanent.join(' ')})] kept\r\n`;
}

/**
 * Those of `flags` the folder will store. A server without keywords drops the others and says OK, as Exchange does
 * (RFC 3501 7.1, PERMANENTFLAGS, allows it); one with keywords refuses what goes over its limits, as Cyrus does.
 */
export function storableFlags(
	session: Session,
	folder: Folder,
	flags: readonly string[],
): { readonly flags: readonly string[] } | { readonly refusal: Reply } {
	if (!session.capabilities.has('KEYWORDS')) {
		const fixed = new Set(FIXED_KEYWORDS.map((keyword) => keyword.toLowerCase()));
		return {
			flags: flags.filter((flag) => flag.startsWith('\\') || fixed.has(flag.toLowerCase())),
		};
	}
	const made = folder.newKeywords(flags);
	if (made.some((keyword) => keyword.length > MAX_LENGTH)) {
		return { refusal: no('a keyword is too long', 'LIMIT') };
	}
	if (made.length > 0 && folder.keywordCount + made.length > MAX_KEYWORDS) {
		return { refusal: no('the folder has too many keywords', 'LIMIT') };
	}
	return { flags };
}

/** Without the keywords the folder has never seen: to take one off is no reason to know it. */
export function knownFlags(folder: Folder, flags: readonly string[]): readonly string[] {
	const unknown = new Set(folder.newKeywords(flags));
	return flags.filter((flag) => !unknown.has(flag.toLowerCase()));
}
