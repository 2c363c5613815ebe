import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ROOT } from '../../scripts/folders.ts';
import { listenForLives } from './lives.ts';
import { temporaryFolder } from './temporary.ts';

it.skipIf(process.platform === 'win32').each(['SIGKILL', 'SIGTERM'] as const)(
	'a server of the tests was left when this process was ended by %s, and no longer is',
	async (signal) => {
		const lives = await listenForLives();
		const folder = temporaryFolder();
		writeFileSync(
			join(folder, 'server.mjs'),
			`import { connect } from 'node:net';
			connect(${lives.port}, '127.0.0.1', () => console.log('ready'));`,
		);
		const owner = { uid: process.getuid?.(), gid: process.getgid?.(), user: '', group: '' };
		const command = [process.execPath, join(folder, 'server.mjs')];
		writeFileSync(
			join(folder, 'parent.mjs'),
			`import { spawnServer } from ${JSON.stringify(join(ROOT, 'test', 'servers', 'imapProcess.ts'))};
			await spawnServer(${JSON.stringify({ name: 'server', folder, owner, command, ready: 'ready' })});
			console.log('started');`,
		);
		const server = lives.next();
		const parent = spawn(process.execPath, ['parent.mjs'], {
			cwd: folder,
			stdio: ['ignore', 'pipe', 'inherit'],
		});
		onTestFinished(() => void parent.kill('SIGKILL'));
		const socket = await server;
		const ended = once(socket, 'close');
		await once(parent.stdout, 'data');
		parent.kill(signal);
		await ended;
		expect(socket.destroyed).toBe(true);
	},
);
