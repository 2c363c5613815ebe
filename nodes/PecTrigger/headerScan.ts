import { NotGiven } from '../mail/notGiven';
import type { OpenFolder, ScannedMessage } from '../mail/types';

/** After as many failures at the same message it is taken for one that the server cannot give. */
export const TRIES = 3;

/** A message of which the server gives not even the header, though it gives others. */
export interface UnreadablePlace {
	readonly uid: number;
	readonly headers: undefined;
}

type Place = ReadonlyArray<string | number>;

/** How often reading failed, by what was read. Lives longer than a connection: a failure often ends it. */
export class Failures {
	readonly #counts = new Map<string, number>();

	of(place: Place): number {
		return this.#counts.get(JSON.stringify(place)) ?? 0;
	}

	/** What `work` comes to; counted as failed until then. */
	async counted<T>(place: Place, work: () => Promise<T>): Promise<T> {
		const key = JSON.stringify(place);
		this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
		const result = await work();
		this.#counts.delete(key);
		return result;
	}
}

/**
 * The headers of these messages. When asking for them together fails again and again, they are asked for one by one, and
 * the one at which it fails is passed by when it fails once more right after another one was read: the server then works,
 * and that message does not.
 * @returns in ascending order; those that are gone are left out
 * @throws MailError
 */
export async function scanHeaders(
	folder: OpenFolder,
	uids: readonly number[],
	failures: Failures,
): Promise<Array<ScannedMessage | UnreadablePlace>> {
	const { path, uidValidity } = folder;
	const scan = async (what: string, asked: readonly number[]) =>
		await failures.counted(
			[path, uidValidity, what, asked[0] ?? 0],
			async () => await scanGiven(folder, asked),
		);
	if (failures.of([path, uidValidity, 'headers', uids[0] ?? 0]) < TRIES) {
		return await scan('headers', uids);
	}
	const found: Array<ScannedMessage | UnreadablePlace> = [];
	for (const uid of uids) {
		const hasFailed = failures.of([path, uidValidity, 'header', uid]) >= TRIES;
		const isProbed = hasFailed && (await givesOthers(folder, uid));
		if (isProbed && failures.of([path, uidValidity, 'probed', uid]) > 0) {
			found.push({ uid, headers: undefined });
		} else {
			found.push(...(await scan(isProbed ? 'probed' : 'header', [uid])));
		}
	}
	return found;
}

/** A message that the server lists and does not give is not gone: passing it over would lose it. */
async function scanGiven(folder: OpenFolder, uids: readonly number[]): Promise<ScannedMessage[]> {
	const given = await folder.scan(uids);
	if (given.length === new Set(uids).size) return given;
	const missing = new Set(uids);
	for (const { uid } of given) missing.delete(uid);
	const [uid] = await folder.search({ uid: [...missing].join(',') });
	if (uid === undefined) return given;
	throw new NotGiven({ folder: folder.path, uid });
}

async function givesOthers(folder: OpenFolder, uid: number): Promise<boolean> {
	const all = await folder.search({});
	const place = all.indexOf(uid);
	const neighbour = all[place + 1] ?? all[place - 1];
	return neighbour !== undefined && (await folder.scan([neighbour])).length > 0;
}
