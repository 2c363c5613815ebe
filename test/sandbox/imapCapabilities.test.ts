import { describe, expect, it } from 'vitest';
import { APPEND_LIMIT, CAPABILITY_NAMES, Capabilities } from '../../sandbox/imap/capabilities.ts';
import { ADDRESS, PASSWORD, startDesk } from './imapDesk.ts';
import type { Desk } from './imapDesk.ts';

const PLAIN = Buffer.from(`\0${ADDRESS}\0${PASSWORD}`).toString('base64');

/** Commands of a signed-in client with INBOX open that are BAD without the capability, and OK with it. */
const UNKNOWN: Readonly<Record<string, readonly string[]>> = {
	'LITERAL+': [],
	'LITERAL-': [],
	'SASL-IR': [],
	ID: ['ID NIL'],
	ENABLE: ['ENABLE CONDSTORE'],
	STARTTLS: [],
	LOGINDISABLED: [],
	'AUTH=PLAIN': [],
	'AUTH=LOGIN': [],
	IDLE: ['IDLE'],
	NAMESPACE: ['NAMESPACE'],
	CHILDREN: [],
	'LIST-EXTENDED': [
		'LIST (SUBSCRIBED) "" *',
		'LIST "" (INBOX Bozze)',
		'LIST "" * RETURN (CHILDREN)',
		'LIST "" * RETURN (STATUS (MESSAGES))',
	],
	'LIST-STATUS': ['LIST "" * RETURN (STATUS (MESSAGES))'],
	'SPECIAL-USE': ['LIST (SPECIAL-USE) "" *', 'LIST "" * RETURN (SPECIAL-USE)'],
	'STATUS=SIZE': ['STATUS INBOX (SIZE)'],
	UIDPLUS: ['UID EXPUNGE 99'],
	UNSELECT: ['UNSELECT'],
	MOVE: ['MOVE 1 Archivio', 'UID MOVE 99 Archivio'],
	CONDSTORE: [
		'SELECT INBOX (CONDSTORE)',
		'STATUS INBOX (HIGHESTMODSEQ)',
		'FETCH 1 MODSEQ',
		'FETCH 1 (FLAGS) (CHANGEDSINCE 1)',
		'STORE 1 (UNCHANGEDSINCE 9) +FLAGS (\\Seen)',
		'SEARCH MODSEQ 1',
	],
	QRESYNC: [],
	ESEARCH: ['SEARCH RETURN (COUNT) ALL'],
	SEARCHRES: ['SEARCH RETURN (SAVE) ALL', 'FETCH $ UID'],
	PARTIAL: ['SEARCH RETURN (PARTIAL 1:2) ALL', 'UID FETCH 1:* (UID) (PARTIAL 1:2)'],
	WITHIN: ['SEARCH YOUNGER 60', 'SEARCH OLDER 60'],
	OBJECTID: [
		'FETCH 1 EMAILID',
		'FETCH 1 THREADID',
		'STATUS INBOX (MAILBOXID)',
		'SEARCH EMAILID M1',
	],
	BINARY: ['FETCH 1 BINARY.PEEK[1]', 'FETCH 1 BINARY.SIZE[1]', 'APPEND INBOX ~{2+}\r\n\0x'],
	'UTF8=ACCEPT': [],
	'COMPRESS=DEFLATE': ['COMPRESS DEFLATE'],
	APPENDLIMIT: ['STATUS INBOX (APPENDLIMIT)'],
	QUOTA: ['GETQUOTAROOT INBOX', 'GETQUOTA "User quota"'],
	'QUOTA=RES-STORAGE': [],
	KEYWORDS: [],
	'SEARCH=HEADER': [],
	MODSEQ: ['FETCH 1 MODSEQ'],
};

/** What an answer no longer says without the capability. */
const UNSAID: readonly (readonly [name: string, command: string, words: string])[] = [
	['CHILDREN', 'LIST "" *', '\\HasNoChildren'],
	['SPECIAL-USE', 'LIST "" *', '\\Sent'],
	['UIDPLUS', 'APPEND INBOX {1+}\r\nx', 'APPENDUID'],
	['UIDPLUS', 'COPY 1 Archivio', 'COPYUID'],
	['CONDSTORE', 'SELECT INBOX', 'HIGHESTMODSEQ'],
	['CONDSTORE', 'ENABLE CONDSTORE QRESYNC', 'CONDSTORE'],
	['CONDSTORE', 'ENABLE CONDSTORE QRESYNC', 'QRESYNC'],
	['QRESYNC', 'ENABLE CONDSTORE QRESYNC', 'QRESYNC'],
	['QRESYNC', 'SELECT Bozze', 'CLOSED'],
	['MODSEQ', 'SELECT INBOX', 'HIGHESTMODSEQ'],
	['OBJECTID', 'SELECT INBOX', 'MAILBOXID'],
	['OBJECTID', 'CREATE Nuova', 'MAILBOXID'],
	['UTF8=ACCEPT', 'ENABLE UTF8=ACCEPT', 'UTF8=ACCEPT'],
	['KEYWORDS', 'SELECT INBOX', '\\*'],
	['SEARCH=HEADER', 'SEARCH SUBJECT icevut', 'SEARCH 1'],
	['QUOTA=RES-STORAGE', 'GETQUOTAROOT INBOX', 'STORAGE'],
];

