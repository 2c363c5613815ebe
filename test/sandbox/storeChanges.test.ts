import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccountStore } from '../../sandbox/store/accountStore.ts';
import type { Folder } from '../../sandbox/store/folder.ts';
import { MailStore } from '../../sandbox/store/mailStore.ts';

const RAW = Buffer.from('A: b\r\n\r\n');

function newAccount(): AccountStore {
	return new MailStore().addAccount({ address: 'a@pec.example', password: 'x' });
}

function folderOf(account: AccountStore, path = 'INBOX'): Folder {
	const folder = account.folder(path);
	if (folder === undefined) throw new Error('no such folder');
	return folder;
}

describe('mod-sequences', () => {
	it('grow with every change and with nothing else; what one call changes shares one', () => {
		const folder = folderOf(newAccount());
		expect(folder.highestModseq).toBe(1);
		for (let i = 0; i < 3; i += 1) folder.append(RAW);
		expect(folder.messages.map(({ modseq }) => modseq)).toEqual([2, 3, 4]);
		folder.setFlags([1, 3], ['\\Seen']);
		expect(folder.messages.map(({ modseq }) => modseq)).toEqual([5, 3, 5]);
		folder.setFlags([1, 3, 9], ['\\Seen'], 'add');
		folder.expunge([9]);
		expect(folder.highestModseq).toBe(5);
		folder.expunge([3, 1]);
		expect(folder.highestModseq).toBe(6);
		expect(folder.messages.map(({ uid, modseq }) => [uid, modseq])).toEqual([[2, 3]]);
	});

	it('tell from any one on what changed and what went: nothing more, nothing less', () => {
		const change = fc.record({
			what: fc.constantFrom('append', 'flag', 'unflag', 'expunge'),
			uids: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 }),
		});
		fc.assert(
			fc.property(fc.array(change), fc.array(change), (before, after) => {
				const folder = folderOf(newAccount());
				const apply = ({ what, uids }: { what: string; uids: number[] }): void => {
					if (what === 'append') folder.append(RAW);
					else if (what === 'expunge') folder.expunge(uids);
					else folder.setFlags(uids, ['x'], what === 'flag' ? 'add' : 'remove');
				};
				before.forEach(apply);
				const since = folder.highestModseq;
				const known = new Map(folder.messages.map(({ uid, flags }) => [uid, flags]));
				const touched = new Set<number>();
				folder.subscribe((told) => {
					if ('message' in told && told.kind !== 'expunge') touched.add(told.message.uid);
				});
				after.forEach(apply);
				const left = folder.messages.filter(({ uid }) => touched.has(uid));
				expect(folder.messages.filter(({ modseq }) => modseq > since)).toEqual(left);
				const gone = folder.expungedAfter(since);
				expect(gone).toEqual([...gone].sort((a, b) => a - b));
				for (const uid of known.keys()) {
					expect(gone.includes(uid)).toBe(folder.message(uid) === undefined);
				}
				expect(folder.expungedAfter(folder.highestModseq)).toEqual([]);
			}),
		);
	});
});

describe('object ids (RFC 8474)', () => {
	it('of a folder outlive its name and its UIDVALIDITY, and are not given twice', () => {
		const account = newAccount();
		const folder = account.createFolder('Clienti');
		const { mailboxId } = folder;
		account.renameFolder('Clienti', 'Clienti 2026');
		folder.resetUidValidity();
		expect(account.folder('Clienti 2026')?.mailboxId).toBe(mailboxId);
		account.deleteFolder('Clienti 2026');
		account.createFolder('Clienti 2026');
		const ids = account.folders().map((each) => each.mailboxId);
		expect(new Set([...ids, mailboxId]).size).toBe(ids.length + 1);
	});

	it('of a message are its own, also after its folder was numbered anew', () => {
		const account = newAccount();
		const folder = folderOf(account);
		const first = folder.append(RAW).emailId;
		const second = folder.append(RAW).emailId;
		folder.expunge([1]);
		folder.resetUidValidity();
		expect(folder.message(1)?.emailId).toBe(second);
		const elsewhere = folderOf(account, 'Archivio').append(RAW).emailId;
		const third = folder.append(RAW).emailId;
		expect(new Set([first, second, third, elsewhere]).size).toBe(4);
		expect(first).toMatch(/^[A-Za-z0-9_-]{1,255}$/);
		account.renameFolder('INBOX', 'Vecchia');
		expect(folderOf(account, 'Vecchia').messages.map(({ emailId }) => emailId)).toEqual([
			second,
			third,
		]);
	});
});

describe('keywords', () => {
	it('are new until the folder has seen them, in any case', () => {
		const folder = folderOf(newAccount());
		folder.append(RAW, { flags: ['Fatto'] });
		expect(folder.newKeywords(['FATTO', '\\Seen', 'nuovo', 'NUOVO'])).toEqual(['nuovo']);
		expect(folder.keywordCount).toBe(1);
	});
});
