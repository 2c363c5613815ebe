import fc from 'fast-check';
import { SPOOL_THRESHOLD } from '../../sandbox/store/spool.ts';

interface ModelMessage {
	readonly uid: number;
	readonly content: string;
	readonly flags: readonly string[];
}

/** A folder as one would draw it. */
interface ModelFolder {
	next: number;
	messages: ModelMessage[];
}

/** Bytes. */
export const QUOTA = 3 * SPOOL_THRESHOLD + 501;
const DEFAULTS = ['INBOX', 'Inviata', 'Bozze', 'Cestino', 'Archivio'];
// Few, so that things happen to the same ones.
const path = fc.oneof(
	{ weight: 3, arbitrary: fc.constant('INBOX') },
	{ weight: 6, arbitrary: fc.constantFrom('A', 'A/B', 'C', 'C/B') },
	{ weight: 1, arbitrary: fc.constantFrom('D/E/F', 'A/B/C', 'Inviata', 'A//B', '') },
);
const uids = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 3 });
const flags = fc.uniqueArray(fc.constantFrom('\\Seen', '\\Deleted', 'kw'));

/** One thing done to an account. */
export const step = fc.oneof(
	{
		weight: 5,
		arbitrary: fc.record({
			do: fc.constant('deliver' as const),
			path,
			size: fc.constantFrom(0, 1, 500, SPOOL_THRESHOLD, SPOOL_THRESHOLD + 1, 2 * SPOOL_THRESHOLD),
			flags,
		}),
	},
	{ weight: 2, arbitrary: fc.record({ do: fc.constant('expunge' as const), path, uids }) },
	{
		weight: 2,
		arbitrary: fc.record({
			do: fc.constant('flags' as const),
			path,
			uids,
			flags,
			action: fc.constantFrom('replace' as const, 'add' as const, 'remove' as const),
		}),
	},
	{ weight: 2, arbitrary: fc.record({ do: fc.constant('move' as const), path, to: path, uids }) },
	{ weight: 2, arbitrary: fc.record({ do: fc.constant('rename' as const), path, to: path }) },
	{ weight: 2, arbitrary: fc.record({ do: fc.constant('create' as const), path }) },
	fc.record({ do: fc.constant('delete' as const), path }),
	fc.record({ do: fc.constant('reset' as const), path }),
);
export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** An account on paper. */
export class Paper {
	readonly #folders = new Map<string, ModelFolder>();

	constructor() {
		for (const name of DEFAULTS) this.#add(name);
	}

	/** As `drawn` shows an account. */
	drawn(): unknown {
		const folders = [...this.#folders].map(([name, { next, messages }]) => ({
			path: name,
			next,
			size: sizeOf(messages),
			messages: messages.map(({ uid, content, flags: set }) => ({
				uid,
				size: content.length,
				content,
				flags: [...set].sort(),
			})),
		}));
		return {
			used: this.#used(),
			folders: folders.sort((a, b) => (a.path < b.path ? -1 : 1)),
		};
	}

	/** Does it, and says `done` or what is wrong with it. */
	do(each: Step, content: string): string {
		const folder = this.#folders.get(each.path);
		if (each.do === 'create') return this.#create(each.path);
		if (each.do === 'rename') return this.#rename(each.path, each.to);
		if (folder === undefined) {
			return each.do === 'deliver' || each.do === 'delete' ? 'NONEXISTENT' : 'done';
		}
		switch (each.do) {
			case 'deliver':
				if (this.#used() + content.length > QUOTA) return 'OVERQUOTA';
				put(folder, { content, flags: each.flags });
				break;
			case 'delete':
				if (each.path === 'INBOX') return 'CANNOT';
				this.#folders.delete(each.path);
				break;
			case 'expunge':
				folder.messages = folder.messages.filter(({ uid }) => !each.uids.includes(uid));
				break;
			case 'flags':
				folder.messages = folder.messages.map((message) => {
					if (!each.uids.includes(message.uid)) return message;
					const kept = {
						replace: [],
						add: message.flags,
						remove: message.flags.filter((flag) => !each.flags.some((gone) => gone === flag)),
					}[each.action];
					const added = each.action === 'remove' ? [] : each.flags;
					return { ...message, flags: [...new Set([...kept, ...added])] };
				});
				break;
			case 'reset':
				folder.messages = folder.messages.map((message, index) => ({ ...message, uid: index + 1 }));
				folder.next = folder.messages.length + 1;
				break;
			case 'move': {
				const target = this.#folders.get(each.to);
				if (target === undefined) break;
				const moving = folder.messages.filter(({ uid }) => each.uids.includes(uid));
				for (const message of moving) put(target, message);
				folder.messages = folder.messages.filter((message) => !moving.includes(message));
			}
		}
		return 'done';
	}

	#used(): number {
		return [...this.#folders.values()].reduce((sum, { messages }) => sum + sizeOf(messages), 0);
	}

	#add(name: string): void {
		this.#folders.set(name, { next: 1, messages: [] });
	}

	#create(name: string): string {
		if (name.split('/').includes('')) return 'CANNOT';
		if (this.#folders.has(name)) return 'ALREADYEXISTS';
		// Levels above what is there already stay as they are, also where somebody deleted them.
		const levels = name.split('/').map((_, index, all) => all.slice(0, index).join('/'));
		const lowest = levels.findLastIndex((above) => this.#folders.has(above));
		for (const above of levels.slice(Math.max(1, lowest + 1))) this.#add(above);
		this.#add(name);
		return 'done';
	}

	#rename(from: string, to: string): string {
		const folder = this.#folders.get(from);
		if (folder === undefined) return 'NONEXISTENT';
		if (to.startsWith(`${from}/`)) return 'CANNOT';
		if (from === 'INBOX') {
			const created = this.#create(to);
			if (created !== 'done') return created;
			const target = this.#folders.get(to);
			for (const message of folder.messages) if (target !== undefined) put(target, message);
			folder.messages = [];
			return 'done';
		}
		const moving = [...this.#folders].filter(
			([name]) => name === from || name.startsWith(`${from}/`),
		);
		if (moving.some(([name]) => this.#folders.has(to + name.slice(from.length)))) {
			return 'ALREADYEXISTS';
		}
		const created = this.#create(to);
		if (created !== 'done') return created;
		for (const [name] of moving) this.#folders.delete(name);
		for (const [name, each] of moving) this.#folders.set(to + name.slice(from.length), each);
		return 'done';
	}
}

function put(folder: ModelFolder, { content, flags: set }: Omit<ModelMessage, 'uid'>): void {
	folder.messages.push({ uid: folder.next, content, flags: set });
	folder.next += 1;
}

function sizeOf(messages: readonly ModelMessage[]): number {
	return messages.reduce((sum, { content }) => sum + content.length, 0);
}
