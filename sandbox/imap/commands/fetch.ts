import type { ArgumentParser } from '../argumentParser.ts';
import { bodyStructureText, envelopeText } from '../bodyStructure.ts';
import { ok } from '../command.ts';
import type { CommandTable, Reply } from '../command.ts';
import { formatInternalDate } from '../dates.ts';
import { parseFetchItems } from '../fetchItems.ts';
import type { FetchItem } from '../fetchItems.ts';
import { MessageReader } from '../messageReader.ts';
import { sectionBytes } from '../section.ts';
import type { SelectedFolder } from '../selectedFolder.ts';
import { messagesIn, parseSequenceSet } from '../sequenceSet.ts';
import type { Numbered } from '../sequenceSet.ts';
import type { Session } from '../session.ts';
import type { StoredMessage } from '../../store/storedMessage.ts';

/** Reading messages (RFC 3501 6.4.5). */
export const fetchCommands: CommandTable = {
	FETCH: {
		when: 'selected',
		expunges: false,
		run: (session, args) => fetch(session, args, 'sequence'),
	},
	'UID FETCH': {
		when: 'selected',
		expunges: true,
		run: (session, args) => fetch(session, args, 'uid'),
	},
};

async function fetch(
	session: Session,
	args: ArgumentParser,
	by: 'uid' | 'sequence',
): Promise<Reply> {
	args.space();
	const set = parseSequenceSet(args);
	args.space();
	let items = parseFetchItems(args);
	args.end();
	// RFC 3501 6.4.8: UID FETCH answers with the UID even when it was not asked for.
	if (by === 'uid' && !items.some(({ kind }) => kind === 'UID'))
		items = [{ kind: 'UID' }, ...items];

	const selected = session.open();
	const marksSeen =
		!selected.readOnly && items.some((item) => item.kind === 'section' && !item.peek);
	for (const target of messagesIn(selected.view, set, by)) {
		const showsFlags = marksSeen && markSeen(selected, target);
		writeMessage(session, target, showsFlags ? withFlags(items) : items);
		await session.connection.flushIfFull();
		if (session.connection.closed) break;
	}
	return ok('fetched');
}

/** Whether the message was unseen until now. */
function markSeen(selected: SelectedFolder, { message }: Numbered): boolean {
	if (message.flags.has('\\Seen')) return false;
	selected.silently(() => selected.folder.setFlags([message.uid], ['\\Seen'], 'add'));
	return true;
}

function withFlags(items: FetchItem[]): FetchItem[] {
	return items.some(({ kind }) => kind === 'FLAGS') ? items : [...items, { kind: 'FLAGS' }];
}

function writeMessage(session: Session, target: Numbered, items: readonly FetchItem[]): void {
	const selected = session.open();
	const reader = new MessageReader(target.message.bytes);
	// All of it before the first byte goes out: what fails half-way would leave half a response on the line.
	const parts = items.map((item) => itemParts(selected, target.message, reader, item));
	session.write(`* ${target.sequence} FETCH (`);
	parts.forEach((each, index) => {
		if (index > 0) session.write(' ');
		for (const part of each) session.write(part);
	});
	session.write(')\r\n');
}

function itemParts(
	selected: SelectedFolder,
	message: StoredMessage,
	reader: MessageReader,
	item: FetchItem,
): readonly (string | Buffer)[] {
	switch (item.kind) {
		case 'UID':
			return [`UID ${message.uid}`];
		case 'FLAGS':
			return [`FLAGS ${selected.flagsText(message)}`];
		case 'INTERNALDATE':
			return [`INTERNALDATE ${formatInternalDate(message.internalDate)}`];
		case 'RFC822.SIZE':
			return [`RFC822.SIZE ${message.size}`];
		case 'ENVELOPE':
			return [`ENVELOPE ${envelopeText(reader.header, reader)}`];
		case 'BODY':
		case 'BODYSTRUCTURE': {
			const extended = item.kind === 'BODYSTRUCTURE';
			return [`${item.kind} ${bodyStructureText(reader.raw, reader.tree, extended)}`];
		}
		case 'section': {
			const bytes = sectionBytes(reader, item.section, item.partial);
			if (bytes === undefined) return [`${item.label} NIL`];
			return [`${item.label} {${bytes.length}}\r\n`, bytes];
		}
	}
}
