import type { ImapSession, OpenFolder, ScannedMessage, SearchCriteria } from '../mail/types';
import { MailError, unless } from '../mail/errors';
import { folderChanged } from '../mail/imapError';
import { readPecHeaders } from '../pec/message';
import { pecKeyOf } from '../pec/pecKey';
import type { PecHeaders } from '../pec/types';
import { listedOf, type ListedMessage } from './mailbox';
import { readGiven } from './readAround';

/** Of a message, what is known before its certification data is read. */
export interface SeenMessage {
	readonly pecKey: string;
	readonly headers: PecHeaders;
	readonly message: ScannedMessage;
}

export interface PageOptions {
	readonly account: string;
	/** Looked through in this order. */
	readonly folders: readonly string[];
	/** One search a folder. */
	readonly criteria: SearchCriteria;
	/** What a search cannot tell. */
	readonly keep: (seen: SeenMessage) => boolean;
	readonly limit: number;
	/** Goes on behind this message: of the same folders, with the same criteria. */
	readonly after?: MessagePosition;
}

/** Where a page ended. New messages come before it, and one that left is not missed. */
export interface MessagePosition {
	readonly folder: string;
	readonly uidValidity: string;
	readonly uid: number;
}

/** One of a page; `withheld`: the server lists it and does not give it, so it may be anything. */
export type PagedMessage = ListedMessage | { readonly withheld: MessagePosition };

/** So many headers are in memory at once. */
const WINDOW = 200;

/** At least, where there are as many: of one alone nobody could tell whether it is withheld, or the server out of order. */
const LEAST = 10;

const DAY_MS = 24 * 3_600_000;

/** As text: the folder stands last, since its name may hold anything. */
export function cursorOf({ folder, uidValidity, uid }: MessagePosition): string {
	return `${uidValidity}.${uid}.${folder}`;
}

/** @returns `undefined` for what is no cursor */
export function positionOf(cursor: string): MessagePosition | undefined {
	const [, uidValidity = '', uid = '', folder = ''] = /^(\d+)\.(\d+)\.(.+)$/s.exec(cursor) ?? [];
	return folder === '' ? undefined : { folder, uidValidity, uid: Number(uid) };
}

/**
 * Messages folder by folder, those that came into a folder last first. Nothing of a page is kept here.
 * @throws MailError `folderChanged` when the folder of `after` was numbered anew
 */
export async function* pageMessages(
	imap: ImapSession,
	options: PageOptions,
): AsyncGenerator<PagedMessage, void> {
	const { folders, after } = options;
	const start = after ? folders.indexOf(after.folder) : 0;
	if (start === -1) throw cursorElsewhere();
	let left = options.limit;
	for (const path of folders.slice(start)) {
		const opened = await unless('folderMissing', imap.open(path, { readOnly: true }));
		if (!opened) {
			if (folders.length === 1) await imap.open(path, { readOnly: true });
			continue;
		}
		const isContinued = after?.folder === path;
		if (isContinued && after.uidValidity !== opened.uidValidity) throw folderChanged(path);
		for await (const listed of pageOf(opened, options, isContinued ? after.uid : Infinity)) {
			yield listed;
			left -= 1;
			if (left <= 0) return;
		}
	}
}

async function* pageOf(
	folder: OpenFolder,
	{ account, criteria, keep, limit }: PageOptions,
	below: number,
): AsyncGenerator<PagedMessage, void> {
	const { uidValidity } = folder;
	if (folder.messages === 0) return;
	const { uids, isExact } = await search(folder, criteria);
	const wanted = uids.filter((uid) => uid < below);
	const isSought = isExact ? () => true : textFilter(criteria);
	const isKept = (message: ScannedMessage): boolean => {
		if (!isWithin(message.receivedAt, criteria)) return false;
		const headers = readPecHeaders(message.headers);
		const pecKey = pecKeyOf(message.headers, message.size);
		return isSought(headers) && keep({ pecKey, headers, message });
	};
	const read = async (asked: readonly number[]) => {
		const scanned = await folder.scan(asked);
		const kept = await listedOf(folder, scanned.filter(isKept), account);
		const listed = new Map(kept.map((each) => [each.mailbox.uid, each]));
		return scanned.map(({ uid }) => ({ uid, listed: listed.get(uid) }));
	};
	// A page of ten need not read two hundred headers, unless most are left out.
	let size = Math.min(WINDOW, Math.max(limit, LEAST));
	for (let end = wanted.length; end > 0;) {
		const from = Math.max(0, end - size);
		const { given, withheld } = await readGiven(folder, wanted.slice(from, end), read);
		const found = new Map<number, PagedMessage>();
		for (const { uid, listed } of given) if (listed) found.set(uid, listed);
		for (const each of withheld) found.set(each.uid, { withheld: { ...each, uidValidity } });
		for (const uid of [...found.keys()].sort((one, other) => other - one)) yield found.get(uid)!;
		end = from;
		size = WINDOW;
	}
}

/** Servers refuse searches in a charset or of a header they do not know: then the headers are looked at here. */
async function search(
	folder: OpenFolder,
	criteria: SearchCriteria,
): Promise<{ uids: number[]; isExact: boolean }> {
	const { since, before, ...rest } = criteria;
	// A search knows days, in the server's time zone: a day more on each side, and the time is looked at here.
	const dates = {
		...(since ? { since: new Date(since.getTime() - DAY_MS) } : {}),
		...(before ? { before: new Date(before.getTime() + 2 * DAY_MS) } : {}),
	};
	const uids = await unless('refused', folder.search({ ...rest, ...dates }));
	if (uids) return { uids, isExact: true };
	const { from: _from, to: _to, subject: _subject, header: _header, ...plain } = rest;
	return { uids: await folder.search({ ...plain, ...dates }), isExact: false };
}

function isWithin(at: Date, { since, before }: SearchCriteria): boolean {
	return (!since || at >= since) && (!before || at < before);
}

function textFilter({ from, to, subject }: SearchCriteria): (headers: PecHeaders) => boolean {
	const holds = (text: string | undefined, part: string | undefined) =>
		part === undefined || (text ?? '').toLowerCase().includes(part.toLowerCase());
	return ({ envelope }) =>
		holds(envelope.from, from) &&
		holds(envelope.to.join(', '), to) &&
		holds(envelope.subject, subject);
}

function cursorElsewhere(): MailError {
	return new MailError('folderMissing', 'The place to go on from is in none of these folders', {
		whatToDo: 'Go on with the same folders and filters as before, or leave After empty',
		retry: 'never',
	});
}
