import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccountStore } from '../../sandbox/store/accountStore.ts';
import { FolderError, OverQuotaError } from '../../sandbox/store/errors.ts';
import type { Folder } from '../../sandbox/store/folder.ts';
import { MailStore } from '../../sandbox/store/mailStore.ts';
import { Paper, QUOTA, step } from './storePaper.ts';
import type { Step } from './storePaper.ts';

describe('an account', () => {
	it('holds what a drawing of it on paper holds, whatever is done to it', () => {
		fc.assert(
			fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
				const store = new MailStore();
				try {
					const account = store.addAccount({
						address: 'a@pec.example',
						password: 'x',
						quotaLimit: QUOTA,
					});
					const paper = new Paper();
					const followers = new Followers(account);
					for (const [index, each] of steps.entries()) {
						const content = contentOf(each.do === 'deliver' ? each.size : 0, index);
						expect(outcome(() => onStore(account, each, content))).toBe(paper.do(each, content));
						followers.follow(account);
					}
					followers.check();
					expect(drawn(account)).toEqual(paper.drawn());
				} finally {
					store.close();
				}
			}),
			{ numRuns: 300 },
		);
	});
});

/** Bytes nobody else has, where there is room for that. */
function contentOf(size: number, index: number): string {
	return `${index} `.repeat(Math.ceil(size / 2)).slice(0, size);
}

function outcome(action: () => void): string {
	try {
		action();
		return 'done';
	} catch (error) {
		if (error instanceof FolderError) return error.problem;
		if (error instanceof OverQuotaError) return 'OVERQUOTA';
		throw error;
	}
}

function onStore(account: AccountStore, each: Step, content: string): void {
	const folder = account.folder(each.path);
	switch (each.do) {
		case 'deliver':
			account.deliver(Buffer.from(content), { folder: each.path, flags: [...each.flags] });
			return;
		case 'create':
			account.createFolder(each.path);
			return;
		case 'delete':
			account.deleteFolder(each.path);
			return;
		case 'rename':
			account.renameFolder(each.path, each.to);
			return;
		case 'expunge':
			folder?.expunge(each.uids);
			return;
		case 'flags':
			folder?.setFlags(each.uids, each.flags, each.action);
			return;
		case 'reset':
			folder?.resetUidValidity();
			return;
		case 'move': {
			const target = account.folder(each.to);
			if (folder === undefined || target === undefined) return;
			const moving = folder.messages.filter(({ uid }) => each.uids.includes(uid));
			for (const { bytes, flags: kept } of moving) target.append(bytes, { flags: kept });
			folder.expunge(moving.map(({ uid }) => uid));
		}
	}
}

/** What is seen of an account, without what only its clock or its order of creation decides. */
function drawn(account: AccountStore): unknown {
	const folders = account.folders().map((folder) => ({
		path: folder.path,
		next: folder.uidNext,
		size: folder.size,
		messages: folder.messages.map(({ uid, raw, size, flags: set }) => ({
			uid,
			size,
			content: raw.toString('latin1'),
			flags: [...set].sort(),
		})),
	}));
	return {
		used: account.usedBytes,
		folders: folders.sort((a, b) => (a.path < b.path ? -1 : 1)),
	};
}

/** Who listens to each folder from its first day, and knows it by what it is told. */
class Followers {
	readonly #known = new Map<Folder, { uids: number[]; validity: number; highest: number }>();
	#highestValidity = 0;

	constructor(account: AccountStore) {
		this.follow(account);
	}

	follow(account: AccountStore): void {
		for (const folder of account.folders()) if (!this.#known.has(folder)) this.#follow(folder);
	}

	check(): void {
		for (const [folder, known] of this.#known) {
			expect(folder.messages.map(({ uid }) => uid)).toEqual(known.uids);
			expect(folder.uidValidity).toBe(known.validity);
			expect(folder.uidNext).toBeGreaterThan(known.highest);
		}
	}

	#follow(folder: Folder): void {
		expect(folder.uidValidity).toBeGreaterThan(this.#highestValidity);
		this.#highestValidity = folder.uidValidity;
		const known = {
			uids: folder.messages.map(({ uid }) => uid),
			validity: folder.uidValidity,
			highest: folder.messages.at(-1)?.uid ?? 0,
		};
		folder.subscribe((change) => {
			if (change.kind === 'append') {
				// RFC 3501 2.3.1.1: never a UID that was given before
				expect(change.message.uid).toBeGreaterThan(known.highest);
				known.highest = change.message.uid;
				known.uids.push(change.message.uid);
			} else if (change.kind === 'expunge') {
				known.uids = known.uids.filter((uid) => uid !== change.message.uid);
			} else if (change.kind === 'reset') {
				expect(folder.uidValidity).toBeGreaterThan(this.#highestValidity);
				this.#highestValidity = folder.uidValidity;
				known.validity = folder.uidValidity;
				known.uids = folder.messages.map(({ uid }) => uid);
				known.highest = known.uids.at(-1) ?? 0;
			}
		});
		this.#known.set(folder, known);
	}
}
