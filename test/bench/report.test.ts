import { describe, expect, it } from 'vitest';
import { performancePage } from './report.ts';
import type { Work } from './works.ts';

const work = (name: string): Work => ({
	name,
	purpose: `purpose of ${name}`,
	needs: [],
	notes: [`notes of ${name}`],
	run: async () => await Promise.resolve([]),
});
const works = [work('one'), work('two')];
const measured = (...names: string[]) =>
	works.filter(({ name }) => names.includes(name)).map((each) => ({ work: each, rows: [] }));

describe('the page of figures', () => {
	it('keeps the section of a work that is not measured now, with its machine', async () => {
		const before = await performancePage(measured('one', 'two'), ['an old machine'], {
			works,
			before: '',
		});
		const page = await performancePage(measured('two'), ['a new machine'], { works, before });
		const [, one = '', two = ''] = page.split(/^(?=## )/m);
		expect(one).toContain('notes of one');
		expect(one).toContain('an old machine');
		expect(two).toContain('notes of two');
		expect(two).toContain('a new machine');
		expect(two).not.toContain('an old machine');
	});
});
