import type { ArgumentParser } from '../argumentParser.ts';
import { bodyStructureText, envelopeText } from '../bodyStructure.ts';
import { ok } from '../command.ts';
import type { CommandTable, Reply } from '../command.ts';
import { formatInternalDate } from '../dates.ts';
import { parseFetchItems } from '../fetchItems.ts';
import type { FetchItem } from '../fetchItems.ts';
import { parseMessage } from '../mimeTree.ts';
import type { MimePart } from '../mimeTree.ts';
import { sectionBytes } from '../section.ts';
import type { SelectedFolder } from '../selectedFolder.ts';
import { messagesIn, parseSequenceSet } from '../sequenceSet.ts';
import type { Numbered } from '../sequenceSet.ts';
import type { Session } from '../session.ts';

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
	const { message } = target;
	const selected = session.open();
	// Parsed once for all items, and forgotten with the command: a cache would outweigh the messages.
	let tree: MimePart | undefined;
	const parsed = (): MimePart => (tree ??= parseMessage(message.raw));
	let separator = `* ${target.sequence} FETCH (`;
	for (const item of items) {
		session.write(separator);
		separator = ' ';
		switch (item.kind) {
			case 'UID':
				session.write(`UID ${message.uid}`);
				break;
			case 'FLAGS':
				session.write(`FLAGS ${selected.flagsText(message)}`);
				break;
			case 'INTERNALDATE':
				session.write(`INTERNALDATE ${formatInternalDate(message.internalDate)}`);
				break;
			case 'RFC822.SIZE':
				session.write(`RFC822.SIZE ${message.raw.length}`);
				break;
			case 'ENVELOPE':
				session.write(`ENVELOPE ${envelopeText(message.raw, parsed())}`);
				break;
			case 'BODY':
			case 'BODYSTRUCTURE': {
				const extended = item.kind === 'BODYSTRUCTURE';
				session.write(`${item.kind} ${bodyStructureText(message.raw, parsed(), extended)}`);
				break;
			}
			case 'section':
				writeSection(session, message.raw, item);
				break;
		}
	}
	session.write(')\r\n');
}

function writeSection(
	session: Session,
	raw: Buffer,
	{ section, label, partial }: Extract<FetchItem, { kind: 'section' }>,
): void {
	const whole = sectionBytes(raw, section);
	if (whole === undefined) {
		session.write(`${label} NIL`);
		return;
	}
	const bytes =
		partial === undefined ? whole : whole.subarray(partial.offset, partial.offset + partial.length);
	session.write(`${label} {${bytes.length}}\r\n`);
	session.write(bytes);
}
