export function isAlive(pid: number): boolean;

/**
 * Runs `action` while no other process runs one under the same `lock` (a path; a folder is made there). A lock whose
 * process is gone is taken over. `onWait` is called once, when there is something to wait for.
 */
export function withLock<T>(
	lock: string,
	action: () => Promise<T>,
	onWait?: () => void,
): Promise<T>;
