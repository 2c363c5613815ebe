import { describe, expect, it } from 'vitest';
import { bodyStructureText, envelopeText } from '../../sandbox/imap/bodyStructure.ts';
import { CommandReader, MAX_TEXT } from '../../sandbox/imap/commandReader.ts';
import { formatInternalDate, parseInternalDate } from '../../sandbox/imap/dates.ts';
import { matchesPattern } from '../../sandbox/imap/mailboxName.ts';
import { parseMessage } from '../../sandbox/imap/mimeTree.ts';
import { FolderError } from '../../sandbox/store/errors.ts';
import { startDesk } from './imapDesk.ts';

/** Longer than what a regular expression of V8 has room to go back in. */
const ENDLESS = 12_000_000;

describe('a header field without end', () => {
	it.each([
		['To: "', 'a'],
		['To: <', 'a'],
		['To: <', '"a'],
		['To: <', '@a'],
		['Content-Type: text/plain; x="', 'a'],
	])('is read as far as can be: %s%s…', (start, piece) => {
		const raw = Buffer.from(start + piece.repeat(ENDLESS / piece.length), 'latin1');
		const tree = parseMessage(raw);
		expect(envelopeText(raw, tree)).toMatch(/^\([^]*\)$/);
		expect(bodyStructureText(raw, tree, true)).toMatch(/^\("text" "plain"[^]*\)$/);
	});
});

describe('a message of a million parts', () => {
	it('has ten thousand, and the rest in the last', () => {
		const raw = Buffer.from(
			`Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(1_000_000)}`,
		);
		const { children } = parseMessage(raw);
		expect(children).toHaveLength(10_000);
		expect(children.at(-1)?.body.end).toBe(raw.length);
	});

	it('has ten thousand, too, when they lie in each other', () => {
		const inner = '--c\r\n\r\nx\r\n'.repeat(9_000);
		const part = `--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n${inner}`;
		const raw = Buffer.from(
			`Content-Type: multipart/mixed; boundary=b\r\n\r\n${part}${part}${part}`,
		);
		const { children } = parseMessage(raw);
		const grandchildren = children.flatMap((child) => child.children);
		expect(children.length + grandchildren.length).toBeLessThanOrEqual(10_001);
	});
});

describe('literals', () => {
	function eventsOf(text: string, maxLiteral: number): string[] {
		const reader = new CommandReader(maxLiteral);
		reader.push(Buffer.from(text));
		const kinds: string[] = [];
		for (let event = reader.next(); event !== undefined; event = reader.next()) {
			kinds.push(event.kind);
			if (event.kind === 'overflow') break;
		}
		return kinds;
	}

	it('are large in an APPEND only: a name or a search string is not', () => {
		for (const [command, kind] of [
			['a APPEND INBOX', 'literal'],
			['a append "x y" (\\Seen)', 'literal'],
			['a CREATE', 'refused'],
			['a SEARCH BODY', 'refused'],
			['a LIST ""', 'refused'],
		]) {
			expect(eventsOf(`${command} {${MAX_TEXT + 1}}\r\n`, 10 * MAX_TEXT)).toEqual([kind]);
			expect(eventsOf(`${command} {${MAX_TEXT}}\r\n`, 10 * MAX_TEXT)).toEqual(['literal']);
		}
	});

	it('of one command count together', () => {
		const half = `{60+}\r\n${'x'.repeat(60)}`;
		expect(eventsOf(`a LOGIN ${half} ${half}\r\n`, 100)).toEqual(['literal', 'overflow']);
		expect(eventsOf(`a LOGIN ${half} x\r\nb LOGIN ${half} x\r\n`, 100)).toEqual([
			...['literal', 'command'],
			...['literal', 'command'],
		]);
	});
});

describe('folder names', () => {
	it('have an end, on creation and on renaming', async () => {
		const desk = await startDesk();
		const wire = await desk.wire();
		const long = 'a/'.repeat(30_000);
		expect(await wire.command(`CREATE {${long.length + 1}+}\r\n${long}a`)).toMatch(
			/^T NO \[CANNOT\]/,
		);
		desk.account.createFolder('padre/figlio');
		const refused = (): unknown => desk.account.renameFolder('padre', 'p'.repeat(996));
		expect(refused).toThrow(FolderError);
		expect(desk.account.folder('padre/figlio')).toBeDefined();
		expect(desk.account.folders()).toHaveLength(7);
	});

	it('fit a pattern of any length, and of any characters', () => {
		expect(matchesPattern('a'.repeat(1000), '%*'.repeat(500_000))).toBe(true);
		expect(matchesPattern('a'.repeat(1000), '%'.repeat(1_000_000))).toBe(true);
		expect(matchesPattern('a'.repeat(1000), 'a'.repeat(1_000_000))).toBe(false);
		expect(matchesPattern('Clienti 😀 più', '*')).toBe(true);
		expect(matchesPattern('Clienti 😀 più', 'Clienti 😀%')).toBe(true);
	});
});

describe('SEARCH', () => {
	it('takes as many sequence sets as fit into a command', async () => {
		const desk = await startDesk();
		for (let i = 0; i < 2000; i += 1) desk.account.deliver(Buffer.from('a'));
		const wire = await desk.wire();
		await wire.command('SELECT INBOX');
		const answer = await wire.command(`SEARCH 2:*${' 1:*,3'.repeat(2_000)} UID 1:1999`);
		expect(answer).toMatch(/^\* SEARCH 2 3 [^]* 1999\r\nT OK searched\r\n$/);
	});

	it('lets others have their turn while it reads large messages', async () => {
		const desk = await startDesk();
		const large = Buffer.alloc(5_000_000, 'x');
		for (let i = 0; i < 20; i += 1) desk.account.deliver(large);
		const [reader, other] = await Promise.all([desk.wire(), desk.wire()]);
		await reader.command('SELECT INBOX');
		const order: string[] = [];
		const search = reader.command('SEARCH BODY yy').then(() => order.push('search'));
		for (let i = 0; i < 3; i += 1) await other.command('NOOP').then(() => order.push('noop'));
		await search;
		expect(order[0]).toBe('noop');
	});
});

describe('INTERNALDATE', () => {
	it.each(['01-Jan-0000 00:00:00 +0000', '05-Feb-0099 01:02:03 +0000'])(
		'is the year it says, not one of our century: %s',
		(text) => {
			const date = parseInternalDate(text);
			expect(date && formatInternalDate(date)).toBe(`"${text.replace(/^0/, ' ')}"`);
		},
	);

	it.each(['31-Dec-9999 23:59:59 -0100', '01-Jan-0000 00:00:00 +0100'])(
		'is refused where UTC has no four digits for it: %s',
		(text) => {
			expect(parseInternalDate(text)).toBeUndefined();
		},
	);
});
