import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { DIFFERENCES } from './differences.ts';

it('every difference between the servers stands in docs/SANDBOX.md, and no other one', () => {
	const text = readFileSync(join(import.meta.dirname, '../../docs/SANDBOX.md'), 'utf8');
	const [, section = ''] = text.split('## Compared with Dovecot and Cyrus');
	const rows = section
		.split('\n##')[0]
		?.split('\n')
		.filter((line) => line.startsWith('|'))
		.slice(2)
		.map((line) =>
			line
				.slice(1, -1)
				.split('|')
				.map((cell) => cell.trim()),
		);
	expect(rows).toEqual(
		Object.values(DIFFERENCES).map(({ what, answers, because }) => [
			what,
			...Object.values(answers),
			because,
		]),
	);
});