function deliver(desk: Desk): void {
	desk.account.deliver(Buffer.from('Subject: ricevuta\r\n\r\nx'));
}

async function selected(desk: Desk) {
	const wire = await desk.wire({ signIn: false });
	const { length } = Buffer.from(PASSWORD);
	// Works on every server here: LOGIN with a literal that waits.
	wire.send(`l LOGIN ${ADDRESS} {${length}}\r\n`);
	await wire.until(/^\+ .*\r\n/);
	wire.send(`${Buffer.from(PASSWORD).toString('latin1')}\r\n`);
	await wire.until(/^l OK.*\r\n/);
	await wire.command('SELECT INBOX');
	return wire;
}

describe('every capability', () => {
	it('stands in the table of this test', () => {
		expect(Object.keys(UNKNOWN).sort()).toEqual([...CAPABILITY_NAMES].sort());
	});

	it.each(CAPABILITY_NAMES)('%s can be taken away, and imapflow does without', async (name) => {
		const desk = await startDesk({ without: [name.toLowerCase()] });
		deliver(desk);
		const startTls = name !== 'STARTTLS';
		const client = await desk.client({ startTls });
		expect(client.capabilities.has(name)).toBe(false);
		expect((await client.list()).map(({ path }) => path)).toContain('Inviata');
		expect(await client.status('INBOX', { messages: true, size: true })).toMatchObject({
			messages: 1,
		});
		expect(await client.mailboxOpen('INBOX')).toMatchObject({ exists: 1 });
		const fetched = await client.fetchAll('1:*', { source: true, flags: true });
		expect(fetched.map(({ source }) => source?.toString())).toEqual(['Subject: ricevuta\r\n\r\nx']);
		expect(await client.search({ header: { Subject: 'ricevuta' } }, { uid: true })).toEqual([1]);
		expect(await client.search({ since: new Date('2020-01-01') })).toEqual([1]);
		expect(await client.messageFlagsAdd('1', ['\\Flagged'], { uid: true })).toBe(true);
		await client.append('INBOX', Buffer.from('A: b\r\n\r\n\0'), ['\\Seen']);
		await client.messageMove('1', 'Archivio', { uid: true });
		expect(desk.account.folder('Archivio')?.messages[0]?.flags).toContain('\\Flagged');
		expect(desk.account.folder('INBOX')?.messages.map(({ flags }) => [...flags])).toEqual([
			['\\Seen'],
		]);
		await client.logout();
		expect(desk.log.filter(({ error }) => error !== undefined)).toEqual([]);
	});

	const commands = Object.entries(UNKNOWN).flatMap(([name, list]) =>
		list.map((command) => [name, command] as const),
	);
	it.each(commands)('%s taken away makes %j unknown', async (name, command) => {
		const [poor, rich] = await Promise.all([startDesk({ without: [name] }), startDesk()]);
		for (const [desk, knows] of [
			[poor, false],
			[rich, true],
		] as const) {
			deliver(desk);
			const wire = await selected(desk);
			const offered = (await wire.command('CAPABILITY')).split(/\s+/);
			const word = name === 'APPENDLIMIT' ? `${name}=${APPEND_LIMIT}` : name;
			expect(offered.includes(word)).toBe(knows && name !== 'MODSEQ');
			if (command === 'IDLE' && knows) {
				wire.send('x IDLE\r\n');
				expect(await wire.until(/\r\n/)).toBe('+ idling\r\n');
			} else {
				expect(await wire.command(command)).toMatch(knows ? /^T OK/m : /^T BAD/m);
			}
		}
	});

	it.each(UNSAID)('%s taken away: %j says no %s', async (name, command, words) => {
		const [poor, rich] = await Promise.all([startDesk({ without: [name] }), startDesk()]);
		for (const desk of [poor, rich]) {
			deliver(desk);
			const answer = await (await selected(desk)).command(command);
			expect(answer).toMatch(/^T OK/m);
			expect(answer.includes(words)).toBe(desk === rich);
		}
	});
});

