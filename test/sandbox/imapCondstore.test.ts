import { describe, expect, it } from 'vitest';
import { startDesk } from './imapDesk.ts';
import type { Desk } from './imapDesk.ts';

const BIG = '9223372036854775807';

/** Messages 1 to `count` with mod-sequences 2 to `count` + 1. */
function fill(desk: Desk, count: number): void {
	for (let i = 0; i < count; i += 1) desk.account.deliver(Buffer.from(`A: ${i}\r\n\r\n`));
}

function setFlags(desk: Desk, uids: number[], flags: string[]): void {
	desk.account.folder('INBOX')?.setFlags(uids, flags, 'add');
}

async function selected(desk: Desk, parameters = '') {
	const wire = await desk.wire();
	await wire.command(`SELECT INBOX${parameters}`);
	return wire;
}

describe('CONDSTORE (RFC 7162)', () => {
	it('tells imapflow what changed since, and keeps a conditional STORE from undoing it', async () => {
		const desk = await startDesk();
		fill(desk, 3);
		const client = await desk.client();
		expect(client.enabled.has('CONDSTORE')).toBe(true);
		const { highestModseq } = await client.mailboxOpen('INBOX');
		expect(highestModseq).toBe(4n);
		setFlags(desk, [2], ['\\Flagged']);
		// The news of it would come as one more FETCH response, in the middle of the answer.
		await client.noop();
		const changed = await client.fetchAll(
			'1:*',
			{ flags: true },
			{ uid: true, changedSince: highestModseq },
		);
		expect(changed).toMatchObject([{ uid: 2, modseq: 5n }]);
		expect(await client.status('INBOX', { highestModseq: true })).toMatchObject({
			highestModseq: 5n,
		});

		await client.messageFlagsAdd('1:3', ['Fatto'], { uid: true, unchangedSince: 4n });
		const keyword = await client.search({ keyword: 'Fatto' }, { uid: true });
		expect(keyword).toEqual([1, 3]);
		expect(await client.search({ modseq: 6n }, { uid: true })).toEqual([1, 3]);
	});

	it('tells another client of a change with its mod-sequence', async () => {
		const desk = await startDesk();
		fill(desk, 1);
		const client = await desk.client();
		await client.mailboxOpen('INBOX');
		const told = new Promise<unknown>((resolve) => client.once('flags', resolve));
		setFlags(desk, [1], ['\\Seen']);
		await client.noop();
		expect(await told).toMatchObject({ uid: 1, modseq: 3n });
	});

	it.each([
		['SELECT INBOX (CONDSTORE)', false],
		['ENABLE CONDSTORE', false],
		['ENABLE QRESYNC', false],
		['STATUS INBOX (HIGHESTMODSEQ)', true],
		['FETCH 1 (MODSEQ)', true],
		['FETCH 1 (FLAGS) (CHANGEDSINCE 1)', true],
		['UID FETCH 1 MODSEQ', true],
		['SEARCH MODSEQ 1', true],
		['STORE 1 (UNCHANGEDSINCE 2) +FLAGS.SILENT (x)', true],
	])('is enabled by %s; not before', async (command, inFolder) => {
		const desk = await startDesk();
		fill(desk, 1);
		const wire = inFolder ? await selected(desk) : await desk.wire();
		if (inFolder) {
			setFlags(desk, [1], ['a']);
			expect(await wire.command('NOOP')).toContain('FLAGS (a \\Recent))\r\n');
		}
		const answer = await wire.command(command);
		expect(answer).toMatch(/^T OK/m);
		// RFC 7162 3.1: who begins in the middle of a folder learns from where on it is told.
		expect(/^\* OK \[HIGHESTMODSEQ \d+\]/m.test(answer)).toBe(
			inFolder || command.startsWith('SELECT'),
		);
		if (!inFolder) await wire.command('SELECT INBOX');
		setFlags(desk, [1], ['b']);
		expect(await wire.command('NOOP')).toMatch(/FETCH \(UID 1 FLAGS \(.*\) MODSEQ \(\d+\)\)/);
	});

	it('answers FETCH CHANGEDSINCE with what changed, and its mod-sequence unasked', async () => {
		const desk = await startDesk();
		fill(desk, 3);
		const wire = await selected(desk, ' (CONDSTORE)');
		expect(await wire.command('FETCH 1:* (UID) (CHANGEDSINCE 3)')).toBe(
			'* 3 FETCH (UID 3 MODSEQ (4))\r\nT OK fetched\r\n',
		);
		expect(await wire.command(`FETCH 1:* (UID) (CHANGEDSINCE ${BIG})`)).toBe('T OK fetched\r\n');
		expect(await wire.command('FETCH 1 BODY[TEXT]')).toContain(
			'FLAGS (\\Seen \\Recent) MODSEQ (5))',
		);
	});

	it('changes what did not change since, and names the others (RFC 7162 3.1.3)', async () => {
		const desk = await startDesk();
		fill(desk, 4);
		const wire = await selected(desk, ' (CONDSTORE)');
		setFlags(desk, [2, 4], ['\\Seen']);
		await wire.command('NOOP');
		expect(await wire.command('STORE 1:4 (UNCHANGEDSINCE 5) +FLAGS.SILENT (\\Deleted)')).toBe(
			'* 1 FETCH (MODSEQ (7))\r\n* 3 FETCH (MODSEQ (7))\r\nT OK [MODIFIED 2,4] some had changed\r\n',
		);
		expect(await wire.command('UID STORE 3:4 (UNCHANGEDSINCE 6) FLAGS (\\Seen)')).toBe(
			'* 4 FETCH (UID 4 FLAGS (\\Seen \\Recent) MODSEQ (6))\r\nT OK [MODIFIED 3] some had changed\r\n',
		);
		expect(await wire.command('STORE 1 (UNCHANGEDSINCE 0) +FLAGS (x)')).toBe(
			'T OK [MODIFIED 1] some had changed\r\n',
		);
		desk.account.folder('INBOX')?.expunge([1]);
		expect(await wire.command('STORE 1,4 (UNCHANGEDSINCE 7) +FLAGS.SILENT (\\Flagged)')).toBe(
			'* 4 FETCH (MODSEQ (9))\r\nT NO [MODIFIED 1] some are no longer there\r\n',
		);
	});

	it('searches by mod-sequence, and tells the highest found (RFC 7162 3.1.5)', async () => {
		const desk = await startDesk();
		fill(desk, 3);
		setFlags(desk, [1], ['\\Seen']);
		const wire = await selected(desk);
		for (const entry of ['', '"/flags/\\\\draft" all ']) {
			expect(await wire.command(`UID SEARCH MODSEQ ${entry}4`)).toContain(
				'* SEARCH 1 3 (MODSEQ 5)\r\n',
			);
		}
		expect(await wire.command(`SEARCH MODSEQ ${BIG}`)).toBe('* SEARCH\r\nT OK searched\r\n');
	});

	it.each([
		'FETCH 1 (FLAGS) ()',
		'FETCH 1 (FLAGS) (CHANGEDSINCE)',
		'FETCH 1 (FLAGS) (CHANGEDSINCE x)',
		'FETCH 1 (FLAGS) (CHANGEDSINCE 9223372036854775808)',
		'FETCH 1 (FLAGS) (CHANGEDSINCE 1 VANISHED)',
		'UID FETCH 1 (FLAGS) (CHANGEDSINCE 1 VANISHED)',
		'STORE 1 () +FLAGS (x)',
		'STORE 1 (CHANGEDSINCE 1) +FLAGS (x)',
		'SEARCH MODSEQ',
		'SEARCH MODSEQ "/flags/x" 3',
		'SELECT INBOX ()',
		'SELECT INBOX (NONSENSE)',
		'SELECT INBOX (QRESYNC (1 1))',
	])('calls %s bad', async (command) => {
		const desk = await startDesk();
		fill(desk, 1);
		const wire = await selected(desk);
		expect(await wire.command(command)).toMatch(/^T BAD/);
	});

	it('never counts past a removal the client was not told of', async () => {
		const desk = await startDesk();
		fill(desk, 2);
		const wire = await selected(desk);
		desk.account.folder('INBOX')?.expunge([1]);
		await wire.command('FETCH 2 UID');
		// FETCH may not tell of it: a client that took 4 for its mod-sequence would never hear of it.
		expect(await wire.command('FETCH 2 MODSEQ')).toContain('* OK [HIGHESTMODSEQ 3]');
		expect(await wire.command('NOOP')).toContain('* 1 EXPUNGE');
		await wire.command('STORE 1 +FLAGS.SILENT (\\Deleted)');
		expect(await wire.command('EXPUNGE')).toBe(
			'* 1 EXPUNGE\r\nT OK [HIGHESTMODSEQ 6] expunged\r\n',
		);
	});

	it('can have folders that keep none (NOMODSEQ), which imapflow respects', async () => {
		const desk = await startDesk({ without: ['MODSEQ'] });
		fill(desk, 2);
		const client = await desk.client();
		expect(await client.mailboxOpen('INBOX')).toMatchObject({ noModseq: true });
		const all = await client.fetchAll('1:*', { flags: true }, { changedSince: 3n });
		expect(all.map(({ modseq }) => modseq)).toEqual([undefined, undefined]);
		await client.messageFlagsAdd('1', ['\\Seen'], { unchangedSince: 1n });
		expect(await client.search({ seen: true })).toEqual([1]);

		const wire = await selected(desk);
		for (const command of [
			'FETCH 1 MODSEQ',
			'FETCH 1 (FLAGS) (CHANGEDSINCE 1)',
			'SEARCH MODSEQ 1',
			'STORE 1 (UNCHANGEDSINCE 9) +FLAGS (x)',
		]) {
			expect(await wire.command(command)).toMatch(/^T BAD/);
		}
		expect(await wire.command('STATUS INBOX (HIGHESTMODSEQ)')).toContain('(HIGHESTMODSEQ 0)');
		expect(await wire.command('SELECT INBOX (CONDSTORE)')).toContain('* OK [NOMODSEQ]');
	});
});
