import { expect, it } from 'vitest';

import { readValues, type ImapValue } from '../servers/imapResponse.ts';
import { valuesOf, type LineClient } from '../servers/lineClient.ts';
import { mail } from '../servers/mails.ts';
import { append, overEachServer } from './bench.ts';
import { expected } from './differences.ts';

/** Path to lower-case attributes of every LIST (or LSUB) response. */
async function list(client: LineClient, command: string): Promise<Map<string, string[]>> {
	const name = command.split(' ')[0] ?? '';
	return new Map(
		valuesOf(await client.ok(command), name).map(([attributes, , path]) => [
			String(path),
			(attributes as ImapValue[]).map((each) => String(each).toLowerCase()),
		]),
	);
}

async function status(
	client: LineClient,
	folder: string,
	items: string,
): Promise<Record<string, number>> {
	const [, values] = valuesOf(await client.ok(`STATUS ${folder} (${items})`), 'STATUS')[0] ?? [];
	const pairs = values as string[];
	return Object.fromEntries(
		pairs.flatMap((value, n) => (n % 2 === 0 ? [[value.toUpperCase(), Number(pairs[n + 1])]] : [])),
	);
}

overEachServer('folders', (bench) => {
	it('of a new account are those of an Italian provider, with their uses, all subscribed', async () => {
		const client = await bench.open();
		const listed = await list(client, 'LIST "" "*" RETURN (SPECIAL-USE SUBSCRIBED CHILDREN)');
		expect([...listed.keys()]).toEqual(
			expect.arrayContaining(['INBOX', 'Inviata', 'Bozze', 'Cestino', 'Archivio']),
		);
		for (const [path, use] of [
			['Inviata', '\\sent'],
			['Bozze', '\\drafts'],
			['Cestino', '\\trash'],
			['Archivio', '\\archive'],
		] as const) {
			expect(listed.get(path)).toEqual(
				expect.arrayContaining([use, '\\subscribed', '\\hasnochildren']),
			);
		}
		const bySpecialUse = await list(client, 'LIST (SPECIAL-USE) "" "*"');
		expect([...bySpecialUse.keys()].sort()).toEqual(['Archivio', 'Bozze', 'Cestino', 'Inviata']);
	});

	it('say what separates their levels', async () => {
		const client = await bench.open();
		expect(valuesOf(await client.ok('LIST "" ""'), 'LIST')).toEqual([[['\\Noselect'], '/', '']]);
	});

	it('are created, renamed and deleted', async () => {
		const client = await bench.open();
		const [one, two] = [bench.newName(), bench.newName()];
		await client.ok(`CREATE ${one}`);
		await append(client, one, mail({ subject: 'resta' }));
		await client.ok(`RENAME ${one} ${two}`);
		const listed = await list(client, 'LIST "" "*"');
		expect(listed.has(JSON.parse(one) as string)).toBe(false);
		expect(await status(client, two, 'MESSAGES')).toEqual({ MESSAGES: 1 });
		await client.ok(`DELETE ${two}`);
		expect((await client.command(`SELECT ${two}`)).status).toBe('NO');
	});

	it('may lie in one another; % stops at a level, * does not', async () => {
		const client = await bench.open();
		const parent = JSON.parse(bench.newName()) as string;
		await client.ok(`CREATE "${parent}"`);
		await client.ok(`CREATE "${parent}/Uno"`);
		await client.ok(`CREATE "${parent}/Uno/Due"`);
		const all = await list(client, `LIST "" "${parent}*"`);
		expect([...all.keys()].sort()).toEqual([parent, `${parent}/Uno`, `${parent}/Uno/Due`]);
		expect(all.get(parent)).toContain('\\haschildren');
		expect(all.get(`${parent}/Uno/Due`)).toContain('\\hasnochildren');
		expect([...(await list(client, `LIST "" "${parent}/%"`)).keys()]).toEqual([`${parent}/Uno`]);
		expect([...(await list(client, `LIST "${parent}/" "%"`)).keys()]).toEqual([`${parent}/Uno`]);
		await client.ok(`RENAME "${parent}/Uno" "${parent}/Tre"`);
		const renamed = await list(client, `LIST "" "${parent}/*"`);
		expect([...renamed.keys()].sort()).toEqual([`${parent}/Tre`, `${parent}/Tre/Due`]);
	});

	it('are subscribed and unsubscribed', async () => {
		const client = await bench.open();
		const quoted = await bench.folder();
		const folder = JSON.parse(quoted) as string;
		await client.ok(`SUBSCRIBE ${quoted}`);
		expect([...(await list(client, 'LSUB "" "*"')).keys()]).toContain(folder);
		expect([...(await list(client, 'LIST (SUBSCRIBED) "" "*"')).keys()]).toContain(folder);
		await client.ok(`UNSUBSCRIBE ${quoted}`);
		expect([...(await list(client, 'LSUB "" "*"')).keys()]).not.toContain(folder);
		expect([...(await list(client, 'LIST "" "*"')).keys()]).toContain(folder);
	});

	it.each([
		['accents', 'Perché no', '"Perch&AOk- no"'],
		['an ampersand', 'Dare & avere', '"Dare &- avere"'],
		['other scripts', 'Отчёт 日本', '"&BB4EQgRHBFEEQg- &ZeVnLA-"'],
		['quotes and a backslash', 'detto "x\\y"', '"detto \\"x\\\\y\\""'],
		['brackets', 'Pratiche [2026] (tutte)', '"Pratiche [2026] (tutte)"'],
	])('may have names with %s', async (_, name, wire) => {
		const client = await bench.open();
		const created = await client.command(`CREATE ${wire}`);
		const wanted = name.includes('\\') ? expected(bench.name, 'backslashInName') : 'OK';
		expect(created.status).toBe(wanted);
		if (wanted !== 'OK') return;
		const flow = await bench.flow();
		expect((await flow.list()).map(({ path }) => path)).toContain(name);
		expect((await flow.mailboxOpen(name)).exists).toBe(0);
		expect(await flow.append(name, mail({ subject: 'x' }))).toMatchObject({ uid: 1 });
		await flow.mailboxClose();
		await flow.mailboxDelete(name);
	});

	it('have one INBOX, however it is written', async () => {
		const client = await bench.open();
		const inAnyCase = await list(client, 'LIST "" "inbox"');
		expect([...inAnyCase.keys()]).toEqual(
			expected(bench.name, 'inboxInLowerCase') === 'listed' ? ['INBOX'] : [],
		);
		await client.ok('SELECT InBox');
		for (const command of ['CREATE inbox', 'DELETE INBOX']) {
			expect(await client.command(command), command).toMatchObject({ status: 'NO' });
		}
	});

	it('tell their state without being opened', async () => {
		const client = await bench.open();
		const raw = mail({ subject: 'stato' });
		const folder = await bench.folder([raw]);
		await append(client, folder, raw, '(\\Seen)');
		expect(await status(client, folder, 'MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN SIZE')).toEqual(
			{
				MESSAGES: 2,
				RECENT: 2,
				UIDNEXT: 3,
				UIDVALIDITY: expect.any(Number),
				UNSEEN: 1,
				SIZE: 2 * raw.length,
			},
		);
		const [listed] = valuesOf(
			await client.ok(`LIST "" ${folder} RETURN (STATUS (MESSAGES SIZE))`),
			'STATUS',
		);
		expect((listed?.[1] as string[]).map((each) => each.toUpperCase()).sort()).toEqual(
			['2', String(2 * raw.length), 'MESSAGES', 'SIZE'].sort(),
		);
	});

	it('opened, say what is in them', async () => {
		const client = await bench.open();
		const folder = await bench.folder();
		await append(client, folder, mail({ subject: '1' }), '(\\Seen)');
		await append(client, folder, mail({ subject: '2' }));
		const { code, untagged } = await client.ok(`SELECT ${folder}`);
		expect(code).toBe('READ-WRITE');
		expect(untagged).toContain('2 EXISTS');
		expect(untagged).toContain('2 RECENT');
		const codes = untagged.flatMap((line) => /^OK \[(.*?)\]/.exec(line)?.[1] ?? []);
		expect(codes).toContain('UNSEEN 2');
		expect(codes).toContain('UIDNEXT 3');
		expect(codes.some((each) => /^UIDVALIDITY [1-9]\d*$/.test(each))).toBe(true);
		const [, permanent] = readValues(codes.find((each) => each.startsWith('PERMANENTFLAGS')) ?? '');
		expect([...(permanent as string[])].sort()).toEqual(
			['\\*', '\\Answered', '\\Deleted', '\\Draft', '\\Flagged', '\\Seen'].sort(),
		);
		const [flags] = valuesOf({ status: 'OK', text: '', untagged }, 'FLAGS');
		expect(flags?.[0]).toEqual(
			expect.arrayContaining(['\\Answered', '\\Deleted', '\\Draft', '\\Flagged', '\\Seen']),
		);
	});

	it('opened for reading alone, are not changed', async () => {
		const client = await bench.open();
		const folder = await bench.folder([mail({ subject: 'x' })]);
		const { code, untagged } = await client.ok(`EXAMINE ${folder}`);
		expect(code).toBe('READ-ONLY');
		expect(untagged).toContain('1 EXISTS');
		await client.ok('FETCH 1 BODY[TEXT]');
		const tried = [];
		for (const command of ['STORE 1 +FLAGS (\\Deleted)', 'EXPUNGE']) {
			tried.push((await client.command(command)).status);
		}
		await client.ok('CLOSE');
		expect(tried.join(', ')).toBe(expected(bench.name, 'changesWhenReadOnly'));
		expect(await status(client, folder, 'MESSAGES UNSEEN')).toEqual({ MESSAGES: 1, UNSEEN: 1 });
	});

	it('opened for reading alone, let no message be moved away', async () => {
		const client = await bench.open();
		const folder = await bench.folder([mail({ subject: 'x' })]);
		await client.ok(`EXAMINE ${folder}`);
		const { status: answer } = await client.command('UID MOVE 1 Archivio');
		await client.ok('CLOSE');
		const { MESSAGES } = await status(client, folder, 'MESSAGES');
		expect(`${answer}, ${MESSAGES} left`).toBe(expected(bench.name, 'moveWhenReadOnly'));
	});

	it('are left with what was marked removed (CLOSE) or kept (UNSELECT)', async () => {
		const client = await bench.open();
		for (const [leave, left] of [
			['UNSELECT', 1],
			['CLOSE', 0],
		] as const) {
			const folder = await bench.folder([mail({ subject: 'x' })]);
			await client.ok(`SELECT ${folder}`);
			await client.ok('STORE 1 +FLAGS (\\Deleted)');
			const { untagged } = await client.ok(leave);
			expect(untagged.some((line) => line.includes('EXPUNGE'))).toBe(false);
			expect((await client.command('FETCH 1 UID')).status).toBe('BAD');
			expect(await status(client, folder, 'MESSAGES')).toEqual({ MESSAGES: left });
		}
	});

	it('made anew under an old name have another UIDVALIDITY', async () => {
		const client = await bench.open();
		const folder = await bench.folder([mail({ subject: 'x' })]);
		const { UIDVALIDITY: before } = await status(client, folder, 'UIDVALIDITY');
		await client.ok(`DELETE ${folder}`);
		await client.ok(`CREATE ${folder}`);
		const after = await status(client, folder, 'UIDVALIDITY UIDNEXT');
		expect(after.UIDVALIDITY).toBeGreaterThan(before ?? Infinity);
		expect(after.UIDNEXT).toBe(1);
	});

	it('that are missing, or there already, are told by status and code', async () => {
		const client = await bench.open();
		const folder = await bench.folder();
		const code = async (command: string) => {
			const reply = await client.command(command);
			expect(reply.status, command).toBe('NO');
			return reply.code ?? 'no code';
		};
		expect(await code('SELECT Manca')).toBe(expected(bench.name, 'missingFolderCode'));
		expect(await code('STATUS Manca (MESSAGES)')).toBe(expected(bench.name, 'missingFolderCode'));
		expect(await code('DELETE Manca')).toBe(expected(bench.name, 'deleteMissingCode'));
		expect(await code('RENAME Manca Altra')).toBe(expected(bench.name, 'deleteMissingCode'));
		expect(await code(`CREATE ${folder}`)).toBe(expected(bench.name, 'existsCode'));
		const raw = mail({ subject: 'x' });
		expect((await append(client, 'Manca', raw)).code).toBe('TRYCREATE');
		await append(client, folder, raw);
		await client.ok(`SELECT ${folder}`);
		expect(await code('COPY 1 Manca')).toBe('TRYCREATE');
		expect(await code('UID MOVE 1 Manca')).toBe('TRYCREATE');
	});
});
