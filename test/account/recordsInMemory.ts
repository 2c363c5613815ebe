import type { Clock } from '../../nodes/account/clock.ts';
import type { CleanUpRecords } from '../../nodes/account/cleanUpRecords.ts';
import type { LeaseEntry } from '../../nodes/account/leaseRules.ts';
import type { Intent, Records, Result } from '../../nodes/account/records.ts';
import { AttemptRecord } from '../../nodes/pec/attemptRecord.ts';
import type { RowRecord } from '../../nodes/pec/types.ts';

interface Stored {
	readonly uid: number;
	readonly at: number;
	readonly lease?: Pick<LeaseEntry, 'nonce' | 'step'>;
	readonly submissions?: {
		readonly mailing: string;
		readonly intents: readonly Intent[];
		readonly results: readonly Result[];
	};
}

/** Time that passes only when somebody waits. */
export class StillClock implements Clock {
	time: number;
	/** How often somebody waited. */
	waits = 0;

	constructor(time = Date.parse('2026-02-02T10:00:00.000Z')) {
		this.time = time;
	}

	readonly now = () => new Date(this.time);
	readonly monotonic = () => this.time;
	readonly sleep = async (ms: number, signal?: AbortSignal) => {
		this.waits += 1;
		if (!signal?.aborted) this.time += ms;
		await new Promise((resolve) => setImmediate(resolve));
	};
}

/** The folder of records as several runs see it, without a server. */
export class RecordsInMemory {
	readonly #clock: Clock;
	stored: Stored[] = [];
	/** Called before each record is stored, and after. */
	onAppend: (stored: Omit<Stored, 'uid' | 'at'>, when: 'before' | 'after') => void = () =>
		undefined;
	#lastUid = 0;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	append(entry: Omit<Stored, 'uid' | 'at'>): number {
		this.onAppend(entry, 'before');
		this.#lastUid += 1;
		const uid = this.#lastUid;
		this.stored.push({ ...entry, uid, at: this.#clock.now().getTime() });
		this.onAppend(entry, 'after');
		return uid;
	}

	/** @param sees what a connection is shown of the folder */
	records(sees: (stored: Stored) => boolean = () => true): Records {
		const view = () => this.stored.filter(sees);
		const nobody = () => Promise.reject(new Error('nobody asks for that here'));
		return {
			readMailing: async (mailing) =>
				rowRecordsOf(
					view().flatMap(({ submissions }) =>
						submissions?.mailing === mailing ? submissions : [],
					),
				),
			readAllRows: nobody,
			readSubmissions: nobody,
			writeSubmissions: async (mailing, entries) =>
				this.append({ submissions: { mailing, ...entries } }),
			readSentSince: async (since) =>
				view()
					.flatMap(({ submissions }) => submissions?.intents ?? [])
					.map(({ at }) => Date.parse(at))
					.filter((at) => at >= since.getTime()),
			readCorrelation: nobody,
			writeCorrelation: nobody,
			leases: {
				read: async (upTo) => ({
					uidValidity: '1',
					isWhole: view().some(({ uid }) => uid === upTo),
					entries: view().flatMap(({ uid, at, lease }) => (lease ? { uid, at, ...lease } : [])),
				}),
				write: async (nonce, step) => this.append({ lease: { nonce, step } }),
				remove: async (uids) => {
					this.stored = this.stored.filter(({ uid }) => !uids.includes(uid));
				},
			},
			readCopies: async () => new Map(),
			writeCopies: nobody,
			cleanUps: {} as CleanUpRecords,
		};
	}
}

function rowRecordsOf(
	entries: ReadonlyArray<{
		readonly intents: readonly Intent[];
		readonly results: readonly Result[];
	}>,
): RowRecord[] {
	const rows = new Map<string, AttemptRecord>();
	const of = ({ row, messageId }: Intent | Result): AttemptRecord => {
		const known = rows.get(messageId) ?? new AttemptRecord(row, messageId);
		rows.set(messageId, known);
		return known;
	};
	for (const { intents, results } of entries) {
		for (const result of results) of(result).addResult(result.submission);
		for (const intent of intents) of(intent).addIntent(intent);
	}
	return [...rows.values()];
}
