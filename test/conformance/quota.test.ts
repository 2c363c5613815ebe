import { expect, it } from 'vitest';

import { valuesOf, type LineClient } from '../servers/lineClient.ts';
import { mail } from '../servers/mails.ts';
import { append, overEachServer } from './bench.ts';
import { expected } from './differences.ts';

const LARGE = mail({ subject: 'grande', body: 'x'.repeat(4_000) });
const SMALL = mail({ subject: 'piccola', body: 'x'.repeat(400) });

overEachServer('a quota', (bench) => {
	/** [used, limit] in units of 1,024 bytes. */
	async function storage(client: LineClient): Promise<number[]> {
		const answer = await client.ok('GETQUOTAROOT INBOX');
		const [, root] = valuesOf(answer, 'QUOTAROOT')[0] ?? [];
		const [named, values] = valuesOf(answer, 'QUOTA')[0] ?? [];
		expect(named).toBe(root);
		const [resource, used, limit] = values as string[];
		expect(resource).toBe('STORAGE');
		return [Number(used), Number(limit)];
	}

	it('has a limit that is told, by its root too, and is not for users to set', async () => {
		const client = await bench.open('full');
		expect((await storage(client))[1]).toBe(1);
		const root = valuesOf(await client.ok('GETQUOTAROOT INBOX'), 'QUOTAROOT')[0]?.[1];
		expect((await client.command(`GETQUOTA "${String(root)}"`)).status).toBe(
			expected(bench.name, 'getQuotaByRoot'),
		);
		expect((await client.command(`SETQUOTA "${String(root)}" (STORAGE 99)`)).status).toBe('NO');
		expect((await client.command('GETQUOTA "manca"')).status).toBe('NO');
	});

	it('refuses what does not fit, by APPEND and by COPY, and takes what still does', async () => {
		const client = await bench.open('full');
		const full = `NO, ${expected(bench.name, 'overQuotaCode')}`;
		const answerTo = async (asked: ReturnType<LineClient['command']>) => {
			const { status, code } = await asked;
			return `${status}, ${code ?? 'no code'}`;
		};
		expect(await answerTo(append(client, 'INBOX', LARGE))).toBe(full);
		expect((await append(client, 'INBOX', SMALL)).status).toBe('OK');
		expect(await answerTo(append(client, 'INBOX', SMALL))).toBe(full);
		await client.ok('SELECT INBOX');
		expect(await answerTo(client.command('COPY 1 Archivio'))).toBe(full);
		// Moving within one quota needs no room.
		await client.ok('MOVE 1 Archivio');
		await client.ok('SELECT Archivio');
		await client.ok('STORE 1 +FLAGS.SILENT (\\Deleted)');
		await client.ok('EXPUNGE');
		expect((await append(client, 'INBOX', SMALL)).status).toBe('OK');
	});

	it('counts bytes, of all folders', async () => {
		const client = await bench.open();
		const [before = 0] = await storage(client);
		const raw = mail({ subject: 'peso', body: 'x'.repeat(10 * 1024) });
		await bench.folder([raw, raw]);
		const [after = 0] = await storage(client);
		expect(after - before).toBeGreaterThanOrEqual(20);
		expect(after - before).toBeLessThanOrEqual(21);
	});
});
