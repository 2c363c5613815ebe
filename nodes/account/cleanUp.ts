import type { MailErrorCode } from '../mail/types';
import { cancelled } from '../mail/connectionError';
import { MailError } from '../mail/errors';
import { oldestFirst, withinBudget } from '../pec/purgeBudget';
import type { CopyRecord, PurgeCandidate, PurgeMessage, PurgeVerdict } from '../pec/types';
import { batchesOf, percentOf, totalOf } from './cleanUpBatches';
import { readCleanUpState, type CleanUpState } from './cleanUpState';
import type {
	CleanUpEvent,
	CleanUpOptions,
	CleanUpResult,
	CleanUpStop,
	CopyProblem,
	Kept,
} from './cleanUpTypes';
import { copyMessage } from './copying';
import { deleteMessages } from './deletion';
import { DeletionLog } from './deletionLog';
import { Reserve } from './reserve';
import { recordUnfinishedDeletions } from './unfinishedDeletions';

export type { CleanUpOptions, CleanUpResult, CleanUpStop } from './cleanUpTypes';

const COPY_PROBLEMS = {
	differs: 'copyDiffers',
	notStored: 'copyMissing',
	refused: 'copyRefused',
} as const satisfies Record<string, CopyProblem>;

const ONE_MESSAGE: ReadonlySet<string> = new Set<MailErrorCode>([
	'refused',
	'folderChanged',
	'folderMissing',
]);

/** A store that fails so often in a row does not get the next one. */
const FAILURES_IN_A_ROW = 5;

/**
 * Deletes what the criteria allow, oldest first, batch by batch: copies what only lacks a copy, where there is a store; records
 * the copies; records what is about to go; deletes; records what went. Begins with what an interrupted run left unrecorded.
 * @throws MailError when nothing was done yet, or it is cancelled (between two batches); later faults end the run, and are told
 */
export async function* cleanUp(
	options: CleanUpOptions,
): AsyncGenerator<CleanUpEvent, CleanUpResult, void> {
	const run = new CleanUpRun(options);
	return yield* run.events();
}

class CleanUpRun {
	readonly #options: CleanUpOptions;
	readonly #reserve: Reserve;
	readonly #log: DeletionLog;
	readonly #deleted: PurgeMessage[] = [];
	readonly #copied: CopyRecord[] = [];
	readonly #handled = new Set<string>();
	#recovered = 0;
	#failuresInARow = 0;
	#stop: CleanUpStop | undefined;

	constructor(options: CleanUpOptions) {
		this.#options = options;
		this.#reserve = new Reserve(options.imap, options.records.cleanUps);
		this.#log = new DeletionLog(options.records.cleanUps, this.#reserve);
	}

