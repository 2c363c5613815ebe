// JavaScript, because bootstrap.mjs runs on the machine's own, older Node too.
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';

const LOOK_AGAIN_MS = 500;
/** A lock is signed right after it is made; one unsigned for longer was left by a crash in between. */
const UNSIGNED_MS = 10_000;

export function isAlive(pid) {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		// Somebody else's process: there, and not ours to signal.
		return error.code === 'EPERM';
	}
}

function ageOf(path) {
	const stats = statSync(path, { throwIfNoEntry: false });
	return stats === undefined ? 0 : Date.now() - stats.mtimeMs;
}

function isStale(lock) {
	try {
		return !isAlive(Number(readFileSync(join(lock, 'pid'), 'utf8')));
	} catch {
		return ageOf(lock) > UNSIGNED_MS;
	}
}

function tryLock(lock) {
	try {
		mkdirSync(lock);
	} catch (error) {
		if (error.code === 'EEXIST') return false;
		throw error;
	}
	writeFileSync(join(lock, 'pid'), String(process.pid));
	return true;
}

export async function withLock(lock, action, onWait = () => undefined) {
	mkdirSync(dirname(lock), { recursive: true });
	for (let told = false; !tryLock(lock);) {
		if (isStale(lock)) {
			rmSync(lock, { recursive: true, force: true });
			continue;
		}
		if (!told) onWait();
		told = true;
		await delay(LOOK_AGAIN_MS);
	}
	try {
		return await action();
	} finally {
		rmSync(lock, { recursive: true, force: true });
	}
}
