import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { sha256Of } from '../pec/sha256';

/** Whether runs go on at workers when the process that started them ends, and others may watch beside it; n8n tells no node. */
export function isQueueMode(): boolean {
	return process.env.EXECUTIONS_MODE === 'queue';
}

/**
 * Processes of one boot of one machine that see each other, as a text; `undefined` where it cannot be told. A number of a PID
 * namespace is given again only when nothing is left of the one before.
 */
function machine(): string | undefined {
	try {
		const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
		const namespace = readlinkSync('/proc/self/ns/pid');
		return sha256Of(`${boot} ${namespace}`).slice(0, 12);
	} catch {
		return undefined;
	}
}

/** When a process started, in ticks since the boot (proc(5), field 22 of stat); `undefined` when there is none. */
function startOf(pid: string): string | undefined {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
		// The second field is a name in brackets, in which anything may stand.
		return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
	} catch {
		return undefined;
	}
}

/** A name that no other process has, by which those on the same machine can tell whether it is still there. */
export function processName(): string {
	const where = machine();
	const start = startOf('self');
	if (where === undefined || start === undefined) return randomUUID();
	return `${where}.${process.pid}.${start}`;
}

/** Whether the process of that name ran on this machine and has ended; false when it cannot be told. */
export function hasEnded(name: string): boolean {
	const [where, pid = '', start] = name.split('.');
	if (start === undefined || where !== machine() || !/^\d+$/.test(pid)) return false;
	return !isThere(Number(pid)) || (startOf(pid) ?? start) !== start;
}

function isThere(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch (error) {
		// EPERM: it is there, and somebody else's.
		return (error as NodeJS.ErrnoException).code !== 'ESRCH';
	}
}
