import { describe, expect, it } from 'vitest';
import { startDesk } from './imapDesk.ts';
import type { Desk } from './imapDesk.ts';

const SYSTEM = '\\Answered \\Flagged \\Deleted \\Seen \\Draft';

function fill(desk: Desk, count: number): void {
	for (let i = 0; i < count; i += 1) desk.account.deliver(Buffer.from('A: b\r\n\r\n'));
}

async function selected(desk: Desk) {
	const wire = await desk.wire();
	await wire.command('SELECT INBOX');
	return wire;
}

describe('keywords', () => {
	it('are announced to every session before a message shows them (RFC 3501 7.2.6)', async () => {
		const desk = await startDesk();
		fill(desk, 2);
		const [one, other] = await Promise.all([selected(desk), selected(desk)]);
		const announced =
			`* FLAGS (${SYSTEM} Fatto)\r\n` + `* OK [PERMANENTFLAGS (${SYSTEM} Fatto \\*)] kept\r\n`;
		expect(await one.command('STORE 1 +FLAGS (Fatto)')).toMatch(/^\* FLAGS .*\r\n.*\r\n\* 1 FETCH/);
		expect(await other.command('NOOP')).toBe(
			`${announced}* 1 FETCH (UID 1 FLAGS (Fatto))\r\nT OK done\r\n`,
		);
		// Known now, in any case; and taking off what nobody knows makes no keyword.
		expect(await one.command('STORE 2 +FLAGS.SILENT (FATTO)')).toBe('T OK stored\r\n');
		expect(await one.command('STORE 2 -FLAGS.SILENT (Ignoto)')).toBe('T OK stored\r\n');
		expect(await one.command('SELECT INBOX')).toContain(announced);
		desk.account.deliver(Buffer.from('A: b\r\n\r\n'), { flags: ['Altro'] });
		expect(await one.command('NOOP')).toMatch(/EXISTS[\s\S]*\* FLAGS \(.* Fatto Altro\)/);
	});

	it('are announced before a FETCH of this session shows what another one stored', async () => {
		const desk = await startDesk();
		fill(desk, 1);
		const [one, other] = await Promise.all([selected(desk), selected(desk)]);
		await other.command('STORE 1 +FLAGS (Fatto)');
		expect(await one.command('FETCH 1 FLAGS')).toMatch(
			/^\* FLAGS .* Fatto\)\r\n[^\n]*\n\* 1 FETCH/,
		);
	});

	it('are at most 128 in a folder and 50 characters long; PERMANENTFLAGS says when it is full', async () => {
		const desk = await startDesk();
		fill(desk, 1);
		const wire = await selected(desk);
		const many = Array.from({ length: 127 }, (_, i) => `k${i}`).join(' ');
		expect(await wire.command(`STORE 1 +FLAGS.SILENT (${many})`)).toContain('\\*)] kept');
		expect(await wire.command('STORE 1 +FLAGS (due tre)')).toMatch(/^T NO \[LIMIT\]/);
		expect(await wire.command(`STORE 1 +FLAGS (${'x'.repeat(51)})`)).toMatch(/^T NO \[LIMIT\]/);
		const last = await wire.command(`STORE 1 +FLAGS.SILENT (${'x'.repeat(50)})`);
		expect(last).toMatch(/^\* FLAGS/);
		expect(last).not.toContain('\\*');
		expect(await wire.command('APPEND INBOX (uno) {1+}\r\nx')).toMatch(/^T NO \[LIMIT\]/);
		expect(await wire.command('STORE 1 +FLAGS.SILENT (K5 \\Seen)')).toBe('T OK stored\r\n');
		await wire.command('APPEND Bozze (uno) {1+}\r\nx');
		await wire.command('SELECT Bozze');
		expect(await wire.command('COPY 1 INBOX')).toMatch(/^T NO \[LIMIT\]/);
		expect(desk.account.folder('INBOX')?.messages).toHaveLength(1);
	});

	it('are dropped in silence by a server that has none, and imapflow does not even try', async () => {
		const desk = await startDesk({ without: ['KEYWORDS'] });
		fill(desk, 1);
		desk.account.deliver(Buffer.from('A: b\r\n\r\n'), { folder: 'Bozze', flags: ['vecchio'] });
		const wire = await desk.wire();
		expect(await wire.command('SELECT INBOX')).toContain(
			`* FLAGS (${SYSTEM} $MDNSent)\r\n* OK [PERMANENTFLAGS (${SYSTEM} $MDNSent)] kept\r\n`,
		);
		expect(await wire.command('STORE 1 +FLAGS (Fatto \\Seen $mdnsent)')).toContain(
			'* 1 FETCH (FLAGS (\\Seen $mdnsent \\Recent))',
		);
		expect(await wire.command('APPEND INBOX (Fatto \\Draft) {1+}\r\nx')).toMatch(
			/T OK \[APPENDUID/,
		);
		await wire.command('SELECT Bozze');
		expect(await wire.command('MOVE 1 INBOX')).toMatch(/^T OK/m);
		const flags = desk.account.folder('INBOX')?.messages.map((message) => [...message.flags]);
		expect(flags).toEqual([['\\Seen', '$mdnsent'], ['\\Draft'], []]);

		const client = await desk.client();
		await client.mailboxOpen('INBOX');
		expect(await client.messageFlagsAdd('1', ['Fatto'])).toBe(false);
		expect(await client.messageFlagsAdd('1', ['\\Flagged'])).toBe(true);
	});
});
