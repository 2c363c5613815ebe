import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArgumentParser, BadCommandError } from '../../sandbox/imap/argumentParser.ts';
import { CommandReader } from '../../sandbox/imap/commandReader.ts';
import type { RawCommand } from '../../sandbox/imap/commandReader.ts';
import { parseFetchItems } from '../../sandbox/imap/fetchItems.ts';
import { MessageReader } from '../../sandbox/imap/messageReader.ts';
import { parseSearchKeys } from '../../sandbox/imap/searchKeys.ts';
import { SearchTarget } from '../../sandbox/imap/searchTarget.ts';
import { sectionBytes } from '../../sandbox/imap/section.ts';
import { MailStore } from '../../sandbox/store/mailStore.ts';
import { startDesk } from './imapDesk.ts';
import { anyCommand, anyFetchItems, anySearchKeys } from './imapGrammar.ts';

const MESSAGE = Buffer.from(
	'From: a@b\r\nSubject: =?utf-8?q?=c3=a8?=\r\nDate: 1 Feb 2026\r\n' +
		'Content-Type: multipart/mixed; boundary=b\r\n\r\n' +
		'--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ny\r\n--b\r\n\r\nz\r\n--b--\r\n',
);

/** More than all literals of a conversation together may miss. */
const FILLING = `${'x'.repeat(998)}\r\n`.repeat(100);

/** What a reader makes of a text: its first command, if it is one. */
function commandOf(text: string): RawCommand | undefined {
	const reader = new CommandReader(1_000_000);
	reader.push(Buffer.from(`${text}\r\n`, 'latin1'));
	for (let event = reader.next(); event !== undefined; event = reader.next()) {
		if (event.kind === 'command') return event.command;
		if (event.kind !== 'literal') return undefined;
	}
	return undefined;
}

/** Undefined where `parse` refused the text as it may. */
function parsed<T>(text: string, parse: (args: ArgumentParser) => T): T | undefined {
	const command = commandOf(text);
	if (command === undefined) return undefined;
	try {
		return parse(new ArgumentParser(command));
	} catch (error) {
		expect(error).toBeInstanceOf(BadCommandError);
		return undefined;
	}
}

describe('a parser', () => {
	const account = new MailStore().addAccount({ address: 'a@pec.example', password: 'x' });
	const inbox = account.folder('INBOX');
	for (let i = 0; i < 3; i += 1) inbox?.append(MESSAGE);
	const view = inbox?.messages ?? [];

	it('of search keys makes a test of a message or a BAD of any text', () => {
		let tests = 0;
		fc.assert(
			fc.property(anySearchKeys, (text) => {
				const scope = { view, saved: [2], knows: () => true, now: new Date() };
				const keys = parsed(text, (args) => parseSearchKeys(args, scope));
				if (keys === undefined) return;
				tests += 1;
				view.forEach((message, index) => {
					const target = new SearchTarget(message, index + 1, { recent: false, substrings: true });
					expect(keys.fits(target)).toBeTypeOf('boolean');
				});
			}),
			{ numRuns: 2000 },
		);
		expect(tests).toBeGreaterThan(200);
	});

	it('of fetch items makes sections that can be read or a BAD of any text', () => {
		let sections = 0;
		fc.assert(
			fc.property(anyFetchItems, (text) => {
				const items = parsed(text, (args) => parseFetchItems(args, () => true));
				for (const item of items ?? []) {
					if (item.kind !== 'section') continue;
					sections += 1;
					const whole = sectionBytes(new MessageReader(view[0]?.bytes ?? fail()), item.section);
					const { offset, length } = item.partial ?? { offset: 0, length: MESSAGE.length };
					const cut = sectionBytes(
						new MessageReader(view[0]?.bytes ?? fail()),
						item.section,
						item.partial,
					);
					expect(cut).toEqual(whole?.subarray(offset, offset + length));
				}
			}),
			{ numRuns: 2000 },
		);
		expect(sections).toBeGreaterThan(200);
	});
});

function fail(): never {
	throw new Error('no message');
}

describe('a session', () => {
	it('answers whatever comes in whatever pieces, or ends it, and goes on with the next', async () => {
		const desk = await startDesk();
		const seen = new Set<string>();
		const conversation = fc.record({
			secure: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false)),
			signIn: fc.oneof({ weight: 6, arbitrary: fc.constant(true) }, fc.constant(false)),
			commands: fc.array(anyCommand, { minLength: 1, maxLength: 6 }),
			cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 }),
			hangsUp: fc.oneof({ weight: 8, arbitrary: fc.constant(false) }, fc.constant(true)),
		});
		await fc.assert(
			fc.asyncProperty(conversation, async ({ secure, signIn, commands, cuts, hangsUp }) => {
				for (const folder of desk.account.folders()) {
					if (folder.path !== 'INBOX' && folder.path !== 'Archivio') continue;
					folder.expunge(folder.messages.map(({ uid }) => uid));
					for (let i = 0; i < 3; i += 1) folder.append(MESSAGE);
				}
				const wire = await desk.wire({ secure, signIn: secure && signIn });
				if (secure && signIn) await wire.command('SELECT INBOX');
				const lines = commands.map((line, index) => `c${index} ${line}\r\n`).join('');
				const edges = [0, ...cuts.map((cut) => Math.floor(cut * lines.length)), lines.length];
				edges.sort((a, b) => a - b);
				for (const [index, end] of edges.entries()) {
					wire.send(lines.slice(edges[index - 1] ?? 0, end));
					await new Promise(setImmediate);
				}
				if (hangsUp) return wire.reset();
				// Fills whatever literals are open, ends IDLE and AUTHENTICATE.
				wire.send(`\r\n${FILLING}*\r\nDONE\r\nlast NOOP\r\n`);
				// Rejects with what was heard when the connection ends instead.
				const heard = await wire.until(/^last OK .*\r\n/m).catch((error: Error) => error.message);
				for (const [, status = ''] of heard.matchAll(/^c\d (OK|NO|BAD) /gm)) seen.add(status);
				wire.destroy();
			}),
			{ numRuns: 250 },
		);
		expect([...seen].sort()).toEqual(['BAD', 'NO', 'OK']);
		expect(await (await desk.wire()).command('NOOP')).toBe('T OK done\r\n');
		expect(desk.log.filter(({ error }) => error !== undefined)).toEqual([]);
	});
});
