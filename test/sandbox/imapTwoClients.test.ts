import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Folder } from '../../sandbox/store/folder.ts';
import { startDesk } from './imapDesk.ts';
import type { Desk } from './imapDesk.ts';
import { View } from './imapView.ts';

const FOLDERS = ['INBOX', 'Archivio'] as const;
const FLAGS = ['\\Seen', '\\Deleted', '\\Flagged', 'kw'] as const;

const folderName = fc.constantFrom(...FOLDERS);
const flag = fc.constantFrom(...FLAGS);
/** Which message, as a part of how many there are. */
const where = fc.double({ min: 0, max: 0.999, noNaN: true });

const action = fc.oneof(
	{ weight: 3, arbitrary: fc.record({ kind: fc.constant('append' as const), folder: folderName }) },
	{
		weight: 4,
		arbitrary: fc.record({
			kind: fc.constant('store' as const),
			where,
			to: where,
			manner: fc.constantFrom('STORE', 'UID STORE', 'silent'),
			sign: fc.constantFrom('+' as const, '-' as const),
			flag,
		}),
	},
	{
		weight: 3,
		arbitrary: fc.record({
			kind: fc.constant('fetch' as const),
			where,
			to: where,
			manner: fc.constantFrom('FETCH', 'UID FETCH'),
			items: fc.constantFrom('(UID FLAGS)', '(UID BODY[])', '(UID BODY.PEEK[] FLAGS)', 'UID'),
		}),
	},
	{
		weight: 2,
		arbitrary: fc.record({
			kind: fc.constant('copy' as const),
			where,
			to: where,
			folder: folderName,
			manner: fc.constantFrom('COPY', 'MOVE', 'UID COPY', 'UID MOVE'),
		}),
	},
	fc.record({
		kind: fc.constant('search' as const),
		command: fc.constantFrom('SEARCH UNDELETED', 'UID SEARCH SEEN', 'SEARCH NOT KEYWORD kw'),
	}),
	{ weight: 2, arbitrary: fc.record({ kind: fc.constant('expunge' as const) }) },
	fc.record({ kind: fc.constant('noop' as const) }),
	fc.record({ kind: fc.constant('idle' as const) }),
	fc.record({
		kind: fc.constant('leave' as const),
		command: fc.constantFrom('CLOSE' as const, 'UNSELECT' as const),
	}),
	fc.record({ kind: fc.constant('select' as const), folder: folderName, readOnly: fc.boolean() }),
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

/** What is done at the same time: by either client, by both, or by the provider behind them. */
const step = fc.record({
	a: fc.option(action, { nil: undefined, freq: 3 }),
	b: fc.option(action, { nil: undefined, freq: 3 }),
	provider: fc.option(
		fc.record({ kind: fc.constantFrom('deliver', 'expunge', 'flag'), folder: folderName, where }),
		{ nil: undefined, freq: 2 },
	),
});

describe('two clients at work on the same folders', () => {
	it('see numbers that always hold, and in the end what is there, in whatever order they act', async () => {
		const desk = await startDesk();
		let serial = 0;
		const contents = new Map<string, string>();
		for (const name of FOLDERS) {
			folderOf(desk, name).subscribe((change) => {
				if (change.kind !== 'append') return;
				const { uid, raw } = change.message;
				contents.set(`${name} ${uid}`, raw.toString('latin1').trim());
			});
		}
		const contentOf = (name: string, uid: number): string | undefined =>
			contents.get(`${name} ${uid}`);
		const next = (): string => `N: ${(serial += 1)}\r\n\r\n`;

		await fc.assert(
			fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
				for (const name of FOLDERS) {
					const folder = folderOf(desk, name);
					folder.expunge(folder.messages.map(({ uid }) => uid));
				}
				for (let i = 0; i < 4; i += 1) desk.account.deliver(Buffer.from(next()));
				const wires = await Promise.all([desk.wire(), desk.wire()]);
				const views = wires.map((wire) => new View(wire, contentOf));
				for (const view of views) await view.select('INBOX');
				for (const { a, b, provider } of steps) {
					const jobs = [a, b].map(async (each, index) => {
						const view = views[index];
						if (each !== undefined && view !== undefined) await act(view, each, next);
					});
					if (provider !== undefined) behindThem(desk, provider, next);
					await Promise.all(jobs);
				}
				for (const view of views) {
					if (view.folder === undefined) await view.select('INBOX');
					await view.run('NOOP');
				}
				for (const view of views) {
					await view.run('NOOP');
					const truth = folderOf(desk, view.folder ?? '').messages;
					expect(view.messages).toEqual(
						truth.map(({ uid, flags }, index) => ({
							...(view.messages[index]?.uid === undefined ? {} : { uid }),
							...(view.messages[index]?.flags === undefined ? {} : { flags: [...flags].sort() }),
						})),
					);
					await view.learn();
					expect(view.messages).toEqual(
						truth.map(({ uid, flags }) => ({ uid, flags: [...flags].sort() })),
					);
				}
				for (const wire of wires) wire.destroy();
			}),
			{ numRuns: 80 },
		);
		expect(desk.log.filter(({ error }) => error !== undefined)).toEqual([]);
	});
});

