import { expect, it } from 'vitest';

import type { ImapValue } from '../servers/imapResponse.ts';
import { fetched, valuesOf, type LineClient, type Reply } from '../servers/lineClient.ts';
import { mail } from '../servers/mails.ts';
import { capabilitiesOf, overEachServer } from './bench.ts';

const mails = (count: number) =>
	Array.from({ length: count }, (_, n) => mail({ subject: `m${n + 1}` }));

/** The number of a response code such as HIGHESTMODSEQ. */
function codeIn(reply: Reply, name: string): number | undefined {
	const lines = [...reply.untagged, `[${reply.code ?? ''}]`];
	const found = lines.flatMap((line) => new RegExp(`\\[${name} (\\d+)\\]`).exec(line)?.[1] ?? []);
	return found[0] === undefined ? undefined : Number(found[0]);
}

function modSeqOf(value: ImapValue | undefined): number {
	return Number(Array.isArray(value) ? value[0] : NaN);
}

overEachServer('changes since a state', (bench) => {
	/**
	 * A folder that is open, and UIDVALIDITY; `undefined` where the server does not offer the capability: only the embedded
	 * one may do without, and then refuses the command.
	 */
	async function selected(
		capability: string,
		count: number,
	): Promise<
		{ client: LineClient; folder: string; selection: Reply; validity: number } | undefined
	> {
		const client = await bench.open();
		if (!(await capabilitiesOf(client)).has(capability)) {
			expect(bench.name).toBe('the sandbox');
			return undefined;
		}
		const folder = await bench.folder(mails(count));
		await client.ok(`ENABLE ${capability === 'QRESYNC' ? 'QRESYNC' : 'CONDSTORE'}`);
		const selection = await client.ok(`SELECT ${folder}`);
		return { client, folder, selection, validity: codeIn(selection, 'UIDVALIDITY') ?? 0 };
	}

	it('are counted by CONDSTORE: each change of flags or message is higher than all before', async () => {
		const opened = await selected('CONDSTORE', 3);
		if (!opened) return;
		const { client, folder, selection } = opened;
		const highest = codeIn(selection, 'HIGHESTMODSEQ') ?? NaN;
		expect(highest).toBeGreaterThan(0);
		const stored = fetched(await client.ok('STORE 2 +FLAGS (\\Seen)')).get(2);
		const modSeq = modSeqOf(stored?.get('MODSEQ'));
		expect(modSeq).toBeGreaterThan(highest);
		const [, values] =
			valuesOf(await client.ok(`STATUS ${folder} (HIGHESTMODSEQ)`), 'STATUS')[0] ?? [];
		expect(Number((values as string[])[1])).toBe(modSeq);
		const since = fetched(await client.ok(`FETCH 1:* (FLAGS) (CHANGEDSINCE ${highest})`));
		expect([...since.keys()]).toEqual([2]);
		expect(modSeqOf(since.get(2)?.get('MODSEQ'))).toBe(modSeq);
		const search = await client.ok(`SEARCH MODSEQ ${modSeq}`);
		expect(valuesOf(search, 'SEARCH')[0]).toEqual(['2', ['MODSEQ', String(modSeq)]]);
	});

	it('are not overwritten by STORE UNCHANGEDSINCE an older state', async () => {
		const opened = await selected('CONDSTORE', 2);
		if (!opened) return;
		const { client, selection } = opened;
		const highest = codeIn(selection, 'HIGHESTMODSEQ') ?? NaN;
		await client.ok('STORE 1 +FLAGS.SILENT (\\Flagged)');
		const reply = await client.ok(`STORE 1:2 (UNCHANGEDSINCE ${highest}) +FLAGS.SILENT (\\Seen)`);
		expect(reply.code).toBe('MODIFIED 1');
		const flags = fetched(await client.ok('FETCH 1:2 (FLAGS)'));
		expect(flags.get(1)?.get('FLAGS')).not.toContain('\\Seen');
		expect(flags.get(2)?.get('FLAGS')).toContain('\\Seen');
	});

	it('are told at SELECT by QRESYNC: what changed, and what vanished', async () => {
		const opened = await selected('QRESYNC', 4);
		if (!opened) return;
		const { client, folder, selection, validity } = opened;
		const highest = codeIn(selection, 'HIGHESTMODSEQ') ?? NaN;
		await client.ok('STORE 1 +FLAGS.SILENT (\\Flagged)');
		await client.ok('STORE 2 +FLAGS.SILENT (\\Deleted)');
		const gone = await client.ok('UID EXPUNGE 2');
		expect(gone.untagged).toContain('VANISHED 2');
		expect(gone.untagged.some((line) => line.endsWith('EXPUNGE'))).toBe(false);
		await client.ok('UNSELECT');
		const again = await client.ok(`SELECT ${folder} (QRESYNC (${validity} ${highest} 1:4))`);
		expect(again.untagged).toContain('VANISHED (EARLIER) 2');
		const changed = [...fetched(again).values()].map((row) => row.get('UID'));
		expect(changed).toEqual(['1']);
	});

	it('that vanished are told by UID FETCH with VANISHED too', async () => {
		const opened = await selected('QRESYNC', 3);
		if (!opened) return;
		const { client, selection } = opened;
		const highest = codeIn(selection, 'HIGHESTMODSEQ') ?? NaN;
		await client.ok('STORE 3 +FLAGS.SILENT (\\Deleted)');
		await client.ok('EXPUNGE');
		const reply = await client.ok(`UID FETCH 1:3 (FLAGS) (CHANGEDSINCE ${highest} VANISHED)`);
		expect(reply.untagged).toContain('VANISHED (EARLIER) 3');
	});

	it.each([
		['RETURN (MIN MAX COUNT) ALL', ['MIN', '1', 'MAX', '4', 'COUNT', '4']],
		['RETURN () UNSEEN', ['ALL', '1:4']],
		['RETURN (ALL COUNT) UID 2:3', ['ALL', '2:3', 'COUNT', '2']],
		['RETURN (COUNT) SUBJECT niente', ['COUNT', '0']],
	])('are found in short by ESEARCH: %s', async (search, wanted) => {
		const opened = await selected('ESEARCH', 4);
		if (!opened) return;
		const { untagged } = await opened.client.ok(`UID SEARCH ${search}`);
		const [[correlator, uid, ...found] = []] = valuesOf(
			{ status: 'OK', text: '', untagged },
			'ESEARCH',
		);
		expect([(correlator as string[])[0], uid]).toEqual(['TAG', 'UID']);
		const pairs = (values: readonly unknown[]) =>
			Object.fromEntries(values.flatMap((key, n) => (n % 2 === 0 ? [[key, values[n + 1]]] : [])));
		expect(pairs(found)).toEqual(pairs(wanted));
	});
});
