import { describe, expect, it } from 'vitest';
import { spaceOf, type SpaceFacts } from '../../nodes/pec/space.ts';

const facts: SpaceFacts = {
	folders: [
		{ path: 'INBOX', messages: 2, size: 700 },
		{ path: 'Archivio', messages: 1, size: 100 },
	],
	foldersSource: 'status',
	closed: [],
	threshold: 80,
};
const records = { path: 'n8n PEC (do not delete)', messages: 3, size: 50 };

describe('the space of a mailbox', () => {
	it('is what the server says, where it says it', () => {
		const space = spaceOf({ ...facts, records, quota: { used: 900, limit: 1000 } });
		expect(space).toEqual({
			used: 900,
			limit: 1000,
			percent: 90,
			free: 100,
			source: 'quota',
			limitSource: 'server',
			foldersSource: 'status',
			folders: facts.folders,
			records,
			threshold: 80,
			overThreshold: true,
		});
	});

	it('is the sum of folders and records without quota, with no percentage of nothing', () => {
		const space = spaceOf({ ...facts, foldersSource: 'sum', records });
		expect(space).toEqual({
			used: 850,
			source: 'sum',
			foldersSource: 'sum',
			folders: facts.folders,
			records,
			threshold: 80,
		});
	});

	it('goes by the size that the user gives where the server names none', () => {
		expect(spaceOf({ ...facts, givenLimit: 1000 })).toMatchObject({
			used: 800,
			limit: 1000,
			percent: 80,
			free: 200,
			limitSource: 'given',
			overThreshold: false,
		});
		expect(spaceOf({ ...facts, givenLimit: 5, quota: { used: 800, limit: 1000 } })).toMatchObject({
			limit: 1000,
			limitSource: 'server',
		});
	});

	it('counts a folder that shows others’ messages once more for nothing', () => {
		const all = { path: 'Tutti', messages: 3, size: 800, shownAgain: true } as const;
		expect(spaceOf({ ...facts, folders: [...facts.folders, all] }).used).toBe(800);
	});

	it.each([
		[79.94, 79.9, false],
		[80, 80, false],
		[80.1, 80.1, true],
		[130, 130, true],
	])('of %d percent shows %d, and says by what it shows whether that is over 80', (...row) => {
		const [exact, percent, overThreshold] = row;
		const quota = { used: exact * 100, limit: 10_000 };
		expect(spaceOf({ ...facts, quota })).toMatchObject({ percent, overThreshold });
	});

	it('is never less than nothing free, and names the folders nobody may look into', () => {
		const space = spaceOf({ ...facts, closed: ['Riservata'], quota: { used: 12, limit: 10 } });
		expect(space).toMatchObject({ free: 0, percent: 120, closed: ['Riservata'] });
	});
});
