import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runNode } from '../../scripts/command.ts';
import { ROOT } from '../../scripts/folders.ts';

const FUZZ = path.join(import.meta.dirname, 'fuzz.ts');
/** Enough on a busy machine; what is planted is found in a fraction of it. */
const SECONDS = '120';

let folder: string;

beforeAll(() => {
	folder = mkdtempSync(path.join(tmpdir(), 'pec-fuzz-test-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function fuzz(...args: readonly string[]) {
	return await runNode(['--no-warnings', FUZZ, ...args], { cwd: ROOT });
}

describe('the fuzzer', () => {
	it.each([
		['throwing', 'threw'],
		['hanging', 'hangs'],
		['dying', 'died'],
		['leaking', 'grew'],
		['trusting', 'wronglyVerified'],
		['slow', 'slow'],
	])(
		'finds a reader that is %s, keeps the message and ends with another status than 0',
		async (reader, fault) => {
			const kept = path.join(folder, reader);
			const file = path.join(import.meta.dirname, 'faulty', `${reader}.ts`);
			const args = [
				'--first',
				'--seed',
				'1',
				'--seconds',
				SECONDS,
				'--keep',
				kept,
				'--reader',
				file,
			];
			const { code, output } = await fuzz(...args);
			expect(output).toContain(`Found: ${fault}`);
			expect(code).toBe(1);
			const [message] = readdirSync(kept).filter((name) =>
				new RegExp(`^${fault}-1-\\d+\\.eml$`).test(name),
			);
			expect(message).toBeDefined();
		},
		240_000,
	);

	it('shows a message that was kept once more, with what is found', async () => {
		const kept = path.join(folder, 'throwing');
		const [message = ''] = readdirSync(kept).filter((name) => name.endsWith('.least.eml'));
		const file = path.join(kept, message);
		const faulty = path.join(import.meta.dirname, 'faulty', 'throwing.ts');
		expect(await fuzz('--replay', file, '--reader', faulty)).toMatchObject({
			code: 1,
			output: expect.stringContaining('threw: TypeError'),
		});
		expect(await fuzz('--replay', file)).toMatchObject({
			code: 0,
			output: expect.stringContaining('Nothing was found.'),
		});
	}, 60_000);

	it('finds nothing in the reader as it is, and says what was reached', async () => {
		const { code, output } = await fuzz('--seed', '1', '--seconds', '5');
		expect(output).toMatch(/Reached by \d+ messages:\n {2}kind .*receipt \d+/);
		expect(output).toContain('Nothing was found.');
		expect(code).toBe(0);
	}, 120_000);

	it('explains itself, and says what is wrong with an option', async () => {
		expect(await fuzz('--help')).toMatchObject({
			code: 0,
			output: expect.stringContaining('--seconds N'),
		});
		expect(await fuzz('--replay', 'nothing.eml')).toMatchObject({
			code: 1,
			output: 'There is no file nothing.eml.\n',
		});
		expect(await fuzz('--seconds', '0')).toMatchObject({
			code: 1,
			output: expect.stringContaining('--seconds wants a number'),
		});
	}, 60_000);
});
