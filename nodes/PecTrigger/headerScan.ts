import type { OpenFolder, ScannedMessage } from '../mail/types';

/** After as many failures at the same message it is taken for one that the server cannot give. */
export const TRIES = 3;

/** A message of which the server gives not even the header, though it gives others. */
export interface UnreadablePlace {
	readonly uid: number;
	readonly headers: undefined;
}

/** How often reading failed, by what was read. Lives longer than a connection: a failure often ends it. */
export class Failures {
	readonly #counts = new Map<string, number>();

	of(...place: ReadonlyArray<string | number>): number {
		return this.#counts.get(JSON.stringify(place)) ?? 0;
	}

	/** What `work` comes to; counted as failed until then. */
	async counted<T>(place: ReadonlyArray<string | number>, work: () => Promise<T>): Promise<T> {
		const key = JSON.stringify(place);
		this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
		const result = await work();
		this.#counts.delete(key);
		return result;
	}
}

/**
 * The headers of these messages. When asking for them together fails again and again, they are asked for one by one, and
 * the one at which it fails is passed by, once others can be read: the server then works, and that message does not.
 * @returns in ascending order; those that are gone are left out
 * @throws MailError
 */
export async function scanHeaders(
	folder: OpenFolder,
	uids: readonly number[],
	failures: Failures,
): Promise<Array<ScannedMessage | UnreadablePlace>> {
	const { path, uidValidity } = folder;
	const together = [path, uidValidity, 'headers', uids[0] ?? 0];
	if (failures.of(...together) < TRIES) {
		return await failures.counted(together, async () => await folder.scan(uids));
	}
	const found: Array<ScannedMessage | UnreadablePlace> = [];
	for (const uid of uids) {
		const alone = [path, uidValidity, 'header', uid];
		if (failures.of(...alone) >= TRIES && (await givesOthers(folder, uid))) {
			found.push({ uid, headers: undefined });
		} else {
			found.push(...(await failures.counted(alone, async () => await folder.scan([uid]))));
		}
	}
	return found;
}

async function givesOthers(folder: OpenFolder, uid: number): Promise<boolean> {
	const all = await folder.search({});
	const place = all.indexOf(uid);
	const neighbour = all[place + 1] ?? all[place - 1];
	return neighbour !== undefined && (await folder.scan([neighbour])).length > 0;
}
