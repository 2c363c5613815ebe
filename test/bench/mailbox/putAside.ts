import { execFileSync } from 'node:child_process';
import { readdirSync, renameSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

let moved = 0;

/**
 * Makes room for the next run: `folder` is there no more, and its files have no bytes. They are not removed: ext4 gives no
 * inode again within minutes of a removal, and looks through all those for each new file, which would be measured then.
 * What the system still has to write is written when it returns: else whoever is next would wait for it.
 * @param to made; on the same file system
 */
export function putAside(folder: string, to: string): void {
	moved += 1;
	const aside = join(to, String(moved));
	renameSync(folder, aside);
	for (const entry of readdirSync(aside, { recursive: true, withFileTypes: true })) {
		if (entry.isFile()) truncateSync(join(entry.parentPath, entry.name));
	}
	execFileSync('sync');
}
