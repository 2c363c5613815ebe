import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OverQuotaError } from '../../sandbox/store/errors.ts';
import type { Folder, FolderChange } from '../../sandbox/store/folder.ts';
import { MailStore } from '../../sandbox/store/mailStore.ts';
import type { AccountStore } from '../../sandbox/store/accountStore.ts';

const noon = new Date('2026-02-01T12:00:00Z');

function newAccount(quotaLimit?: number): AccountStore {
	const store = new MailStore({ now: () => noon });
	return store.addAccount({ address: 'Mario@pec.example', password: 'segreta', quotaLimit });
}

function inbox(account: AccountStore): Folder {
	const folder = account.folder('inbox');
	if (folder === undefined) throw new Error('no INBOX');
	return folder;
}

describe('MailStore', () => {
	it('finds accounts by address and user in any case, and by the exact password only', () => {
		const store = new MailStore();
		const mario = store.addAccount({ address: 'Mario@pec.example', password: 'Segreta' });
		const ufficio = store.addAccount({ address: 'u@pec.example', user: 'P123', password: 'x' });
		expect(store.account('mario@PEC.example')).toBe(mario);
		expect(store.signIn('MARIO@pec.example', 'Segreta')).toBe(mario);
		expect(store.signIn('mario@pec.example', 'segreta')).toBeUndefined();
		expect(store.signIn('u@pec.example', 'x')).toBeUndefined();
		expect(store.signIn('p123', 'x')).toBe(ufficio);
		expect(store.accounts()).toEqual([mario, ufficio]);
		mario.password = 'nuova';
		expect(store.signIn('mario@pec.example', 'Segreta')).toBeUndefined();
		expect(store.signIn('mario@pec.example', 'nuova')).toBe(mario);
	});

	it('refuses a second account of an address', () => {
		const store = new MailStore();
		store.addAccount({ address: 'a@pec.example', password: 'x' });
		expect(() => store.addAccount({ address: 'A@pec.example', password: 'x' })).toThrow();
	});
});

describe('AccountStore', () => {
	it('opens with the folders of an Italian provider and their uses', () => {
		expect(
			newAccount()
				.folders()
				.map(({ path, specialUse }) => [path, specialUse]),
		).toEqual([
			['INBOX', undefined],
			['Inviata', '\\Sent'],
			['Bozze', '\\Drafts'],
			['Cestino', '\\Trash'],
			['Archivio', '\\Archive'],
		]);
	});

	it('keeps the very bytes, dates them by its clock, and counts them', () => {
		const account = newAccount();
		const raw = Buffer.from('a\n\xff\0', 'latin1');
		const delivered = account.deliver(raw, { flags: ['\\seen', 'Kw', '\\Recent', '\\Nonsense'] });
		const folder = inbox(account);
		expect(delivered).toEqual({ uid: 1, uidValidity: folder.uidValidity });
		expect(folder.messages).toMatchObject([
			{ uid: 1, raw, size: 4, internalDate: noon, flags: new Set(['\\Seen', 'Kw']) },
		]);
		expect(account.usedBytes).toBe(raw.length);
	});

	it('takes a message that fills the quota to the byte, and refuses one byte more', () => {
		const account = newAccount(10);
		account.deliver(Buffer.alloc(4));
		account.deliver(Buffer.alloc(6), { folder: 'Archivio' });
		expect(() => account.deliver(Buffer.alloc(1))).toThrow(OverQuotaError);
		expect(account.usedBytes).toBe(10);
		account.folder('Archivio')?.expunge([1]);
		expect(account.hasRoomFor(6)).toBe(true);
		expect(account.hasRoomFor(7)).toBe(false);
	});

	it.each([
		['create', (account: AccountStore) => account.createFolder('INBOX'), 'ALREADYEXISTS'],
		['create', (account: AccountStore) => account.createFolder('a//b'), 'CANNOT'],
		['create', (account: AccountStore) => account.createFolder(''), 'CANNOT'],
		['delete', (account: AccountStore) => account.deleteFolder('Inbox'), 'CANNOT'],
		['delete', (account: AccountStore) => account.deleteFolder('Manca'), 'NONEXISTENT'],
		['rename', (account: AccountStore) => account.renameFolder('Manca', 'x'), 'NONEXISTENT'],
		['rename', (account: AccountStore) => account.renameFolder('Bozze', 'INBOX'), 'ALREADYEXISTS'],
		['rename', (account: AccountStore) => account.renameFolder('Bozze', 'Bozze/x'), 'CANNOT'],
		['rename', (account: AccountStore) => account.renameFolder('Bozze', 'x//y'), 'CANNOT'],
		['subscribe', (account: AccountStore) => account.subscribe('Manca'), 'NONEXISTENT'],
		[
			'deliver',
			(account: AccountStore) => account.deliver(Buffer.alloc(1), { folder: 'Manca' }),
			'NONEXISTENT',
		],
	])('refuses to %s what cannot be: %s', (_, attempt, problem) => {
		const account = newAccount();
		const before = account.folders().map(({ path }) => path);
		expect(() => attempt(account)).toThrow(expect.objectContaining({ problem }));
		expect(account.folders().map(({ path }) => path)).toEqual(before);
	});

	it('renames a folder with what is below it, messages and UIDVALIDITY kept', () => {
		const account = newAccount();
		const child = account.createFolder('Clienti/Rossi');
		account.createFolder('Clienti vecchi');
		account.deliver(Buffer.from('a'), { folder: 'Clienti/Rossi' });
		const { uidValidity } = child;
		account.renameFolder('Clienti', 'Archivio/2026');
		expect(account.folder('Archivio/2026/Rossi')).toBe(child);
		expect(child.uidValidity).toBe(uidValidity);
		expect(child.messages).toHaveLength(1);
		expect(account.folder('Clienti/Rossi')).toBeUndefined();
		expect(account.folder('Clienti vecchi')).toBeDefined();
	});

	it('renames INBOX by moving its messages away', () => {
		const account = newAccount();
		account.deliver(Buffer.from('a'), { flags: ['\\Flagged'] });
		account.renameFolder('INBOX', 'Vecchia');
		expect(inbox(account).messages).toEqual([]);
		expect(account.folder('Vecchia')?.messages).toMatchObject([
			{ raw: Buffer.from('a'), flags: new Set(['\\Flagged']) },
		]);
	});
});

