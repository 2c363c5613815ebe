import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { storeSentCopy } from '../../nodes/account/sentCopy.ts';
import { openImap } from '../../nodes/mail/imap.ts';
import type { FolderInfo, ImapSession } from '../../nodes/mail/types.ts';
import { start, type Sandbox } from '../../sandbox/index.ts';

const STUDIO = 'studio@pec.alfa.test';
const RAW = Buffer.from('Subject: Copia\r\n\r\nTesto\r\n');
const AT = new Date('2026-02-01T10:00:00Z');

let sandbox: Sandbox;
let session: ImapSession;
let lists: number;

/** The session, counting how often folders are listed; a server that names no folder for sent messages, if wanted. */
function watched({ withoutUse = false } = {}): ImapSession {
	const listFolders = async (): Promise<FolderInfo[]> => {
		lists += 1;
		const folders = await session.listFolders();
		return withoutUse ? folders.filter(({ specialUse }) => specialUse !== '\\Sent') : folders;
	};
	return { ...session, listFolders };
}

const inFolder = (folder: string) =>
	(sandbox.store.account(STUDIO)?.folder(folder)?.messages ?? []).map(({ raw }) => raw.toString());

beforeAll(async () => {
	sandbox = await start();
});
afterAll(async () => await sandbox.stop());
beforeEach(async () => {
	lists = 0;
	const account = sandbox.accounts.find(({ address }) => address === STUDIO);
	const { imap, smtp, tlsCa } = sandbox;
	const { user = '', password = '' } = account ?? {};
	session = await openImap({ address: STUDIO, user, password, imap, smtp, tlsCa });
});
afterEach(async () => await session.close());

describe('a sent copy', () => {
	it('goes into the folder the server names, seen and to the byte; folders are listed once for all', async () => {
		const imap = watched();
		await storeSentCopy(imap, RAW, AT);
		await storeSentCopy(imap, RAW, AT);
		expect(inFolder('Inviata')).toEqual([RAW.toString(), RAW.toString()]);
		expect(lists).toBe(1);
		const folder = await session.open('Inviata', { readOnly: true });
		const [copy] = await folder.scan(await folder.search({}));
		expect(copy).toMatchObject({ flags: expect.arrayContaining(['\\Seen']), receivedAt: AT });
	});

	it('goes into "Sent" where the server names none', async () => {
		await storeSentCopy(watched({ withoutUse: true }), RAW, AT);
		expect(inFolder('Sent')).toEqual([RAW.toString()]);
	});

	it('looks for the folder again after a failure', async () => {
		const imap = watched();
		const append = imap.append.bind(session);
		let fails = true;
		const failing: ImapSession = Object.assign(imap, {
			append: async (...args: Parameters<ImapSession['append']>) => {
				if (fails) throw new Error('no such folder');
				return await append(...args);
			},
		});
		await expect(storeSentCopy(failing, RAW, AT)).rejects.toThrow('no such folder');
		fails = false;
		await storeSentCopy(failing, RAW, AT);
		expect(lists).toBe(2);
	});
});
