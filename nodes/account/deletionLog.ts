import { MailError } from '../mail/errors';
import { chained, endsOf } from '../pec/deletionChain';
import { RecordsError } from './errors';
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

export interface OpenPlan extends PlannedRecord {
	readonly recorded: readonly DeletionRecord[];
}

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
		const uid = await this.#reserve.write(async () => await this.#records.writePlanned(entries));
		// A server may say OK to what it does not keep.
		if ((await this.#records.readPlanned()).some((plan) => plan.uid === uid)) return uid;
		throw notKept();
	}

	/**
	 * Records what came of a plan; what another run recorded meanwhile is not recorded again.
	 * @returns what was recorded, as it stands in the chain
	 */
	async done(planned: number, gone: readonly Deleted[]): Promise<DeletionRecord[]> {
		const recorded = await this.#append(gone, planned);
		// Where it stays, the next run tells these once more.
		await this.#records.removePlanned([planned]).catch(mailErrorsAside);
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

	/**
	 * Plans that were not settled: with what is not on record yet, and with what is, of which the run that recorded it perhaps could
	 * not tell any more.
	 */
	async open(): Promise<OpenPlan[]> {
		const open: OpenPlan[] = [];
		for (const plan of await this.#records.readPlanned()) {
			const later = (await this.#records.readDeletions({ above: plan.uid })).flatMap(
				({ deletions }) => deletions,
			);
			const planned = new Set(plan.entries.map(placeKey));
			const known = new Set(later.map(placeKey));
			open.push({
				...plan,
				entries: plan.entries.filter((entry) => !known.has(placeKey(entry))),
				recorded: later.filter((entry) => planned.has(placeKey(entry))),
			});
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
		const kept = await this.#placesRecordedAfter(planned);
		if (!entries.every((entry) => kept.has(placeKey(entry)))) throw notKept();
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

function mailErrorsAside(error: unknown): void {
	if (!(error instanceof MailError)) throw error as Error;
}

function notKept(): RecordsError {
	return new RecordsError(
		'notStored',
		'The provider took the record of a clean-up but did not keep it: nothing more was deleted',
		'Look whether a rule or another program removes messages from the folder "n8n PEC (do not delete)", then run it again',
	);
}
