import { readFileSync } from 'node:fs';
import process from 'node:process';

const LOOK_AGAIN_MS = 1_000;
const SHELLS = new Set(['sh', 'dash', 'bash', 'ash', 'busybox']);

/** Linux only; `undefined` elsewhere, and for a process that is gone. */
function readProcess(pid) {
	try {
		// proc(5): "pid (name) state parent …"; the name may hold anything.
		const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
		const nameEnd = stat.lastIndexOf(')');
		const [state, parent] = stat.slice(nameEnd + 2).split(' ');
		return { name: stat.slice(stat.indexOf('(') + 1, nameEnd), state, parent: Number(parent) };
	} catch {
		return undefined;
	}
}

/**
 * Calls `handler` when the npm that runs this script is gone: one that was killed outright passes no signal on. Between
 * npm and this process there is a shell, which on some systems stays and so hides npm's end.
 */
export function onNpmGone(handler) {
	if (process.env.npm_lifecycle_event === undefined) return;
	const parent = process.ppid;
	const shell = readProcess(parent);
	const npm = shell !== undefined && SHELLS.has(shell.name) ? shell.parent : undefined;
	const isGone = () => {
		if (process.ppid !== parent) return true;
		// Z: ended, and not yet looked after by who started it.
		return npm !== undefined && [undefined, 'Z'].includes(readProcess(npm)?.state);
	};
	const timer = setInterval(() => {
		if (!isGone()) return;
		clearInterval(timer);
		handler();
	}, LOOK_AGAIN_MS);
	timer.unref();
}
