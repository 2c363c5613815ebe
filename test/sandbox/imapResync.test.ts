import { ImapFlow } from 'imapflow';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ADDRESS, PASSWORD, startDesk } from './imapDesk.ts';
import type { Desk } from './imapDesk.ts';

function fill(desk: Desk, count: number): void {
	for (let i = 0; i < count; i += 1) desk.account.deliver(Buffer.from(`A: ${i}\r\n\r\n`));
}

function inbox(desk: Desk) {
	const folder = desk.account.folder('INBOX');
	if (folder === undefined) throw new Error('no INBOX');
	return folder;
}

async function resyncing(desk: Desk, select?: string) {
	const wire = await desk.wire();
	await wire.command('ENABLE QRESYNC');
	if (select !== undefined) await wire.command(select);
	return wire;
}

describe('QRESYNC (RFC 7162)', () => {
	it('brings an imapflow that was away up to date as it opens the folder', async () => {
		const desk = await startDesk();
		fill(desk, 5);
		const { uidValidity, highestModseq } = inbox(desk);
		inbox(desk).expunge([2, 3]);
		inbox(desk).setFlags([5], ['\\Seen']);
		const client = new ImapFlow({
			host: '127.0.0.1',
			port: desk.ports.tls,
			secure: true,
			qresync: true,
			auth: { user: ADDRESS, pass: PASSWORD },
			tls: { rejectUnauthorized: false },
			logger: false,
		});
		onTestFinished(() => client.close());
		const gone: unknown[] = [];
		const changed: unknown[] = [];
		client.on('expunge', (told) => gone.push(told));
		client.on('flags', (told) => changed.push(told));
		await client.connect();
		const opened = await client.mailboxOpen('INBOX', {
			uidValidity: BigInt(uidValidity),
			changedSince: BigInt(highestModseq),
		});
		expect(opened).toMatchObject({ exists: 3, qresync: true, highestModseq: 8n });
		expect(gone).toMatchObject([
			{ uid: 2, vanished: true, earlier: true },
			{ uid: 3, vanished: true, earlier: true },
		]);
		expect(changed).toMatchObject([{ seq: 3, uid: 5, modseq: 8n }]);

		inbox(desk).expunge([1]);
		await client.noop();
		expect(gone).toHaveLength(3);
		expect(client.mailbox).toMatchObject({ exists: 2 });
	});

	it('tells on SELECT what went and what changed, as far as the client knows of it', async () => {
		const desk = await startDesk();
		fill(desk, 6);
		const { uidValidity, highestModseq } = inbox(desk);
		inbox(desk).expunge([1, 3, 4]);
		inbox(desk).setFlags([2, 6], ['\\Seen']);
		fill(desk, 1);
		const wire = await resyncing(desk);
		const select = (parameters: string) => wire.command(`SELECT INBOX (QRESYNC (${parameters}))`);
		const start = `${uidValidity} ${highestModseq}`;
		const news =
			'* VANISHED (EARLIER) 1,3:4\r\n' +
			'* 1 FETCH (UID 2 FLAGS (\\Seen \\Recent) MODSEQ (9))\r\n' +
			'* 3 FETCH (UID 6 FLAGS (\\Seen \\Recent) MODSEQ (9))\r\n' +
			'* 4 FETCH (UID 7 FLAGS (\\Recent) MODSEQ (10))\r\nT OK';
		expect(await select(start)).toContain(`this folder\r\n${news}`);
		const again = news.replaceAll(' \\Recent', '').replace('\\Recent', '');
		expect(await select(`${start} 1:7 (1,3 1,3)`)).toContain(`this folder\r\n${again}`);
		expect(await select(`${start} (1,3 1,3)`)).toContain(`this folder\r\n${again}`);
		expect(await select(`${start} 3,6`)).toContain(
			'this folder\r\n* VANISHED (EARLIER) 3\r\n* 3 FETCH (UID 6 FLAGS (\\Seen) MODSEQ (9))\r\nT OK',
		);
		expect(await select(`${uidValidity} 10`)).toContain('this folder\r\nT OK');
		expect(await select(`${uidValidity + 1} 1`)).toContain('this folder\r\nT OK');
		for (const bad of [`${start} 1:*`, `${start} (1)`, `${uidValidity}`, `${uidValidity} 0`]) {
			expect(await select(bad)).toMatch(/^T BAD/);
		}
	});

	it('says VANISHED instead of EXPUNGE, and numbers stay right (RFC 7162 3.2.10)', async () => {
		const desk = await startDesk();
		fill(desk, 6);
		const wire = await resyncing(desk, 'SELECT INBOX');
		inbox(desk).expunge([1, 2, 4]);
		fill(desk, 1);
		const untold = await wire.command('FETCH 4:* (UID)');
		expect(untold).toContain('* 4 FETCH (UID 4)');
		expect(untold).not.toContain('VANISHED');
		expect(untold).toContain('* 7 EXISTS');
		expect(await wire.command('NOOP')).toBe('* VANISHED 1:2,4\r\nT OK done\r\n');
		expect(await wire.command('FETCH 1:* (UID)')).toBe(
			[3, 5, 6, 7].map((uid, i) => `* ${i + 1} FETCH (UID ${uid})\r\n`).join('') +
				'T OK fetched\r\n',
		);
		await wire.command('STORE 2:3 +FLAGS.SILENT (\\Deleted)');
		expect(await wire.command('UID EXPUNGE 5')).toMatch(
			/^\* VANISHED 5\r\nT OK \[HIGHESTMODSEQ \d+\] expunged\r\n$/,
		);
		expect(await wire.command('MOVE 1 Archivio')).toContain('* VANISHED 3\r\nT OK');
		expect(await wire.command('FETCH * (UID)')).toContain('* 2 FETCH (UID 7)');
	});

	it('pushes VANISHED while the client idles', async () => {
		const desk = await startDesk();
		fill(desk, 2);
		const wire = await resyncing(desk, 'SELECT INBOX');
		wire.send('i IDLE\r\n');
		await wire.until(/^\+ idling\r\n/);
		inbox(desk).expunge([2]);
		expect(await wire.until(/\r\n/)).toBe('* VANISHED 2\r\n');
	});

	it('tells with UID FETCH what of the set is gone, but not what the client still counts', async () => {
		const desk = await startDesk();
		fill(desk, 6);
		inbox(desk).expunge([2, 6]);
		const wire = await resyncing(desk, 'SELECT INBOX');
		inbox(desk).expunge([3]);
		expect(await wire.command('UID FETCH 2:* (FLAGS) (CHANGEDSINCE 5 VANISHED)')).toBe(
			'* VANISHED (EARLIER) 2,6\r\n' +
				'* 4 FETCH (UID 5 FLAGS (\\Recent) MODSEQ (6))\r\n' +
				'* VANISHED 3\r\nT OK fetched\r\n',
		);
		expect(await wire.command('UID FETCH 3:5 (FLAGS) (CHANGEDSINCE 6 VANISHED)')).toBe(
			'* VANISHED (EARLIER) 3\r\nT OK fetched\r\n',
		);
		expect(await wire.command('UID FETCH 1 (FLAGS) (VANISHED)')).toMatch(/^T BAD/);
		expect(await wire.command('FETCH 1 (FLAGS) (CHANGEDSINCE 1 VANISHED)')).toMatch(/^T BAD/);
	});

	it('closes the folder before with CLOSED, also when the next does not open', async () => {
		const desk = await startDesk();
		const wire = await desk.wire();
		expect(await wire.command('SELECT INBOX')).not.toContain('CLOSED');
		expect(await wire.command('EXAMINE Bozze')).toMatch(/^\* OK \[CLOSED\]/);
		expect(await wire.command('SELECT Manca')).toMatch(/^\* OK \[CLOSED\].*\r\nT NO/);
		expect(await wire.command('SELECT INBOX')).not.toContain('CLOSED');
	});

	it('knows nothing any more of what went before a new UIDVALIDITY', async () => {
		const desk = await startDesk();
		fill(desk, 3);
		inbox(desk).expunge([1]);
		inbox(desk).resetUidValidity();
		const wire = await resyncing(desk);
		const answer = await wire.command(`SELECT INBOX (QRESYNC (${inbox(desk).uidValidity} 1))`);
		expect(answer).not.toContain('VANISHED');
		expect(answer).toContain('* 2 FETCH (UID 2 ');
	});
});
