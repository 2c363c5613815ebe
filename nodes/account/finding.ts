import type { ImapSession, SearchCriteria } from '../mail/types';
import { unless } from '../mail/errors';
import { sizeOfPecKey } from '../pec/pecKey';
import type { CopyRecord } from '../pec/types';
import type { Deleted } from './cleanUpRecords';
import { listedOf, scanForMessage, type ListedMessage } from './mailbox';
import { messageFolders } from './messageFolders';
import { cursorOf, pageMessages, type MessagePosition } from './messagePages';
import type { Records } from './records';

/** All that are given must hold. */
export interface Sought {
	readonly pecKey?: string;
	/** Of the message, or of the letter that an envelope or a receipt is about; without angle brackets. */
	readonly messageId?: string;
	readonly subject?: string;
	/** A part of an address or a name, of either side. */
	readonly correspondent?: string;
	readonly since?: Date;
	readonly before?: Date;
}

export type FoundMessage =
	| {
			readonly where: 'mailbox';
			readonly listed: ListedMessage;
			readonly copy?: CopyRecord;
	  }
	/** The search named it, and the server does not give it. */
	| { readonly where: 'mailbox'; readonly withheld: MessagePosition }
	| {
			readonly where: 'copy';
			readonly copy: CopyRecord;
			readonly deleted?: Deleted;
	  };

const REFERENCE = 'X-Riferimento-Message-ID';

/**
 * Where messages are: those in the mailbox first, then those of which only a copy is known. A copy whose time is not on
 * record is not left out by dates.
 * @throws MailError, RecordsError
 */
export async function* findMessages(
	imap: ImapSession,
	records: Records,
	sought: Sought,
	{ account, limit }: { account: string; limit: number },
): AsyncGenerator<FoundMessage, void> {
	const copies = await records.readCopies();
	const found = new Set<string>();
	const folders = await messageFolders(imap);
	for (const criteria of searchesOf(sought)) {
		if (found.size >= limit) return;
		const page = pageMessages(imap, {
			account,
			folders,
			criteria,
			keep: ({ pecKey }) =>
				!found.has(pecKey) && (sought.pecKey === undefined || sought.pecKey === pecKey),
			limit: limit - found.size,
		});
		for await (const listed of page) {
			if ('withheld' in listed) {
				const place = cursorOf(listed.withheld);
				if (!found.has(place)) yield { where: 'mailbox', ...listed };
				found.add(place);
				continue;
			}
			found.add(listed.pecKey);
			const copy = copies.get(listed.pecKey);
			yield { where: 'mailbox', listed, ...(copy ? { copy } : {}) };
		}
	}
	const deleted = new Map(
		(await records.cleanUps.readDeletions())
			.flatMap(({ deletions }) => deletions)
			.map((deletion) => [deletion.pecKey, deletion]),
	);
	for (const copy of [...copies.values()].reverse()) {
		if (found.size >= limit) return;
		if (found.has(copy.pecKey) || !isSought(copy, sought)) continue;
		found.add(copy.pecKey);
		const gone = deleted.get(copy.pecKey);
		// A search can miss what a record names; what a clean-up deleted need not be looked for.
		const listed = gone ? undefined : await lookFor(imap, copy.pecKey, account);
		if (listed) yield { where: 'mailbox', listed, copy };
		else yield { where: 'copy', copy, ...(gone ? { deleted: gone } : {}) };
	}
}

/** A server that knows no OR in our requests is asked for each. */
function searchesOf({
	pecKey,
	messageId,
	subject,
	correspondent,
	since,
	before,
}: Sought): SearchCriteria[] {
	const size = pecKey === undefined ? undefined : sizeOfPecKey(pecKey);
	const common: SearchCriteria = {
		...(size === undefined ? {} : { larger: size - 1, smaller: size + 1 }),
		...(subject === undefined ? {} : { subject }),
		...(since ? { since } : {}),
		...(before ? { before } : {}),
	};
	const byId: SearchCriteria[] =
		messageId === undefined
			? [{}]
			: [{ header: { 'Message-ID': messageId } }, { header: { [REFERENCE]: messageId } }];
	const byPerson: SearchCriteria[] =
		correspondent === undefined ? [{}] : [{ from: correspondent }, { to: correspondent }];
	return byId.flatMap((id) => byPerson.map((person) => ({ ...common, ...id, ...person })));
}

function isSought(copy: CopyRecord, sought: Sought): boolean {
	const { pecKey, messageId, subject, correspondent, since, before } = sought;
	const { receipt } = copy;
	const holds = (texts: ReadonlyArray<string | undefined>, part: string | undefined) =>
		part === undefined ||
		texts.some((text) => text?.toLowerCase().includes(part.toLowerCase()) === true);
	const at = receipt?.at === undefined ? undefined : new Date(receipt.at);
	return (
		(pecKey === undefined || pecKey === copy.pecKey) &&
		holds([copy.messageId, receipt?.originalMessageId], messageId) &&
		holds([copy.subject], subject) &&
		holds([copy.from, receipt?.deliveredTo, ...recipientsOf(copy)], correspondent) &&
		(at === undefined || ((!since || at >= since) && (!before || at < before)))
	);
}

function recipientsOf({ receipt }: CopyRecord): string[] {
	return (receipt?.recipients ?? []).map(({ address }) => address);
}

async function lookFor(
	imap: ImapSession,
	pecKey: string,
	account: string,
): Promise<ListedMessage | undefined> {
	// Of what the server withholds nobody knows whether it is this one.
	const there = await unless('refused', scanForMessage(imap, { pecKey }));
	return there && (await listedOf(there.folder, [there.message], account))[0];
}
