import { isUtf8 } from 'node:buffer';
import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { fromBufferPromise, getFileNameLowLevel } from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';

const inflate = promisify(inflateRaw);

/** Twice what the largest PEC mailboxes take as one message, and room for a month's ZIP inside a year's. */
const ENTRY_LIMIT = 256 * 1024 * 1024;
/** Each becomes an item: more than an n8n can hold as one run's output. */
const ENTRIES_LIMIT = 50_000;
/** Mail deflates to a tenth at best; a ZIP bomb to a thousandth and, its entries overlapping, to less. */
const RATIO_LIMIT = 100;
const FREE_OF_RATIO = 1024 * 1024 * 1024;

const STORED = 0;
const DEFLATED = 8;
/** PKWARE APPNOTE 4.4.4, bit 11: the name is UTF-8. */
const UTF8_FLAG = 0x800;
/** APPNOTE 4.3.12. */
const CENTRAL_HEADER = Buffer.from('PK\x01\x02', 'latin1');

/** What may still be unpacked of one file, the archives inside it included. Counted down as it is used. */
export interface UnpackBudget {
	bytes: number;
	entries: number;
	/** Bytes of one entry. */
	readonly entry: number;
}

/**
 * encrypted: needs a password. unsupported: a compression other than deflate. damaged: cut, altered, or not as it says
 * it is. tooLarge: over 256 MB. bomb: all together unpacks to a hundred times the archive and more than 1 GB.
 * tooManyEntries: more than 50,000.
 */
export type ZipFailure =
	'encrypted' | 'unsupported' | 'damaged' | 'tooLarge' | 'bomb' | 'tooManyEntries';

export interface EntryPlace {
	/** Folders and name, with `/`, without what would lead out of a folder: safe below any folder. */
	readonly path: string;
	/** As written, where `path` is not. */
	readonly wirePath?: string;
	/** Its place in the archive's list, from 1: names may repeat. */
	readonly entry: number;
}

export type ZipOutcome =
	| { readonly place: EntryPlace; readonly content: Buffer }
	| { readonly place: EntryPlace; readonly failure: ZipFailure }
	/** Of the archive as a whole: what follows could not be listed. */
	| { readonly place?: undefined; readonly failure: ZipFailure };

export function unpackBudget(archiveSize: number): UnpackBudget {
	return {
		bytes: FREE_OF_RATIO + RATIO_LIMIT * archiveSize,
		entries: ENTRIES_LIMIT,
		entry: ENTRY_LIMIT,
	};
}

/** CP437 by the rules (APPNOTE D.1); but what is valid UTF-8 was written by a packer that forgot to say so. */
function nameOf(entry: Entry): string {
	const flags = isUtf8(entry.fileNameRaw)
		? entry.generalPurposeBitFlag | UTF8_FLAG
		: entry.generalPurposeBitFlag;
	return getFileNameLowLevel(flags, entry.fileNameRaw, entry.extraFields, true);
}

function placeOf(entry: Entry, index: number): EntryPlace {
	const written = nameOf(entry);
	const path = written
		.replace(/\\/g, '/')
		.replace(/^[a-z]:/i, '')
		.split('/')
		.map((step) => step.replace(/[\x00-\x1f\x7f]/g, '_').trim())
		.filter((step) => step !== '' && step !== '.' && step !== '..')
		.join('/');
	return {
		path: path === '' ? `entry-${index}` : path,
		...(path === written ? {} : { wirePath: written }),
		entry: index,
	};
}

function isFolder(entry: Entry): boolean {
	return entry.uncompressedSize === 0 && /[/\\]$/.test(nameOf(entry));
}

function declaredFailureOf(entry: Entry, budget: UnpackBudget): ZipFailure | undefined {
	if (entry.isEncrypted()) return 'encrypted';
	const { compressionMethod: method, uncompressedSize: size } = entry;
	if (method !== STORED && method !== DEFLATED) return 'unsupported';
	if (size > budget.entry) return 'tooLarge';
	return size > budget.bytes ? 'bomb' : undefined;
}

