import { describe, expect, it, onTestFinished } from 'vitest';
import { openRecords, RECORDS_FOLDER } from '../../nodes/account/records.ts';
import { readSpace } from '../../nodes/account/space.ts';
import { openImap } from '../../nodes/mail/imap.ts';
import { start, type Sandbox, type SandboxOptions } from '../../sandbox/index.ts';
import { mail } from '../servers/mails.ts';
import { MAIL_SERVERS, STUDIO, titleOf } from '../servers/mailServers.ts';

const limits = { threshold: 80 };

async function studio(options: SandboxOptions = {}) {
	const sandbox = await start(options);
	onTestFinished(async () => await sandbox.stop());
	const account = sandbox.accounts.find(({ address }) => address === STUDIO);
	const imap = await openImap({
		address: STUDIO,
		user: account?.user ?? '',
		password: account?.password ?? '',
		imap: sandbox.imap,
		smtp: sandbox.smtp,
		tlsCa: sandbox.tlsCa,
	});
	onTestFinished(async () => await imap.close());
	return { sandbox, imap };
}

/** What the server's own store holds, told without IMAP. */
function heldIn(sandbox: Sandbox, path: string): { messages: number; size: number } {
	const messages = sandbox.store.account(STUDIO)?.folder(path)?.messages ?? [];
	return {
		messages: messages.length,
		size: messages.reduce((sum, { raw }) => sum + raw.length, 0),
	};
}

describe.each(MAIL_SERVERS)('space', (server) => {
	describe.skipIf(server.missing !== undefined)(titleOf(server), () => {
		it('is what folders and records hold, and the server’s limit', async () => {
			const running = await server.start();
			onTestFinished(async () => await running.stop());
			const imap = await openImap(running.studio);
			onTestFinished(async () => await imap.close());
			const raw = mail({ subject: 'peso', body: 'x'.repeat(5_000) });
			await imap.append('INBOX', raw);
			const records = await openRecords(imap, { account: STUDIO, now: () => new Date() });
			await records.writeCorrelation('messageId');
			const space = await readSpace(imap, limits);
			expect(space).toMatchObject({ limit: 1024 ** 3, source: 'quota', limitSource: 'server' });
			expect(space.folders).toContainEqual({ path: 'INBOX', messages: 1, size: raw.length });
			expect(space.folders.map(({ path }) => path)).not.toContain(RECORDS_FOLDER);
			expect(space.records).toMatchObject({ path: RECORDS_FOLDER, messages: 1 });
			const counted = raw.length + (space.records?.size ?? 0);
			// Quota counts in kB, and each server rounds as it likes.
			expect(Math.abs(space.used - counted)).toBeLessThan(2_048);
		});
	});
});

describe('space of a server that offers less', () => {
	const WITHOUT_QUOTA = ['QUOTA', 'QUOTA=RES-STORAGE'];

	it.each([
		['status', WITHOUT_QUOTA],
		['sum', [...WITHOUT_QUOTA, 'STATUS=SIZE']],
	])(
		'without quota is the folders’ sum (%s), and a limit the one given',
		async (source, without) => {
			const { sandbox, imap } = await studio({ withoutCapabilities: without });
			const raw = mail({ subject: 'peso', body: 'x'.repeat(100_000) });
			await imap.append('INBOX', raw);
			await imap.ensureFolder('Archivio/2026');
			await imap.append('Archivio/2026', raw);
			const inbox = heldIn(sandbox, 'INBOX');
			expect(await readSpace(imap, limits)).toMatchObject({
				used: 2 * inbox.size,
				source: 'sum',
				foldersSource: source,
			});
			const given = await readSpace(imap, { threshold: 50, givenLimit: 3 * inbox.size });
			expect(given).toMatchObject({ percent: 66.7, limitSource: 'given', overThreshold: true });
			expect(given.folders).toContainEqual({ path: 'Archivio/2026', ...inbox });
		},
	);

	it('adds up a folder of which the server refuses the size', async () => {
		const { sandbox, imap } = await studio();
		await imap.append('INBOX', mail({ subject: 'peso' }));
		sandbox.faults.add({
			at: 'imap.command',
			command: 'STATUS',
			times: 'always',
			action: { do: 'answer', status: 'NO', text: 'not now' },
		});
		const space = await readSpace(imap, limits);
		expect(space).toMatchObject({ source: 'quota', foldersSource: 'sum' });
		expect(space.folders).toContainEqual({ path: 'INBOX', ...heldIn(sandbox, 'INBOX') });
		expect(space.closed).toBeUndefined();
	});

	it('names a folder that it lets nobody look into, and counts the others', async () => {
		const { sandbox, imap } = await studio({ withoutCapabilities: WITHOUT_QUOTA });
		await imap.append('INBOX', mail({ subject: 'peso' }));
		const all = (await imap.listFolders()).map(({ path }) => path);
		for (const command of ['STATUS', 'EXAMINE'] as const) {
			sandbox.faults.add({
				at: 'imap.command',
				command,
				// The first STATUS is INBOX's; of EXAMINE the first is that of the folder whose STATUS was refused.
				skip: command === 'STATUS' ? 1 : 0,
				action: { do: 'answer', status: 'NO', code: 'NOPERM', text: 'not yours' },
			});
		}
		const space = await readSpace(imap, limits);
		expect(space.closed).toEqual([all[1]]);
		expect(space.folders.map(({ path }) => path)).toEqual(all.filter((path) => path !== all[1]));
		expect(space.used).toBe(heldIn(sandbox, 'INBOX').size);
	});

	it('fails when the connection is lost, rather than showing less than there is', async () => {
		const { sandbox, imap } = await studio();
		sandbox.faults.add({ at: 'imap.command', command: 'STATUS', skip: 1, action: { do: 'drop' } });
		await expect(readSpace(imap, limits)).rejects.toMatchObject({ code: 'connectionLost' });
	});
});
