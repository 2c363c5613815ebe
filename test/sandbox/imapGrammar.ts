import fc from 'fast-check';

/** Commands as a client might write them, in latin1, with their literals; sound ones and broken ones. */

/** Bytes of a literal that a test can still send when they are missing. */
const MAX_SENT = 2000;
/** Or above every limit. */
const literalSize = fc.constantFrom(0, 1, 3, 70, 500, MAX_SENT, 9_999_999_999);

const text = fc.oneof(
	fc.constantFrom('INBOX', 'Archivio', 'x', 'a/b', 'nessuno', '*', '%', '', '\\', '"', 'NIL'),
	fc.string({ maxLength: 8, unit: 'binary-ascii' }),
	fc.constantFrom('\xff\x00', '&-', '&AOg-', '&', 'è', 'a'.repeat(300), '=?utf-8?q?=e0?='),
);
const literal = fc
	.tuple(text, fc.boolean())
	.map(
		([content, waits]) =>
			`{${Buffer.byteLength(content, 'latin1')}${waits ? '' : '+'}}\r\n${content}`,
	);
const astring = fc.oneof(
	{ weight: 3, arbitrary: fc.constantFrom('INBOX', 'Archivio', 'x', 'Subject', 'From') },
	text.map((content) => `"${content.replace(/[\\"]/g, '\\$&').replace(/[\r\n]/g, '')}"`),
	literal,
);
const number = fc.oneof(
	fc.integer({ min: 0, max: 9 }).map(String),
	fc.constantFrom('4294967295', '4294967296', '99999999999', '-1', '007', '1e5', '*'),
);
const set = fc
	.array(
		fc.oneof(
			number,
			fc.tuple(number, number).map((pair) => pair.join(':')),
		),
		{
			minLength: 1,
			maxLength: 4,
		},
	)
	.map((ranges) => ranges.join(','));
const list = (item: fc.Arbitrary<string>): fc.Arbitrary<string> =>
	fc.array(item, { maxLength: 4 }).map((items) => `(${items.join(' ')})`);

const sectionText = fc.oneof(
	fc.constantFrom('', 'HEADER', 'TEXT', 'MIME', '1', '1.2', '1.HEADER', '1.1.MIME', '999999', '0'),
	fc
		.tuple(fc.constantFrom('', '1.', '2.1.'), fc.constantFrom('', '.NOT'), list(astring))
		.map(([path, not, names]) => `${path}HEADER.FIELDS${not} ${names}`),
);
const section = fc
	.tuple(
		fc.constantFrom('BODY', 'BODY.PEEK'),
		sectionText,
		fc.option(fc.tuple(number, number), { nil: undefined }),
	)
	.map(([name, of, partial]) => `${name}[${of}]${partial ? `<${partial.join('.')}>` : ''}`);
const fetchItem = fc.oneof(
	fc.constantFrom(
		...['UID', 'FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE', 'BODY', 'BODYSTRUCTURE'],
		...['RFC822', 'RFC822.HEADER', 'RFC822.TEXT', 'ALL', 'FULL', 'FAST', 'BODYSTRUCTURE[]'],
	),
	section,
);
const flag = fc.constantFrom('\\Seen', '\\Deleted', '\\Recent', '\\Odd', 'kw', '$Forwarded', '\\*');
const date = fc.constantFrom('1-Feb-2026', '"29-Feb-2025"', '1-Xyz-2026', '99-Jan-0000', '""');

const { key } = fc.letrec<{ key: string }>((tie) => ({
	key: fc.oneof(
		{ maxDepth: 4, withCrossShrink: true },
		fc.constantFrom('ALL', 'SEEN', 'UNSEEN', 'NEW', 'OLD', 'RECENT', 'NOPE'),
		fc.tuple(fc.constantFrom('FROM', 'BODY', 'TEXT', 'SUBJECT'), astring).map((p) => p.join(' ')),
		fc.tuple(astring, astring).map((pair) => `HEADER ${pair.join(' ')}`),
		fc.tuple(fc.constantFrom('ON', 'SENTSINCE', 'BEFORE'), date).map((pair) => pair.join(' ')),
		fc.tuple(fc.constantFrom('LARGER', 'SMALLER', 'UID'), number).map((pair) => pair.join(' ')),
		fc.tuple(fc.constantFrom('KEYWORD', 'UNKEYWORD'), flag).map((pair) => pair.join(' ')),
		set,
		fc.tuple(tie('key'), tie('key')).map((keys) => `OR ${keys.join(' ')}`),
		tie('key').map((inner) => `NOT ${inner}`),
		fc.array(tie('key'), { minLength: 1, maxLength: 3 }).map((keys) => `(${keys.join(' ')})`),
	),
}));
const searchKeys = fc.array(key, { minLength: 1, maxLength: 3 }).map((keys) => keys.join(' '));
const statusItems = list(fc.constantFrom('MESSAGES', 'UIDNEXT', 'SIZE', 'UNSEEN', 'RECENT', 'X'));