/** Sizes are checked as declared before, and as real while unpacking: a declared one may lie. */
async function unpack(
	archive: Buffer,
	{ zip, entry, budget }: { zip: ZipFile; entry: Entry; budget: UnpackBudget },
): Promise<Buffer | ZipFailure> {
	const { compressionMethod: method, compressedSize, uncompressedSize: size } = entry;
	const refused = declaredFailureOf(entry, budget);
	if (refused) return refused;
	try {
		const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
		const packed = archive.subarray(fileDataStart, fileDataStart + compressedSize);
		budget.bytes -= size;
		const content =
			method === STORED ? packed : await inflate(packed, { maxOutputLength: Math.max(size, 1) });
		const whole = content.length === size && crc32(content) === entry.crc32;
		return whole ? content : 'damaged';
	} catch {
		return 'damaged';
	}
}

/** Whether the archive's list goes on where it should have ended: a count that wrapped, or was made to hide entries. */
function goesOn(archive: Buffer, zip: ZipFile): boolean {
	// A number, whatever its type declares.
	const end = Number(zip.readEntryCursor);
	return archive.subarray(end, end + CENTRAL_HEADER.length).equals(CENTRAL_HEADER);
}

/**
 * Unpacks a ZIP (PKWARE APPNOTE 6.3; ZIP64 too) in the order of its list, one entry at a time, nothing kept. What cannot
 * be unpacked is an outcome, and the others follow; folders are left out. Any bytes give outcomes: it never throws.
 */
export async function* entriesOf(
	archive: Buffer,
	budget: UnpackBudget,
): AsyncGenerator<ZipOutcome, void> {
	try {
		const zip = await fromBufferPromise(archive, {
			decodeStrings: false,
			validateEntrySizes: false,
		});
		let index = 0;
		for await (const entry of zip.eachEntry()) {
			index += 1;
			if (budget.entries <= 0) {
				yield { failure: 'tooManyEntries' };
				return;
			}
			budget.entries -= 1;
			if (isFolder(entry)) continue;
			const place = placeOf(entry, index);
			const unpacked = await unpack(archive, { zip, entry, budget });
			yield typeof unpacked === 'string'
				? { place, failure: unpacked }
				: { place, content: unpacked };
		}
		if (goesOn(archive, zip)) yield { failure: 'damaged' };
	} catch {
		yield { failure: 'damaged' };
	}
}

/** A file of an archive that is unpacked only when it is asked for. */
export interface PackedFile {
	readonly path: string;
	/** Bytes when unpacked, as the archive declares it. */
	readonly size: number;
	/** Why it cannot be unpacked, as far as the list tells. */
	readonly failure?: ZipFailure;
	unpack(): Promise<Buffer | ZipFailure>;
}

/**
 * What is in a ZIP, nothing unpacked. A damaged list is a failure of the whole: a file that is not seen would count as
 * missing.
 */
export async function packedFilesOf(
	archive: Buffer,
	entriesLimit = ENTRIES_LIMIT,
): Promise<readonly PackedFile[] | ZipFailure> {
	const files: PackedFile[] = [];
	try {
		const zip = await fromBufferPromise(archive, {
			decodeStrings: false,
			validateEntrySizes: false,
			autoClose: false,
		});
		let index = 0;
		for await (const entry of zip.eachEntry()) {
			index += 1;
			if (index > entriesLimit) return 'tooManyEntries';
			if (isFolder(entry)) continue;
			// One at a time and asked for by name: what counts is the size of each.
			const budget = () => unpackBudget(archive.length);
			const failure = declaredFailureOf(entry, budget());
			files.push({
				path: placeOf(entry, index).path,
				size: entry.uncompressedSize,
				...(failure === undefined ? {} : { failure }),
				unpack: async () => await unpack(archive, { zip, entry, budget: budget() }),
			});
		}
		return goesOn(archive, zip) ? 'damaged' : files;
	} catch {
		return 'damaged';
	}
}
