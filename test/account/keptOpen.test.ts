import { expect, it } from 'vitest';
import { keptOpen } from '../../nodes/account/keptOpen.ts';
import type { OpenFolder } from '../../nodes/mail/types.ts';

/** A session that notes what is opened; a folder is selected until another one is opened. */
function session() {
	const opened: string[] = [];
	let clock = 0;
	const open = keptOpen(
		{
			open: async (path) => {
				const number = opened.push(path);
				const folder = { path, isSelected: () => opened.length === number };
				return await Promise.resolve(folder as OpenFolder);
			},
		},
		() => clock,
	);
	const pass = (milliseconds: number) => (clock += milliseconds);
	return { open, opened, pass };
}

it('a folder was opened anew for each few messages, and stays open for a second', async () => {
	const { open, opened, pass } = session();
	const first = await open('INBOX');
	pass(999);
	expect(await open('INBOX')).toBe(first);
	expect(opened).toEqual(['INBOX']);
});

it('one that may have been renamed or removed meanwhile is opened anew', async () => {
	const { open, opened, pass } = session();
	const first = await open('INBOX');
	pass(1_000);
	expect(await open('INBOX')).not.toBe(first);
	expect(opened).toEqual(['INBOX', 'INBOX']);
});

it('one is opened anew when another one is open', async () => {
	const { open, opened } = session();
	for (const path of ['INBOX', 'Altra', 'INBOX', 'INBOX']) {
		expect(await open(path)).toMatchObject({ path });
	}
	expect(opened).toEqual(['INBOX', 'Altra', 'INBOX']);
});