describe('the capability list', () => {
	it('offers LITERAL- where LITERAL+ is gone, and never both (RFC 7888 5)', async () => {
		const listed = (without: string[]) =>
			new Capabilities(without)
				.list({ encrypted: true, signedIn: true })
				.filter((name) => /^LIT/.test(name));
		expect(listed([])).toEqual(['LITERAL+']);
		expect(listed(['LITERAL-'])).toEqual(['LITERAL+']);
		expect(listed(['LITERAL+'])).toEqual(['LITERAL-']);
		expect(listed(['LITERAL+', 'LITERAL-'])).toEqual([]);
	});

	it('lets go what rests on something taken away', () => {
		const rest = (...without: string[]) => {
			const left = new Capabilities(without).list({ encrypted: true, signedIn: true });
			const all = new Capabilities().list({ encrypted: true, signedIn: true });
			return all.filter((name) => !left.includes(name) && !without.includes(name));
		};
		expect(rest('CONDSTORE')).toEqual(['QRESYNC']);
		expect(rest('MODSEQ')).toEqual(['QRESYNC']);
		expect(rest('ENABLE')).toEqual(['QRESYNC', 'UTF8=ACCEPT']);
		expect(rest('ESEARCH')).toEqual(['SEARCHRES', 'PARTIAL']);
		expect(rest('LIST-EXTENDED')).toEqual(['LIST-STATUS']);
		expect(rest('QUOTA')).toEqual(['QUOTA=RES-STORAGE']);
		expect(rest('MOVE')).toEqual([]);
	});

	it('refuses a name nobody offers', async () => {
		expect(() => new Capabilities(['SMOVE'])).toThrow(
			new RangeError('there is no capability SMOVE'),
		);
		const desk = await startDesk();
		expect(() => desk.server.setCapabilities({ without: ['IMAP4rev1'] })).toThrow(RangeError);
	});

	it('changes while the server runs, for connections to come', async () => {
		const desk = await startDesk();
		const before = await desk.wire();
		desk.server.setCapabilities({ without: ['MOVE'] });
		const after = await desk.wire();
		expect(await before.command('CAPABILITY')).toContain(' MOVE ');
		expect(await after.command('CAPABILITY')).not.toContain(' MOVE ');
		desk.server.setCapabilities({ without: [] });
		expect(await (await desk.wire()).command('CAPABILITY')).toContain(' MOVE ');
	});
});

describe('literals that do not wait (RFC 7888)', () => {
	it('are unknown to a server with neither LITERAL+ nor LITERAL-', async () => {
		const desk = await startDesk({ without: ['LITERAL+', 'LITERAL-'] });
		const wire = await selected(desk);
		wire.send('x APPEND INBOX {4+}\r\ny NOOP\r\n');
		expect(await wire.until(/^y .*\r\n/m)).toMatch(/^x BAD .*\r\ny OK/);
		expect(desk.account.folder('INBOX')?.messages).toEqual([]);
	});

	it('are at most 4096 bytes with LITERAL-; those that wait as large as ever', async () => {
		const desk = await startDesk({ without: ['LITERAL+'] });
		const wire = await selected(desk);
		expect(await wire.command(`APPEND INBOX {4096+}\r\n${'x'.repeat(4096)}`)).toMatch(/^T OK/m);
		const client = await desk.client();
		await client.append('INBOX', Buffer.alloc(4097, 0x41));
		expect(desk.account.folder('INBOX')?.messages).toHaveLength(2);
		wire.send(`x APPEND INBOX {4097+}\r\n${'x'.repeat(4097)}\r\n`);
		expect(await wire.untilClosed()).toMatch(/^\* BYE /m);
	});
});

describe('signing in on poorer servers', () => {
	it('takes no first response without SASL-IR (RFC 4959)', async () => {
		const wire = await (await startDesk({ without: ['SASL-IR'] })).wire({ signIn: false });
		expect(await wire.command(`AUTHENTICATE PLAIN ${PLAIN}`)).toMatch(/^T BAD/);
		wire.send('a AUTHENTICATE PLAIN\r\n');
		await wire.until(/^\+ \r\n/);
		wire.send(`${PLAIN}\r\n`);
		expect(await wire.until(/\r\n/)).toMatch(/^a OK/);
	});

	it.each([
		[['AUTH=PLAIN'], 'AUTHENTICATE'],
		[['AUTH=PLAIN', 'AUTH=LOGIN'], 'LOGIN'],
		[[], 'AUTHENTICATE'],
	])('without %j imapflow uses %s', async (without, command) => {
		const desk = await startDesk({ without });
		await desk.client();
		const signIns = desk.log.filter((entry) => /LOGIN|AUTHENTICATE/.test(entry.command));
		expect(signIns).toMatchObject([{ command, status: 'OK' }]);
		const wire = await desk.wire({ signIn: false });
		for (const mechanism of without) {
			expect(await wire.command(`AUTHENTICATE ${mechanism.slice(5)}`)).toMatch(/^T NO \[CANNOT\]/);
		}
	});
});
