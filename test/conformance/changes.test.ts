import { expect, it } from 'vitest';

import { fetched, valuesOf, type LineClient, type Reply } from '../servers/lineClient.ts';
import { mail } from '../servers/mails.ts';
import { append, overEachServer } from './bench.ts';
import { expected } from './differences.ts';

const mails = (count: number) =>
	Array.from({ length: count }, (_, n) => mail({ subject: `m${n + 1}` }));

/** The flags each FETCH response tells of, by message number; \Recent is the session's own matter. */
function flagsIn(reply: Reply): Record<number, string[]> {
	return Object.fromEntries(
		[...fetched(reply)].map(([number, items]) => [
			number,
			((items.get('FLAGS') ?? []) as string[]).filter((flag) => flag !== '\\Recent').sort(),
		]),
	);
}

async function uids(client: LineClient): Promise<number[]> {
	return valuesOf(await client.ok('UID SEARCH ALL'), 'SEARCH')
		.flat()
		.map(Number);
}

const expunged = ({ untagged }: Reply) =>
	untagged.flatMap((line) => /^(\d+) EXPUNGE$/.exec(line)?.[1] ?? []).map(Number);

overEachServer('changes', (bench) => {
	async function selected(count: number): Promise<{ client: LineClient; folder: string }> {
		const folder = await bench.folder(mails(count));
		const client = await bench.open();
		await client.ok(`SELECT ${folder}`);
		return { client, folder };
	}

	it('of flags are told: set, added, taken away', async () => {
		const { client } = await selected(2);
		expect(flagsIn(await client.ok('STORE 1 FLAGS (\\Seen $Mio)'))).toEqual({
			1: ['$Mio', '\\Seen'].sort(),
		});
		expect(flagsIn(await client.ok('UID STORE 1:2 +FLAGS (\\Flagged)'))).toEqual({
			1: ['$Mio', '\\Flagged', '\\Seen'].sort(),
			2: ['\\Flagged'],
		});
		const taken = await client.ok('UID STORE 1 -FLAGS (\\Seen $Mio)');
		expect(flagsIn(taken)).toEqual({ 1: ['\\Flagged'] });
		expect(fetched(taken).get(1)?.get('UID')).toBe('1');
		expect(flagsIn(await client.ok('STORE 1 FLAGS ()'))).toEqual({ 1: [] });
		expect(flagsIn(await client.ok('STORE 1 +FLAGS \\Answered'))).toEqual({ 1: ['\\Answered'] });
	});

	it('of flags are not told when asked to be silent, and there all the same', async () => {
		const { client } = await selected(1);
		const { untagged } = await client.ok('STORE 1 +FLAGS.SILENT (\\Seen Parola)');
		expect(untagged.some((line) => line.includes(' FETCH ')) ? 'told' : 'not told').toBe(
			expected(bench.name, 'silentStore'),
		);
		expect(flagsIn(await client.ok('FETCH 1 FLAGS'))).toEqual({ 1: ['Parola', '\\Seen'].sort() });
	});

	it('of keywords keep them across sessions, whatever their case is', async () => {
		const { client, folder } = await selected(1);
		await client.ok('STORE 1 +FLAGS.SILENT ($Uno)');
		await client.ok('STORE 1 +FLAGS.SILENT ($UNO)');
		client.close();
		const other = await bench.open();
		const { untagged } = await other.ok(`SELECT ${folder}`);
		const flags = valuesOf({ status: 'OK', text: '', untagged }, 'FLAGS')[0]?.[0];
		expect(flags).toContain('$Uno');
		expect(flagsIn(await other.ok('FETCH 1 FLAGS'))).toEqual({ 1: ['$Uno'] });
	});

	it.each(['\\Inventato', '\\Recent'])('of the system flag %s are refused', async (flag) => {
		const { client } = await selected(1);
		expect((await client.command(`STORE 1 +FLAGS (${flag})`)).status).toBe('BAD');
	});

	it('by COPY keep bytes, flags and date, and say which UID became which', async () => {
		const { client } = await selected(3);
		await client.ok('STORE 2 FLAGS.SILENT (\\Seen $Mio)');
		const target = await bench.folder(mails(1));
		const before = fetched(await client.ok('FETCH 2 (INTERNALDATE BODY.PEEK[])')).get(2);
		const { code } = await client.ok(`UID COPY 2:3 ${target}`);
		expect(code).toMatch(/^COPYUID \d+ 2:3 2:3$/);
		await client.ok(`SELECT ${target}`);
		const reply = await client.ok('FETCH 2 (FLAGS INTERNALDATE BODY.PEEK[])');
		expect(flagsIn(reply)).toEqual({ 2: ['$Mio', '\\Seen'].sort() });
		expect(fetched(reply).get(2)?.get('BODY[]')).toBe(before?.get('BODY[]'));
		const date = (value: unknown) => new Date(String(value).trim()).getTime();
		expect(date(fetched(reply).get(2)?.get('INTERNALDATE'))).toBe(
			date(before?.get('INTERNALDATE')),
		);
	});

	it('by MOVE tell the new UIDs first, then what left', async () => {
		const { client } = await selected(4);
		const target = await bench.folder();
		const reply = await client.ok(`UID MOVE 1,3 ${target}`);
		const lines = [...reply.untagged, `OK [${reply.code ?? ''}]`];
		const at = lines.findIndex((line) => /^OK \[COPYUID \d+ 1,3 1:2\]/.test(line));
		expect(at).toBeGreaterThanOrEqual(0);
		expect(lines.findIndex((line) => line.endsWith(' EXPUNGE'))).toBeGreaterThan(at);
		expect(expunged(reply)).toHaveLength(2);
		expect(await uids(client)).toEqual([2, 4]);
		await client.ok(`SELECT ${target}`);
		expect(await uids(client)).toEqual([1, 2]);
	});

	it('by COPY and MOVE of a UID that is not there are none, and no error', async () => {
		const { client } = await selected(1);
		for (const command of ['UID COPY 99 Archivio', 'UID MOVE 99 Archivio']) {
			const { status, code } = await client.command(command);
			expect([status, code], command).toEqual(['OK', undefined]);
		}
		expect((await client.ok('UID FETCH 99 FLAGS')).untagged).toEqual([]);
		expect((await client.ok('UID STORE 99 +FLAGS (\\Seen)')).untagged).toEqual([]);
		expect((await client.command('FETCH 99 FLAGS')).status).toBe(
			expected(bench.name, 'missingNumber'),
		);
	});

	it('by EXPUNGE take all that is marked, by UID EXPUNGE only what is named', async () => {
		const { client } = await selected(5);
		await client.ok('STORE 1,2,4 +FLAGS.SILENT (\\Deleted)');
		expect(expunged(await client.ok('UID EXPUNGE 2:3'))).toEqual([2]);
		expect(await uids(client)).toEqual([1, 3, 4, 5]);
		const rest = expunged(await client.ok('EXPUNGE'));
		expect(rest).toHaveLength(2);
		expect(await uids(client)).toEqual([3, 5]);
	});

	it('never give a UID again', async () => {
		const { client, folder } = await selected(2);
		await client.ok('STORE 2 +FLAGS.SILENT (\\Deleted)');
		await client.ok('EXPUNGE');
		const { code } = await append(client, folder, mails(1)[0] ?? Buffer.alloc(0));
		expect(code).toMatch(/ 3$/);
	});

	it.each([
		['1:*', [1, 2, 3, 4]],
		['*:2', [2, 3, 4]],
		['4:3', [3, 4]],
		['*', [4]],
		['1,3:4,3', [1, 3, 4]],
		['99:*', [4]],
	])('are fetched by the set of UIDs %s, each once', async (set, wanted) => {
		const { client } = await selected(4);
		expect([...fetched(await client.ok(`UID FETCH ${set} (UID)`)).keys()]).toEqual(wanted);
	});

	it.each(['1:', 'a', '1,,2', '-1', '1;2'])('by a set that is none are BAD: %s', async (set) => {
		const { client } = await selected(1);
		expect((await client.command(`UID FETCH ${set} (UID)`)).status).toBe('BAD');
	});

	it('by another connection are told during IDLE: arrival, flags, removal', async () => {
		const { client, folder } = await selected(2);
		const other = await bench.open();
		await other.ok(`SELECT ${folder}`);
		await client.idle();
		await append(other, folder, mails(1)[0] ?? Buffer.alloc(0));
		await client.untagged(/^\* 3 EXISTS$/);
		await other.ok('UID STORE 1 +FLAGS (\\Flagged)');
		expect(await client.untagged(/^\* 1 FETCH /)).toContain('\\Flagged');
		await other.ok('UID STORE 2 +FLAGS.SILENT (\\Deleted)');
		await other.ok('EXPUNGE');
		await client.untagged(/^\* 2 EXPUNGE$/);
		expect((await client.done()).status).toBe('OK');
		expect(await uids(client)).toEqual([1, 3]);
	});

	it('by another connection are told at NOOP', async () => {
		const { client, folder } = await selected(2);
		const other = await bench.open();
		await other.ok(`SELECT ${folder}`);
		await append(other, folder, mails(1)[0] ?? Buffer.alloc(0));
		await other.ok('UID STORE 1 +FLAGS.SILENT (\\Seen)');
		await other.ok('UID STORE 2 +FLAGS.SILENT (\\Deleted)');
		await other.ok('UID EXPUNGE 2');
		const reply = await client.ok('NOOP');
		expect(expunged(reply)).toEqual([2]);
		expect(reply.untagged.some((line) => /^[23] EXISTS$/.test(line))).toBe(true);
		expect(flagsIn(reply)[1]).toEqual(['\\Seen']);
		expect((await client.ok('NOOP')).untagged).toEqual([]);
	});

	it('by another connection keep numbers valid: no EXPUNGE comes during FETCH, STORE or SEARCH', async () => {
		const { client, folder } = await selected(3);
		const other = await bench.open();
		await other.ok(`SELECT ${folder}`);
		await other.ok('STORE 1 +FLAGS.SILENT (\\Deleted)');
		await other.ok('EXPUNGE');
		for (const command of ['FETCH 2:3 (UID)', 'STORE 2 +FLAGS (\\Seen)', 'SEARCH ALL']) {
			expect(expunged(await client.ok(command)), command).toEqual([]);
		}
		expect(
			fetched(await client.ok('FETCH 2:3 (UID)'))
				.get(3)
				?.get('UID'),
		).toBe('3');
		expect(expunged(await client.ok('NOOP'))).toEqual([1]);
	});

	it('of a folder another one deletes leave the connection usable', async () => {
		const { client, folder } = await selected(1);
		const other = await bench.open();
		await other.ok(`DELETE ${folder}`);
		const after = await client.command('NOOP').then(
			({ status }) => status,
			() => 'hung up',
		);
		expect(after).toBe(expected(bench.name, 'selectedFolderDeleted'));
	});
});
