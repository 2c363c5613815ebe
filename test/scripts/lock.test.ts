import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withLock } from '../../scripts/lock.mjs';
import { temporaryFolder } from './temporary.ts';

describe('a lock', () => {
	it('lets the second in when the first is done, and says once that it waits', async () => {
		const lock = join(temporaryFolder(), 'lock');
		const events: string[] = [];
		let release = () => undefined as void;
		const first = withLock(lock, async () => {
			await new Promise<void>((resolve) => (release = resolve));
			events.push('first');
		});
		const second = withLock(
			lock,
			async () => void events.push('second'),
			() => {
				events.push('waits');
				release();
			},
		);
		await Promise.all([first, second]);
		expect(events).toEqual(['waits', 'first', 'second']);
		expect(existsSync(lock)).toBe(false);
	});

	it('is given back when the action fails', async () => {
		const lock = join(temporaryFolder(), 'lock');
		await expect(withLock(lock, async () => await Promise.reject(new Error('no')))).rejects.toThrow(
			'no',
		);
		expect(existsSync(lock)).toBe(false);
	});

	it('of a process that is gone is taken over', async () => {
		const lock = join(temporaryFolder(), 'lock');
		mkdirSync(lock);
		writeFileSync(join(lock, 'pid'), String(spawnSync(process.execPath, ['--version']).pid));
		await expect(withLock(lock, async () => 'in')).resolves.toBe('in');
	});

	it('left unsigned by a crash is taken over', async () => {
		const lock = join(temporaryFolder(), 'lock');
		mkdirSync(lock);
		const longAgo = new Date(Date.now() - 60_000);
		utimesSync(lock, longAgo, longAgo);
		await expect(withLock(lock, async () => 'in')).resolves.toBe('in');
	});
});
