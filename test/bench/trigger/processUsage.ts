import { existsSync, readFileSync } from 'node:fs';

/** What a process has used since it was started. */
export interface Usage {
	readonly cpuMilliseconds: number;
	readonly peakMegabytes: number;
	/** Now. */
	readonly residentMegabytes: number;
}

/** Clock ticks a second in /proc/<pid>/stat: the kernel's USER_HZ, on every platform Node runs on. */
const TICKS = 100;

/** `undefined` on a system without /proc, or when there is no such process. */
export function usageOf(pid: number | undefined): Usage | undefined {
	if (pid === undefined || !existsSync(`/proc/${pid}/status`)) return undefined;
	return readUsage(
		readFileSync(`/proc/${pid}/stat`, 'utf8'),
		readFileSync(`/proc/${pid}/status`, 'utf8'),
	);
}

/** From the texts of /proc/<pid>/stat and status (proc(5)). */
export function readUsage(stat: string, status: string): Usage {
	// The program's name comes before, in parentheses, and may itself hold spaces and parentheses.
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	const [userTicks, systemTicks] = [Number(fields[11]), Number(fields[12])];
	const megabytes = (field: string) =>
		Number(new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
	return {
		cpuMilliseconds: ((userTicks + systemTicks) * 1000) / TICKS,
		peakMegabytes: megabytes('VmHWM'),
		residentMegabytes: megabytes('VmRSS'),
	};
}