const uid = fc.constantFrom('', 'UID ');
const join = (...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
	fc.tuple(...parts).map((all) => all.join(''));
const is = (word: string): fc.Arbitrary<string> => fc.constant(word);

/** What stands behind the tag. */
const command = fc.oneof(
	join(uid, is('FETCH '), set, is(' '), fc.oneof(fetchItem, list(fetchItem))),
	join(
		uid,
		is('STORE '),
		set,
		fc.constantFrom(' FLAGS ', ' +FLAGS.SILENT ', ' -FLAGS '),
		list(flag),
	),
	join(uid, is('SEARCH '), fc.constantFrom('', 'CHARSET UTF-8 ', 'CHARSET x '), searchKeys),
	join(uid, fc.constantFrom('COPY ', 'MOVE '), set, is(' '), astring),
	join(is('APPEND '), astring, fc.constantFrom(' ', ' (\\Seen) ', ' "31-Feb-2026 0" '), literal),
	join(fc.constantFrom('SELECT ', 'EXAMINE ', 'CREATE ', 'DELETE ', 'SUBSCRIBE '), astring),
	join(fc.constantFrom('RENAME ', 'LIST ', 'LSUB ', 'LOGIN '), astring, is(' '), astring),
	join(is('LIST (SUBSCRIBED) "" '), list(astring), is(' RETURN '), list(is('SPECIAL-USE'))),
	join(is('STATUS '), astring, is(' '), statusItems),
	join(is('LIST "" % RETURN (STATUS '), statusItems, is(')')),
	join(is('UID EXPUNGE '), set),
	join(fc.constantFrom('GETQUOTA ', 'GETQUOTAROOT ', 'ENABLE '), astring),
	join(is('ID '), list(astring)),
	fc.constantFrom(
		'IDLE',
		'NOOP',
		'CHECK',
		'CLOSE',
		'UNSELECT',
		'EXPUNGE',
		'CAPABILITY',
		'STARTTLS',
	),
	fc.constantFrom('AUTHENTICATE PLAIN', 'AUTHENTICATE PLAIN =', 'UID', 'UID ', '', 'XYZZY'),
);

const junk = fc.oneof(
	fc.constantFrom('(', ')', '[', ']', '<', '>', '"', '\\', '{', '}', '*', '%', ' ', '\r\n', '\n'),
	fc.constantFrom('\0', '\r', '\xff', '\x80', '('.repeat(5000), 'x'.repeat(70_000), '9'.repeat(40)),
	fc.constantFrom('NOT '.repeat(200), ' (NIL'.repeat(200), '1:*,'.repeat(3000)),
	literalSize.map((size) => `{${size}}\r\n`),
	literalSize.map((size) => `{${size}+}\r\n`),
	fc.string({ maxLength: 5, unit: 'binary-ascii' }),
);

/** A place in a text, as a part of its length. */
const place = fc.double({ min: 0, max: 1, noNaN: true });

const change = fc.oneof(
	fc.record({ at: place, put: junk }),
	fc.record({ at: place, cut: fc.integer({ min: 1, max: 10 }) }),
	fc.record({ at: place, again: fc.integer({ min: 1, max: 20 }) }),
);

function changed(
	line: string,
	edit: typeof change extends fc.Arbitrary<infer T> ? T : never,
): string {
	const at = Math.floor(edit.at * line.length);
	if ('put' in edit) return line.slice(0, at) + edit.put + line.slice(at);
	if ('cut' in edit) return line.slice(0, at) + line.slice(at + edit.cut);
	return line.slice(0, at) + line.slice(at, at + edit.again).repeat(3) + line.slice(at);
}

/** A change may have made another size of one. */
function sendable(line: string): string {
	return line.replace(/\{(\d{4,9})(?=\+?\}\r\n)/g, (marker, size: string) =>
		Number(size) > MAX_SENT ? `{${MAX_SENT}` : marker,
	);
}

/** A command without tag and line end, sound or not. */
export const anyCommand: fc.Arbitrary<string> = fc
	.tuple(command, fc.oneof(fc.constant([]), fc.array(change, { minLength: 1, maxLength: 3 })))
	.map(([line, edits]) => sendable(edits.reduce(changed, line)));

/** What stands behind SEARCH. */
export const anySearchKeys = fc
	.tuple(searchKeys, fc.array(change, { maxLength: 2 }))
	.map(([line, edits]) => edits.reduce(changed, line));

/** What stands behind the numbers of FETCH. */
export const anyFetchItems = fc
	.tuple(fc.oneof(fetchItem, list(fetchItem)), fc.array(change, { maxLength: 2 }))
	.map(([line, edits]) => edits.reduce(changed, line));
