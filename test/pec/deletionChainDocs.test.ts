import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../scripts/folders.ts';
import { chained, endsOf } from '../../nodes/pec/deletionChain.ts';

const hasPython = spawnSync('python3', ['--version']).status === 0;
const title = hasPython ? '' : ' (python3 is not installed)';

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'pec-chain-'));
	const [, code = ''] =
		/```python\n(.*?)```/s.exec(readFileSync(join(ROOT, 'docs', 'MAILBOX.md'), 'utf8')) ?? [];
	writeFileSync(join(folder, 'verify.py'), code);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function verify(lines: readonly object[]): string {
	const file = join(folder, 'deletions.jsonl');
	writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
	try {
		return execFileSync('python3', [join(folder, 'verify.py'), file], { encoding: 'utf8' }).trim();
	} catch (error) {
		return String((error as { stderr: string }).stderr ?? error).trim();
	}
}

describe.skipIf(!hasPython)(
	`the command that docs/MAILBOX.md gives to verify deletions${title}`,
	() => {
		const entries = chained(
			[1, 2, 3, 4].map((uid) => ({
				uid,
				folder: 'INBOX/Città "A"\u007f\t\\',
				location: '…/è 😀',
				foundGone: true,
			})),
			[],
		);
		const items = entries.map((deletion) => ({ deletion }));
		const [one, two, three, four] = items as [object, object, object, object];
		const GOOD = '4 deletions, none changed, none missing in between';

		it('takes what was written, as items of n8n or bare, with a summary in between, and twice', () => {
			expect(verify(items)).toBe(GOOD);
			expect(verify(entries)).toBe(GOOD);
			expect(verify([one, { cleanUp: {} }, two, two, three, four])).toBe(GOOD);
		});

		it('takes a file that begins later', () => {
			expect(verify([two, three, four])).toMatch(/^3 deletions/);
		});

		it('takes clean-ups that ran at the same time', () => {
			const beside = chained([{ uid: 9 }], [entries[0]?.hash ?? '']);
			const next = chained([{ uid: 10 }], endsOf([...entries, ...beside]));
			expect(verify([...entries, ...beside, ...next])).toMatch(/^6 deletions/);
		});

		it.each<[string, object[], RegExp]>([
			['a changed entry', [one, { deletion: { ...entries[1], uid: 7 } }, three], /line 2: CHANGED/],
			['a removed entry', [one, three, four], /line 2: .*MISSING/],
			['entries in another order', [one, three, two, four], /line 2: .*MISSING/],
		])('finds %s', (_, lines, expected) => {
			expect(verify(lines)).toMatch(expected);
		});
	},
);