function folderOf(desk: Desk, name: string): Folder {
	const folder = desk.account.folder(name);
	if (folder === undefined) throw new Error('no such folder');
	return folder;
}

async function act(view: View, each: Action, next: () => string): Promise<void> {
	if (each.kind === 'idle') return view.folder === undefined ? undefined : await view.idle();
	// what it hears of at the end of IDLE moves its numbers
	await view.leaveIdle();
	if (each.kind === 'select') return await view.select(each.folder, each.readOnly);
	if (each.kind === 'append') {
		const message = next();
		await view.run(`APPEND ${each.folder} {${message.length}+}\r\n${message}`);
		return;
	}
	if (view.folder === undefined) await view.select('INBOX');
	switch (each.kind) {
		case 'store': {
			const set = setOf(view, each);
			if (set === undefined) return;
			if (each.manner === 'silent') return await view.storeSilently(set.from, each.sign, each.flag);
			const numbers = each.manner === 'STORE' ? set.sequences : set.uids;
			await view.run(`${each.manner} ${numbers} ${each.sign}FLAGS (${each.flag})`);
			return;
		}
		case 'fetch': {
			const set = setOf(view, each);
			if (set === undefined) return;
			const numbers = each.manner === 'FETCH' ? set.sequences : set.uids;
			await view.run(`${each.manner} ${numbers} ${each.items}`);
			return;
		}
		case 'copy': {
			const set = setOf(view, each);
			if (set === undefined) return;
			const numbers = each.manner.startsWith('UID') ? set.uids : set.sequences;
			await view.run(`${each.manner} ${numbers} ${each.folder}`);
			return;
		}
		case 'search':
			await view.run(each.command);
			return;
		case 'expunge':
			await view.run('EXPUNGE');
			return;
		case 'noop':
			await view.run('NOOP');
			return;
		case 'leave':
			return await view.leave(each.command);
	}
}

/** Numbers the client has now. A UID it was not told of is asked for by the number of its message. */
function setOf(
	view: View,
	{ where: one, to: other }: { where: number; to: number },
): { from: number; sequences: string; uids: string } | undefined {
	const count = view.messages.length;
	if (count === 0) return undefined;
	const [low, high] = [Math.min(one, other), Math.max(one, other)].map(
		(each) => 1 + Math.floor(each * count),
	);
	const from = low ?? 1;
	const uids = view.messages
		.slice(from - 1, high)
		.flatMap(({ uid }) => uid ?? [])
		.join(',');
	return { from, sequences: `${from}:${high}`, uids: uids || '999999' };
}

function behindThem(
	desk: Desk,
	{ kind, folder: name, where: part }: { kind: string; folder: string; where: number },
	next: () => string,
): void {
	const folder = folderOf(desk, name);
	const message = folder.messages[Math.floor(part * folder.messages.length)];
	if (kind === 'deliver') desk.account.deliver(Buffer.from(next()), { folder: name });
	else if (message === undefined) return;
	else if (kind === 'expunge') folder.expunge([message.uid]);
	else folder.setFlags([message.uid], ['\\Answered'], 'add');
}
