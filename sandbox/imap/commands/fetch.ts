import type { ArgumentParser } from '../argumentParser.ts';
import { UnknownEncodingError, binaryBytes } from '../binarySection.ts';
import { bodyStructureText, envelopeText } from '../bodyStructure.ts';
import { no, ok } from '../command.ts';
import type { CommandTable, Reply } from '../command.ts';
import { formatInternalDate } from '../dates.ts';
import { parseFetchItems } from '../fetchItems.ts';
import type { FetchItem } from '../fetchItems.ts';
import { parseFetchModifiers } from '../fetchModifiers.ts';
import type { FetchModifiers } from '../fetchModifiers.ts';
import { MessageReader } from '../messageReader.ts';
import { enableCondstore, keepsModseq } from '../modseq.ts';
import { partOf } from '../partialRange.ts';
import { writeVanishedEarlier } from '../resync.ts';
import { sectionBytes } from '../section.ts';
import type { SelectedFolder } from '../selectedFolder.ts';
import { messagesIn, parseSequenceSet, uidTest } from '../sequenceSet.ts';
import type { Numbered } from '../sequenceSet.ts';
import type { Session } from '../session.ts';
import type { StoredMessage } from '../../store/storedMessage.ts';

/** Reading messages (RFC 3501 6.4.5, RFC 7162 3.1.4 and 3.2.6, RFC 3516, RFC 8474 5, RFC 9394 3.3). */
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
	const set = parseSequenceSet(args, session.saved);
	args.space();
	let items = parseFetchItems(args, (capability) =>
		capability === 'MODSEQ' ? keepsModseq(session) : session.capabilities.has(capability),
	);
	const modifiers: FetchModifiers = args.takes(' ') ? parseFetchModifiers(session, args, by) : {};
	args.end();
	// RFC 3501 6.4.8: UID FETCH answers with the UID even when it was not asked for.
	if (by === 'uid' && !items.some(({ kind }) => kind === 'UID'))
		items = [{ kind: 'UID' }, ...items];
	const { changedSince } = modifiers;
	// RFC 7162 3.1.4.1: what changed comes with the mod-sequence it has now.
	if (changedSince !== undefined) items = withItem(items, 'MODSEQ');
	if (items.some(({ kind }) => kind === 'MODSEQ')) enableCondstore(session);

	const selected = session.open();
	session.write(selected.takeKeywords());
	if (changedSince !== undefined && modifiers.vanished === true) {
		writeVanishedEarlier(session, changedSince, uidTest(set));
	}
	const marksSeen = !selected.readOnly && items.some((item) => 'peek' in item && !item.peek);
	let undecoded = false;
	for (const target of targetsOf(messagesIn(selected.view, set, by), modifiers)) {
		const reader = new MessageReader(target.message.bytes);
		const contents = binaryContents(reader, items);
		undecoded ||= contents === undefined;
		if (contents === undefined) continue;
		const showsFlags = marksSeen && markSeen(selected, target);
		const shown = showsFlags ? withItem(items, 'FLAGS') : items;
		const tellsModseq = showsFlags && session.enabled.has('CONDSTORE') && keepsModseq(session);
		const told = tellsModseq ? withItem(shown, 'MODSEQ') : shown;
		writeMessage(session, target, told, reader, contents);
		await session.connection.flushIfFull();
		if (session.connection.closed) break;
	}
	return undecoded ? no('a part has an unknown encoding', 'UNKNOWN-CTE') : ok('fetched');
}

function targetsOf(
	named: readonly Numbered[],
	{ changedSince, partial }: FetchModifiers,
): readonly Numbered[] {
	const changed =
		changedSince === undefined
			? named
			: named.filter(({ message }) => message.modseq > changedSince);
	return partial === undefined ? changed : partOf(changed, partial);
}

/** The decoded parts the items ask for, by label; `undefined` when one cannot be decoded. */
function binaryContents(
	reader: MessageReader,
	items: readonly FetchItem[],
): ReadonlyMap<string, Buffer | undefined> | undefined {
	const contents = new Map<string, Buffer | undefined>();
	try {
		for (const item of items) {
			if (item.kind !== 'binary' && item.kind !== 'binarySize') continue;
			contents.set(item.label, binaryBytes(reader, item.path));
		}
	} catch (error) {
		if (error instanceof UnknownEncodingError) return undefined;
		throw error;
	}
	return contents;
}

/** Whether the message was unseen until now. */
function markSeen(selected: SelectedFolder, { message }: Numbered): boolean {
	// of a folder that was renumbered meanwhile, the UID is another message's
	if (message.flags.has('\\Seen') || selected.lost !== undefined) return false;
	selected.silently(() => selected.folder.setFlags([message.uid], ['\\Seen'], 'add'));
	return true;
}

function withItem(items: FetchItem[], added: 'FLAGS' | 'MODSEQ'): FetchItem[] {
	return items.some(({ kind }) => kind === added) ? items : [...items, { kind: added }];
}

function writeMessage(
	session: Session,
	target: Numbered,
	items: readonly FetchItem[],
	reader: MessageReader,
	contents: ReadonlyMap<string, Buffer | undefined>,
): void {
	const selected = session.open();
	// All of it before the first byte goes out: what fails half-way would leave half a response on the line.
	const parts = items.map((item) =>
		itemParts(selected, target.message, { reader, contents }, item),
	);
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
	{
		reader,
		contents,
	}: { reader: MessageReader; contents: ReadonlyMap<string, Buffer | undefined> },
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
		case 'MODSEQ':
			return [`MODSEQ (${message.modseq})`];
		case 'EMAILID':
			return [`EMAILID (${message.emailId})`];
		case 'THREADID':
			// RFC 8474 5.2: of a server that does not tell threads.
			return ['THREADID NIL'];
		case 'binary':
			return binaryParts(item, contents.get(item.label));
		case 'binarySize':
			return [`${item.label} ${contents.get(item.label)?.length ?? 0}`];
		case 'section': {
			const bytes = sectionBytes(reader, item.section, item.partial);
			if (bytes === undefined) return [`${item.label} NIL`];
			return [`${item.label} {${bytes.length}}\r\n`, bytes];
		}
	}
}

function binaryParts(
	{ label, partial }: Extract<FetchItem, { kind: 'binary' | 'binarySize' }>,
	whole: Buffer | undefined,
): readonly (string | Buffer)[] {
	if (whole === undefined) return [`${label} NIL`];
	const bytes =
		partial === undefined ? whole : whole.subarray(partial.offset, partial.offset + partial.length);
	// RFC 3516 4.2: with NUL as a literal8
	return [`${label} ${bytes.includes(0) ? '~' : ''}{${bytes.length}}\r\n`, bytes];
}