describe('Folder', () => {
	it('never gives a UID twice, and gives a new UIDVALIDITY each time a name comes back', () => {
		const account = newAccount();
		const first = account.createFolder('x');
		first.append(Buffer.from('a'));
		first.expunge([1]);
		expect(first.append(Buffer.from('b')).uid).toBe(2);
		account.deleteFolder('x');
		expect(account.createFolder('x').uidValidity).toBeGreaterThan(first.uidValidity);
	});

	it('renumbers from 1 under a new UIDVALIDITY when it is reset', () => {
		const folder = inbox(newAccount());
		for (const text of ['a', 'b', 'c']) folder.append(Buffer.from(text), { flags: [text] });
		folder.expunge([1]);
		const before = folder.uidValidity;
		folder.resetUidValidity();
		expect(folder.uidValidity).toBeGreaterThan(before);
		expect(folder.messages.map(({ uid, raw }) => [uid, raw.toString()])).toEqual([
			[1, 'b'],
			[2, 'c'],
		]);
		expect(folder.uidNext).toBe(3);
		folder.setFlags([2], ['z']);
		expect([...(folder.message(2)?.flags ?? [])]).toEqual(['z']);
	});

	it('tells of changes at once, in order, and only of changes', () => {
		const account = newAccount();
		const folder = account.createFolder('x');
		const told: string[] = [];
		const stop = folder.subscribe((change: FolderChange) =>
			told.push('message' in change ? `${change.kind} ${change.message.uid}` : change.kind),
		);
		folder.append(Buffer.from('a'));
		folder.append(Buffer.from('b'));
		folder.setFlags([1, 2, 9], ['\\Seen'], 'add');
		folder.setFlags([1], ['\\SEEN'], 'add');
		folder.setFlags([2], ['\\Flagged'], 'remove');
		folder.setFlags([2], ['\\Seen']);
		folder.expunge([2, 7]);
		folder.resetUidValidity();
		account.deleteFolder('x');
		stop();
		folder.append(Buffer.from('c'));
		expect(told).toEqual([
			'append 1',
			'append 2',
			'flags 1',
			'flags 2',
			'expunge 2',
			'reset',
			'deleted',
		]);
	});

	it('spells a keyword as it was first seen', () => {
		const folder = inbox(newAccount());
		folder.append(Buffer.from('a'), { flags: ['$Forwarded'] });
		folder.setFlags([1], ['$FORWARDED', 'altro'], 'add');
		expect([...(folder.message(1)?.flags ?? [])]).toEqual(['$Forwarded', 'altro']);
		expect(folder.keywords).toEqual(['$Forwarded', 'altro']);
	});

	it('holds what a plain list of UIDs would hold, whatever happens to it', () => {
		const step = fc.oneof(
			fc.record({ append: fc.nat(50) }),
			fc.record({ expunge: fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 5 }) }),
		);
		fc.assert(
			fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
				const folder = inbox(newAccount());
				let model: { uid: number; size: number }[] = [];
				let next = 1;
				for (const each of steps) {
					if ('append' in each) {
						folder.append(Buffer.alloc(each.append));
						model.push({ uid: next, size: each.append });
						next += 1;
					} else {
						const removed = folder.expunge(each.expunge).map(({ uid }) => uid);
						const doomed = model.filter(({ uid }) => each.expunge.includes(uid));
						expect(removed).toEqual(doomed.map(({ uid }) => uid));
						model = model.filter((entry) => !doomed.includes(entry));
					}
				}
				expect(folder.messages.map(({ uid }) => uid)).toEqual(model.map(({ uid }) => uid));
				expect(folder.uidNext).toBe(next);
				expect(folder.size).toBe(model.reduce((sum, { size }) => sum + size, 0));
				for (let uid = 0; uid <= next; uid += 1) {
					expect(folder.message(uid)?.uid).toBe(model.find((entry) => entry.uid === uid)?.uid);
				}
			}),
		);
	});
});
