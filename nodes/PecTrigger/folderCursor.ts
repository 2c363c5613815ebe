import type { FolderPosition } from '../account/watchState';
import type { OpenFolder, ScannedMessage } from '../mail/types';

/**
 * Of a message that came into a folder while it was watched: it is old only if it was moved there. Servers that write local
 * time without its zone are up to two hours off.
 */
const MOVED_TOLERANCE_MS = 3 * 60 * 60_000;
/** A message that is counted already but not shown yet (a server of several machines) is looked for so often. */
const GAP_LOOKS = 10;

/** How far one folder was looked through, and what there is still on its way. */
export class FolderCursor {
	#position: FolderPosition;
	/** Events begun and not settled when last seen, by ascending UID. */
	#open: Array<{ readonly uid: number; readonly key: string }> = [];
	/** Looked through up to here on this connection. */
	#seenUpTo: number;
	/** UIDNEXT at the last look, and the looks since it changed. */
	#looked = { uidNext: 0, times: 0 };

	constructor(position: FolderPosition) {
		this.#position = position;
		this.#seenUpTo = position.lastUid;
	}

	get position(): FolderPosition {
		return this.#position;
	}

	get seenUpTo(): number {
		return this.#seenUpTo;
	}

	/** A look is over. @param uidNext as it was when it began */
	looked(uidNext: number): void {
		const times = this.#looked.uidNext === uidNext ? this.#looked.times + 1 : 1;
		this.#looked = { uidNext, times };
	}

	/** Whether there is more to look at. */
	isUnseen(uidNext: number): boolean {
		return uidNext - 1 > this.#seenUpTo && uidNext > this.#looked.uidNext;
	}

	/** Whether something was counted that was not shown, and may still be. */
	get hasGap(): boolean {
		const { uidNext, times } = this.#looked;
		return uidNext - 1 > this.#seenUpTo && times < GAP_LOOKS;
	}

	/** A message that needs no offer. */
	pass(uid: number): void {
		this.#seenUpTo = Math.max(this.#seenUpTo, uid);
	}

	/** A message whose event is on its way. */
	begun(uid: number, key: string): void {
		this.#open.push({ uid, key });
		this.pass(uid);
	}

	/**
	 * Moves the position up to the first event that is not settled.
	 * @returns the position when it moved
	 */
	advance(isSettled: (key: string) => boolean): FolderPosition | undefined {
		this.#open = this.#open.filter(({ key }) => !isSettled(key));
		const first = this.#open[0]?.uid;
		const lastUid = first === undefined ? this.#seenUpTo : first - 1;
		if (lastUid <= this.#position.lastUid) return undefined;
		this.#position = { ...this.#position, lastUid };
		return this.#position;
	}
}

/** Where to begin in a folder on this connection. @param known where it was left */
export function startingPosition(
	{ uidValidity, uidNext }: Pick<OpenFolder, 'uidValidity' | 'uidNext'>,
	known: FolderPosition | undefined,
): FolderPosition {
	// A mailbox that was restored from a backup counts from a lower number again.
	if (known?.uidValidity === uidValidity && known.lastUid < uidNext) return known;
	// A folder numbered anew, or not there before: all is looked at again. What was settled is known by its content, what was
	// there before watching began by its date.
	return { uidValidity, lastUid: 0, olderUpTo: uidNext - 1 };
}

/** Whether a message was there before watching began. @param since milliseconds since 1970, by the server's clock */
export function isOld(
	{ uid, receivedAt }: Pick<ScannedMessage, 'uid' | 'receivedAt'>,
	{ olderUpTo = 0 }: FolderPosition,
	since: number,
): boolean {
	return receivedAt.getTime() < since - (uid <= olderUpTo ? 0 : MOVED_TOLERANCE_MS);
}
