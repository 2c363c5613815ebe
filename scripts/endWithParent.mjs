// Loaded into a program before the program itself (`node --import`, or NODE_OPTIONS): it ends when the process that
// started it is gone, however that went (also by SIGKILL). JavaScript, because npm also runs on the machine's own, older
// Node.
import { Socket } from 'node:net';
import process from 'node:process';

/**
 * How to tell: `pipe`, file descriptor 3 is a pipe from the parent; `channel`, the parent opened Node's own channel.
 * Taken out, so that a Node that the program starts in its turn does not look at things that are not there.
 */
const watch = process.env.N8N_NODES_PEC_PARENT;
delete process.env.N8N_NODES_PEC_PARENT;

if (watch === 'pipe') {
	const pipe = new Socket({ fd: 3, readable: true, writable: false });
	pipe.on('close', () => {
		if (process.platform === 'win32') process.exit(1);
		// The program leads a process group (it was started `detached`): its children end too.
		process.kill(-process.pid, 'SIGKILL');
	});
	pipe.on('error', () => pipe.destroy());
	pipe.resume();
	pipe.unref();
}

if (watch === 'channel') {
	// As if the parent had been asked to end, and had passed it on.
	process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
	process.channel?.unref();
}
