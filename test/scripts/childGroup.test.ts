import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ROOT } from '../../scripts/folders.ts';
import { listenForLives } from './lives.ts';
import { temporaryFolder } from './temporary.ts';

it.skipIf(process.platform === 'win32').each(['SIGKILL', 'SIGTERM'] as const)(
	'a program started here ends with its own children when this process is ended by %s',
	async (signal) => {
		const lives = await listenForLives();
		const folder = temporaryFolder();
		const live = `import { connect } from 'node:net'; connect(${lives.port}, '127.0.0.1');`;
		writeFileSync(join(folder, 'grandchild.mjs'), live);
		writeFileSync(
			join(folder, 'child.mjs'),
			`import { spawn } from 'node:child_process';
			spawn(process.execPath, ['grandchild.mjs'], { stdio: 'ignore' }); setInterval(() => {}, 1000);`,
		);
		writeFileSync(
			join(folder, 'parent.mjs'),
			`import { runNode } from ${JSON.stringify(join(ROOT, 'scripts', 'command.ts'))};
			await runNode(['child.mjs'], { cwd: ${JSON.stringify(folder)} });`,
		);
		const grandchild = lives.next();
		const parent = spawn(process.execPath, ['parent.mjs'], { cwd: folder, stdio: 'ignore' });
		onTestFinished(() => void parent.kill('SIGKILL'));
		const socket = await grandchild;
		const ended = once(socket, 'close');
		parent.kill(signal);
		await ended;
		expect(socket.destroyed).toBe(true);
	},
);
