import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hasEnded, processName } from '../../nodes/PecTrigger/processName.ts';

const isTold = process.platform === 'linux';

describe.skipIf(!isTold)('a process', () => {
	const [machine, pid, start] = processName().split('.');

	it('that is there has not ended', () => {
		expect(pid).toBe(String(process.pid));
		expect(hasEnded(processName())).toBe(false);
	});

	it('that was killed has ended', async () => {
		const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
		onTestFinished(() => void child.kill('SIGKILL'));
		await once(child, 'spawn');
		const stat = readFileSync(`/proc/${child.pid}/stat`, 'latin1');
		const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
		const name = `${machine}.${child.pid}.${started}`;
		expect(hasEnded(name)).toBe(false);
		child.kill('SIGKILL');
		await once(child, 'exit');
		expect(hasEnded(name)).toBe(true);
	});

	it('has ended when another has its number now', () => {
		expect(hasEnded(`${machine}.${pid}.${Number(start) - 1}`)).toBe(true);
	});

	it('of another machine, or without such a name, is not known to have ended', () => {
		expect(hasEnded(`000000000000.${pid}.${Number(start) - 1}`)).toBe(false);
		expect(hasEnded('0b0c8b1e-8f0c-4f0e-9d3c-1a2b3c4d5e6f')).toBe(false);
		expect(hasEnded('')).toBe(false);
	});
});
