import { otherFileOf } from './fileType';
import type { OtherFile } from './fileType';
import { nameWithoutP7m, unwrapP7m } from './p7m';
import type { P7mFailure } from './p7m';
import { entriesOf, unpackBudget } from './zip';
import type { EntryPlace, UnpackBudget, ZipFailure } from './zip';
import { sha256Of } from './sha256';

/** A ZIP in a ZIP is opened; a third round it is told. */
const ARCHIVES_LIMIT = 2;

/** The signed file (.p7m) that a message was taken out of. Whether its signature holds is not looked at. */
export interface SignedFile {
	readonly fileName: string;
	/** Bytes. */
	readonly size: number;
	readonly sha256: string;
	/** Common names of the signers' certificates; absent when none can be read. */
	readonly signedBy?: readonly string[];
	readonly signatureVerified: false;
}

/** Where a message read from a file lay. */
export interface FilePlace {
	/** Of the file or of the entry, without folders and without `.p7m`. */
	readonly name: string;
	/** Name of the ZIP file. */
	readonly archive?: string;
	/** Inside the ZIP, as in `EntryPlace`; of a ZIP in a ZIP with that one's path before it. */
	readonly path?: string;
	readonly wirePath?: string;
	readonly entry?: number;
	readonly signedFile?: SignedFile;
}

/** Why something is no message, or cannot be taken out of its file. */
export type FileProblem =
	| Exclude<OtherFile, 'zip'>
	| ZipFailure
	| 'emptyArchive'
	| 'archivesNested'
	| 'signatureOnly'
	| 'signedFileDamaged';

export type FileOutcome =
	| { readonly place: FilePlace; readonly raw: Buffer }
	| { readonly place: FilePlace; readonly problem: FileProblem };

const SIGNED_FILE_PROBLEMS: Readonly<Record<Exclude<P7mFailure, 'notSignedData'>, FileProblem>> = {
	detached: 'signatureOnly',
	damaged: 'signedFileDamaged',
	tooDeep: 'signedFileDamaged',
	tooLarge: 'tooLarge',
};

/** What is being opened: how many archives are round it, and what may still be unpacked. */
interface Walk {
	readonly archives: number;
	readonly budget: UnpackBudget;
}

function insideOf(around: FilePlace, { path, wirePath, entry }: EntryPlace): FilePlace {
	const folder = around.path === undefined ? '' : `${around.path}/`;
	return {
		name: path.slice(path.lastIndexOf('/') + 1),
		archive: around.archive ?? around.name,
		path: folder + path,
		...(wirePath === undefined ? {} : { wirePath: folder + wirePath }),
		entry,
	};
}

async function* openArchive(
	bytes: Buffer,
	place: FilePlace,
	{ archives, budget }: Walk,
): AsyncGenerator<FileOutcome, void> {
	if (archives === ARCHIVES_LIMIT) {
		yield { place, problem: 'archivesNested' };
		return;
	}
	let isEmpty = true;
	for await (const outcome of entriesOf(bytes, budget)) {
		isEmpty = false;
		if (!outcome.place) yield { place, problem: outcome.failure };
		else if ('failure' in outcome) {
			yield { place: insideOf(place, outcome.place), problem: outcome.failure };
		} else {
			const inside = insideOf(place, outcome.place);
			yield* open(outcome.content, inside, { archives: archives + 1, budget });
		}
	}
	if (isEmpty) yield { place, problem: 'emptyArchive' };
}

async function* open(
	bytes: Buffer,
	place: FilePlace,
	walk: Walk,
): AsyncGenerator<FileOutcome, void> {
	const type = otherFileOf(bytes);
	if (type === 'zip') {
		yield* openArchive(bytes, place, walk);
		return;
	}
	if (type) {
		yield { place, problem: type };
		return;
	}
	const unwrapped = unwrapP7m(bytes);
	if (unwrapped.content) {
		const { content, depth, signedBy } = unwrapped;
		const signedFile: SignedFile = {
			fileName: place.name,
			size: bytes.length,
			sha256: sha256Of(bytes),
			...(signedBy ? { signedBy } : {}),
			signatureVerified: false,
		};
		yield* open(content, { ...place, name: nameWithoutP7m(place.name, depth), signedFile }, walk);
	} else if (unwrapped.reason === 'notSignedData') {
		yield { place, raw: bytes };
	} else {
		yield { place, problem: SIGNED_FILE_PROBLEMS[unwrapped.reason] };
	}
}

/**
 * The messages in a file: one, or those of a ZIP, each also inside a signed file (.p7m). What a file is, its bytes say,
 * not its name; what is not evidently something else is taken for a message, and `readPecMessage` judges it. Entries
 * are unpacked one at a time. Everything in the file is one outcome at least: nothing is passed over but folders.
 */
export async function* messagesIn(
	bytes: Buffer,
	name: string,
	budget: UnpackBudget = unpackBudget(bytes.length),
): AsyncGenerator<FileOutcome, void> {
	yield* open(bytes, { name }, { archives: 0, budget });
}
