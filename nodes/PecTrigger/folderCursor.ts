import type { FolderPosition } from '../account/watchState';
import type { OpenFolder, ScannedMessage } from '../mail/types';

/** Two clocks, the server's and ours; in doubt an old message is offered rather than a new one passed over. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;
/** Of a message that came into a folder while it was watched: it is old only if it was moved there. */
const MOVED_TOLERANCE_MS = 48 * 60 * 60_000;

/** How far one folder was looked through, and what there is still on its way. */
export class FolderCursor {
	#position: FolderPosition;
	/** Events begun and not settled when last seen, by ascending UID. */
	#open: Array<{ readonly uid: number; readonly key: string }> = [];
	/** Looked through up to here on this connection. */
	#seenUpTo: number;

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

/**
 * Where to begin in a folder on this connection.
 * @param options.beginsAtEnd what is there now was there before watching began
 */
export function startingPosition(
	{ uidValidity, uidNext }: Pick<OpenFolder, 'uidValidity' | 'uidNext'>,
	{ known, beginsAtEnd }: { known: FolderPosition | undefined; beginsAtEnd: boolean },
): FolderPosition {
	if (known?.uidValidity === uidValidity) return known;
	if (!known && beginsAtEnd) return { uidValidity, lastUid: uidNext - 1 };
	// A folder numbered anew, or not there before: all is looked at again. What was settled is known by its content, what was
	// there before watching began by its date.
	return { uidValidity, lastUid: 0, olderUpTo: uidNext - 1 };
}

/** Whether a message was there before watching began. @param since milliseconds since 1970 */
export function isOld(
	{ uid, receivedAt }: Pick<ScannedMessage, 'uid' | 'receivedAt'>,
	{ olderUpTo = 0 }: FolderPosition,
	since: number,
): boolean {
	const tolerance = uid <= olderUpTo ? CLOCK_TOLERANCE_MS : MOVED_TOLERANCE_MS;
	return receivedAt.getTime() < since - tolerance;
}
