import { messageFileName } from './messageName';
import { safeStep, UniqueNames } from './safeName';
import type { MissingPart, PartPlace, Thread, ThreadPart } from './threadTypes';
import type { PecHeaders } from './types';

/** A message that goes into a package. */
export interface PlannedFile {
	/** Below `data/`. */
	readonly path: string;
	readonly part: ThreadPart & { readonly place: PartPlace; readonly headers: PecHeaders };
}

export interface PlannedThread {
	/** Of the whole package, and its folder in it. */
	readonly id: string;
	readonly thread: Thread;
	readonly files: readonly PlannedFile[];
}

/** What is in one ZIP. */
export type PlannedPart = readonly PlannedThread[];

/**
 * incomplete: a receipt is missing, or the message itself. elsewhere: a part left the mailbox, and only its copy is there.
 * empty: nothing of it is there. handedOver: a report of the preservation service named all of it, and it was not wanted again.
 */
export type LeftOutBecause = 'incomplete' | 'elsewhere' | 'empty' | 'handedOver';

export interface LeftOut {
	readonly thread: Thread;
	readonly because: LeftOutBecause;
	readonly missing: readonly MissingPart[];
	/** Where the copies are of what left the mailbox. */
	readonly locations: readonly string[];
}

export interface PackagePlan {
	readonly parts: readonly PlannedPart[];
	readonly leftOut: readonly LeftOut[];
}

/** Windows and its users bear no more in one folder tree; below it a ZIP needs no ZIP64. */
const FILES_LIMIT = 20_000;
/** What a file costs beside itself: headers of the ZIP, lines of manifests and indexes. */
const FILE_COST = 4_096;
const PART_COST = 128 * 1024;

export interface PackageRules {
	readonly account: string;
	/** Bytes of one ZIP. */
	readonly partLimit: number;
	readonly includeIncomplete: boolean;
	/** Those of which every message was handed over. What came since makes a thread be packed again, whole. */
	readonly leaveOutHandedOver: boolean;
}

/** Which threads go into which ZIP, under which names. A thread is parted only when it is larger than a ZIP by itself. */
export function planPackage(threads: readonly Thread[], rules: PackageRules): PackagePlan {
	const leftOut: LeftOut[] = [];
	const planned: PlannedThread[] = [];
	for (const thread of threads) {
		const because = reasonToLeaveOut(thread, rules);
		const locations = thread.parts.flatMap(({ place, copy }) =>
			place || !copy ? [] : [copy.location],
		);
		if (because) leftOut.push({ thread, because, missing: thread.missing, locations });
		else planned.push(plannedThread(thread, planned.length + 1, rules.account));
	}
	return { parts: partsOf(planned, rules.partLimit), leftOut };
}

function reasonToLeaveOut(
	thread: Thread,
	{ includeIncomplete, leaveOutHandedOver }: PackageRules,
): LeftOutBecause | undefined {
	if (leaveOutHandedOver && thread.parts.length > 0 && thread.parts.every(isHandedOver)) {
		return 'handedOver';
	}
	if (!thread.parts.some(isHere)) return 'empty';
	if (includeIncomplete) return undefined;
	if (!thread.complete) return 'incomplete';
	return thread.parts.every(isHere) ? undefined : 'elsewhere';
}

function isHandedOver({ copy }: ThreadPart): boolean {
	return copy?.level === 'handedOver';
}

function isHere(part: ThreadPart): part is PlannedFile['part'] {
	return part.place !== undefined && part.headers !== undefined;
}

function plannedThread(thread: Thread, number: number, account: string): PlannedThread {
	const day = (thread.at ?? '').slice(0, 10);
	const words = [String(number).padStart(6, '0'), day, thread.subject ?? ''].filter(Boolean);
	const id = safeStep(words.join('_'), String(number).padStart(6, '0'));
	const names = new UniqueNames();
	const files = thread.parts.filter(isHere).map((part) => {
		const { headers, pecKey, place } = part;
		const name = messageFileName({ headers, pecKey, receivedAt: place.receivedAt, account });
		return { path: `${id}/${names.take(name)}`, part };
	});
	return { id, thread, files };
}

function costOf({ part }: PlannedFile): number {
	// Deflate adds five bytes to each 16 kB that it cannot make smaller.
	return Math.ceil(part.size * 1.001) + FILE_COST;
}

function partsOf(threads: readonly PlannedThread[], limit: number): PlannedPart[] {
	const room = Math.max(limit - PART_COST, 1);
	const parts: PlannedThread[][] = [];
	let [bytes, files] = [Infinity, Infinity];
	for (const whole of threads) {
		for (const piece of piecesOf(whole, room)) {
			const cost = piece.files.reduce((sum, file) => sum + costOf(file), 0);
			if (bytes + cost > room || files + piece.files.length > FILES_LIMIT) {
				parts.push([]);
				[bytes, files] = [0, 0];
			}
			parts.at(-1)?.push(piece);
			bytes += cost;
			files += piece.files.length;
		}
	}
	return parts;
}

/** The thread itself, or, when it has no room in a ZIP of its own, as many messages at a time as have. */
function piecesOf(thread: PlannedThread, room: number): PlannedThread[] {
	const pieces: PlannedFile[][] = [];
	let bytes = Infinity;
	for (const file of thread.files) {
		if (bytes + costOf(file) > room) {
			pieces.push([]);
			bytes = 0;
		}
		pieces.at(-1)?.push(file);
		bytes += costOf(file);
	}
	return pieces.map((files) => ({ ...thread, files }));
}