	async *events(): AsyncGenerator<CleanUpEvent, CleanUpResult, void> {
		const { imap, records, account, criteria, budget, now } = this.#options;
		if (!imap.capabilities.has('UIDPLUS')) throw cannotDelete();
		const startedAt = now().getTime();
		const percentBefore = percentOf(await imap.quota());
		for (const deletion of await recordUnfinishedDeletions(imap, { log: this.#log, now })) {
			this.#recovered += 1;
			yield { kind: 'deleted', deletion };
		}
		let verdicts: readonly PurgeVerdict[] = [];
		let going: readonly PurgeVerdict[] = [];
		try {
			const state = await readCleanUpState(imap, { account, records, criteria });
			verdicts = state.planner.verdicts();
			going = oldestFirst(verdicts.filter((verdict) => this.#mayGo(verdict)));
			const chosen = withinBudget(going, budget);
			if (chosen.later.length > 0) this.#stop = { because: 'budget' };
			yield* this.#batches(chosen.now, state, startedAt + (budget.maxMs ?? Infinity));
		} catch (error) {
			await this.#interrupted(error);
		}
		const left = going.filter(({ message }) => !this.#handled.has(placeOf(message)));
		return await this.#result(verdicts, left, percentBefore);
	}

	async *#batches(
		chosen: readonly PurgeVerdict[],
		state: CleanUpState,
		until: number,
	): AsyncGenerator<CleanUpEvent, void, void> {
		const { signal, now } = this.#options;
		const candidates = new Map(state.candidates.map((each) => [placeOf(each), each]));
		let done = 0;
		for (const batch of batchesOf(chosen)) {
			if (signal?.aborted) throw cancelled();
			if (now().getTime() >= until) {
				this.#stop = { because: 'time' };
				return;
			}
			yield* this.#batch(batch, state, candidates);
			done += batch.length;
			this.#tell(done, chosen.length);
			if (this.#stop && this.#stop.because !== 'budget') return;
		}
	}

	#mayGo({ verdict, blockedBy }: PurgeVerdict): boolean {
		if (verdict === 'delete') return true;
		return this.#options.store !== undefined && blockedBy.every((blocker) => blocker === 'noCopy');
	}

	async *#batch(
		batch: readonly PurgeVerdict[],
		state: CleanUpState,
		candidates: ReadonlyMap<string, PurgeCandidate>,
	): AsyncGenerator<CleanUpEvent, void, void> {
		const copies = new Map<string, CopyRecord>();
		let fault: MailError | undefined;
		for (const { message, blockedBy } of batch) {
			if (blockedBy.length === 0 || fault || this.#stop?.because === 'copiesFail') continue;
			const copied = await this.#copy(message).catch((error: unknown) => {
				if (!(error instanceof MailError)) throw error;
				return (fault = error);
			});
			if (copied instanceof MailError) continue;
			if ('sha256' in copied) copies.set(message.pecKey, copied);
			else yield this.#keeps(copied);
		}
		await this.#reserve.write(
			async () => await this.#options.records.writeCopies([...copies.values()]),
		);
		for (const copy of copies.values()) {
			this.#copied.push(copy);
			yield { kind: 'copied', copy };
		}
		if (fault) throw fault;
		const removable = batch.flatMap((verdict) => {
			if (verdict.blockedBy.length === 0) return [verdict];
			const candidate = candidates.get(placeOf(verdict.message));
			const copy = copies.get(verdict.message.pecKey);
			if (!candidate || !copy) return [];
			// That it was read whole may have told what keeps it.
			const again = state.planner.verdictOf(candidate, copy);
			return again.verdict === 'delete' ? [again] : [];
		});
		for (const path of new Set(removable.map(({ message }) => message.folder))) {
			yield* this.#delete(removable.filter(({ message }) => message.folder === path));
			if (this.#stop && this.#stop.because !== 'budget') return;
		}
	}

	async #copy(message: PurgeMessage): Promise<CopyRecord | Kept> {
		const { imap, store, trust, now } = this.#options;
		if (!store) return { kind: 'kept', message, because: 'noCopy' };
		const outcome = await copyMessage(message, { imap, store, trust, now: now() }).catch(
			(error: unknown) => {
				// One message that cannot be read does not keep the others from being copied.
				if (error instanceof MailError && ONE_MESSAGE.has(error.code))
					return { result: 'refused' as const };
				throw error;
			},
		);
		if (outcome.result === 'copied') {
			this.#failuresInARow = 0;
			return outcome.record;
		}
		if (outcome.result === 'gone' || outcome.result === 'changed') {
			return { kind: 'kept', message, because: outcome.result };
		}
		this.#failuresInARow += 1;
		if (this.#failuresInARow >= FAILURES_IN_A_ROW) this.#stop = { because: 'copiesFail' };
		return { kind: 'kept', message, because: COPY_PROBLEMS[outcome.result] };
	}

	#keeps(kept: Kept): Kept {
		this.#handled.add(placeOf(kept.message));
		return kept;
	}

	async *#delete(verdicts: readonly PurgeVerdict[]): AsyncGenerator<CleanUpEvent, void, void> {
		const { imap, records, now, trust, comparesBytes, criteria } = this.#options;
		const { copyRequired = 'checked', keepUnverified = true } = criteria;
		const rules = { copyRequired, comparesBytes, keepUnverified, trust };
		const parts = { imap, records, log: this.#log, now, rules };
		const { outcomes, stop } = await deleteMessages(verdicts, parts);
		if (stop) this.#stop = stop;
		const messages = new Map(verdicts.map(({ message }) => [message.uid, message]));
		for (const outcome of outcomes) {
			if (outcome.result === 'kept') {
				yield this.#keeps({ kind: 'kept', message: outcome.message, because: outcome.because });
				continue;
			}
			const message = messages.get(outcome.deletion.uid);
			if (message) this.#deleted.push(message);
			this.#handled.add(placeOf(outcome.deletion));
			yield { kind: 'deleted', deletion: outcome.deletion };
		}
	}

	/** What was deleted must come out, whatever happened afterwards. */
	async #interrupted(error: unknown): Promise<void> {
		const hasDone = this.#deleted.length + this.#copied.length + this.#recovered > 0;
		if (!(error instanceof MailError) || error.code === 'cancelled' || !hasDone) {
			return await Promise.reject(error as Error);
		}
		this.#stop = { because: 'interrupted', error };
	}

	#tell(done: number, all: number): void {
		const copied = this.#options.store ? `${this.#copied.length} copied, ` : '';
		this.#options.progress?.(
			`${done} of ${all} messages looked at, ${copied}${this.#deleted.length} deleted`,
		);
	}

	async #result(
		verdicts: readonly PurgeVerdict[],
		left: readonly PurgeVerdict[],
		percentBefore: number | undefined,
	): Promise<CleanUpResult> {
		const percentAfter = await this.#finish();
		return {
			deleted: totalOf(this.#deleted),
			copied: totalOf(this.#copied),
			left: totalOf(left.map(({ message }) => message)),
			kept: verdicts.filter((verdict) => !this.#mayGo(verdict)).length,
			...(percentBefore === undefined ? {} : { percentBefore }),
			...(percentAfter === undefined ? {} : { percentAfter }),
			...(this.#stop ? { stopped: this.#stop } : {}),
		};
	}

	/** The reserve goes back, and the space is read again. What is done is done: nothing of this undoes it. */
	async #finish(): Promise<number | undefined> {
		try {
			await this.#reserve.putBack();
			return percentOf(await this.#options.imap.quota());
		} catch (error) {
			return error instanceof MailError ? undefined : await Promise.reject(error as Error);
		}
	}
}

function placeOf({ folder, uid }: { readonly folder: string; readonly uid: number }): string {
	return JSON.stringify([folder, uid]);
}

function cannotDelete(): MailError {
	return new MailError(
		'notSupported',
		'The mail server cannot delete single messages (it has no UIDPLUS): nothing was deleted',
		{
			whatToDo:
				'Delete by hand what Clean Up: Plan shows. Any other way of deleting would also remove what somebody else marked for deletion',
			retry: 'never',
		},
	);
}
