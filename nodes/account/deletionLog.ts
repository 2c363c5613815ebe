import { chained, endsOf } from '../pec/deletionChain';
import type {
	CleanUpRecords,
	Deleted,
	DeletionRecord,
	MessagePlace,
	PlannedDeletion,
	PlannedRecord,
} from './cleanUpRecords';
import type { Reserve } from './reserve';

/**
 * So many records are read to find where the chain ends. Whoever writes joins all ends it sees, so that they are among the last;
 * an end that is not is a fork that stays one.
 */
const LAST_RECORDS = 20;

export function placeKey({ folder, uidValidity, uid }: MessagePlace): string {
	return JSON.stringify([folder, uidValidity, uid]);
}

/** What clean-ups of this mailbox were about to delete, and what they deleted: hash-chained. Every method throws MailError. */
export class DeletionLog {
	readonly #records: CleanUpRecords;
	readonly #reserve: Reserve;
	#ends: string[] = [];
	#readUpTo: number | undefined;

	constructor(records: CleanUpRecords, reserve: Reserve) {
		this.#records = records;
		this.#reserve = reserve;
	}

	/** When this returns, the server has it. @returns the UID of the record */
	async plan(entries: readonly PlannedDeletion[]): Promise<number> {
		return await this.#reserve.write(async () => await this.#records.writePlanned(entries));
	}

	/**
	 * Records what came of a plan; what another run recorded meanwhile is not recorded again.
	 * @returns what was recorded, as it stands in the chain
	 */
	async done(planned: number, gone: readonly Deleted[]): Promise<DeletionRecord[]> {
		const recorded = await this.#append(gone, planned);
		await this.#records.removePlanned([planned]);
		return recorded;
	}

	/** Records what an interrupted run deleted. Its plan stays until all of it is known. */
	async found(
		planned: number,
		gone: readonly Deleted[],
		isSettled: boolean,
	): Promise<DeletionRecord[]> {
		const recorded = await this.#append(gone, planned);
		if (isSettled) await this.#records.removePlanned([planned]);
		return recorded;
	}

	/** Plans whose end is not recorded, with what is not. */
	async open(): Promise<PlannedRecord[]> {
		const open: PlannedRecord[] = [];
		for (const plan of await this.#records.readPlanned()) {
			const known = await this.#placesRecordedAfter(plan.uid);
			const entries = plan.entries.filter((entry) => !known.has(placeKey(entry)));
			if (entries.length > 0) open.push({ ...plan, entries });
			else await this.#records.removePlanned([plan.uid]);
		}
		return open;
	}

	/** Whether these are what clean-ups removed, or are about to, and nobody else. */
	async explains(places: readonly MessagePlace[]): Promise<boolean> {
		const known = new Set([
			...(await this.#records.readPlanned()).flatMap(({ entries }) => entries.map(placeKey)),
			...(await this.#records.readDeletions({ latest: LAST_RECORDS })).flatMap(({ deletions }) =>
				deletions.map(placeKey),
			),
		]);
		return places.every((place) => known.has(placeKey(place)));
	}

	async #placesRecordedAfter(uid: number): Promise<Set<string>> {
		const later = await this.#records.readDeletions({ above: uid });
		return new Set(later.flatMap(({ deletions }) => deletions.map(placeKey)));
	}

	async #append(gone: readonly Deleted[], planned: number): Promise<DeletionRecord[]> {
		if (gone.length === 0) return [];
		const known = await this.#placesRecordedAfter(planned);
		const unknown = gone.filter((entry) => !known.has(placeKey(entry)));
		if (unknown.length === 0) return [];
		await this.#readEnds();
		const entries = chained(unknown, this.#ends);
		await this.#reserve.write(async () => await this.#records.writeDeletions(entries));
		return entries;
	}

	/** What others wrote since is joined. */
	async #readEnds(): Promise<void> {
		const which =
			this.#readUpTo === undefined ? { latest: LAST_RECORDS } : { above: this.#readUpTo };
		const news = await this.#records.readDeletions(which);
		const known = this.#ends.map((hash) => ({ hash }));
		this.#ends = endsOf([...known, ...news.flatMap(({ deletions }) => deletions)]);
		this.#readUpTo = news.at(-1)?.uid ?? this.#readUpTo;
	}
}
