import libmime from 'libmime';
import type { FileHandle, Parameters } from '../../n8n/parameters';
import { UserError } from '../../n8n/errors';
import { finderOf, namesIn } from '../../pec/fileNames';
import { packedFilesOf, type PackedFile, type ZipFailure } from '../../pec/zip';

/** The files of a ZIP, of which each recipient gets the ones that its row names. */
export interface PersonalFiles {
	/**
	 * The files that a cell or an expression names, parted by commas; none for an empty one. Nothing is unpacked yet.
	 * @throws UserError for a name that no file has, or several have
	 */
	named(value: unknown): FileHandle[];
}

const FAILURES: Readonly<Record<ZipFailure, string>> = {
	encrypted: 'is protected by a password',
	unsupported: 'is packed in a way that cannot be read',
	damaged: 'is damaged',
	tooLarge: 'is larger than 256 MB when unpacked',
	bomb: 'is far larger when unpacked than a ZIP of real files can be',
	tooManyEntries: 'holds more than 50,000 files',
};

const PACK_AGAIN = 'Pack the files again as an ordinary ZIP without a password.';

/** @throws UserError when the item has no such ZIP, or it cannot be read */
export async function openPersonalFiles(first: Parameters): Promise<PersonalFiles> {
	const archive = first.fileHandle(first.text('personalZip', 'ZIP File'));
	const files = await packedFilesOf(await archive.load());
	if (typeof files === 'string') {
		throw new UserError(`The ZIP of personal files ${FAILURES[files]}`, PACK_AGAIN);
	}
	const paths = files.map(({ path }) => path);
	const present = new Set(paths);
	const find = finderOf(paths);
	const handleOf = (name: string): FileHandle => {
		const found = find(name);
		const file = 'index' in found ? files[found.index] : undefined;
		if (file) return handleOfPacked(file, archive.source);
		if ('several' in found) {
			throw new UserError(
				`The ZIP has several files that "${name}" can mean`,
				`Write the name with its folder: ${found.several.join(', ')}.`,
			);
		}
		throw missing(name, 'closest' in found ? found.closest : undefined, paths.length);
	};
	return { named: (value) => namesIn(value, (name) => present.has(name)).map(handleOf) };
}

function missing(name: string, closest: readonly string[] | undefined, count: number): UserError {
	const what = `There is no file "${name}" in the ZIP`;
	if (!closest) return new UserError(what, 'Compare it with the names in the ZIP.');
	return new UserError(
		what,
		closest.length > 0
			? `The closest names there are: ${closest.join(', ')}.`
			: `None of its ${count} files has a name like it.`,
	);
}

function handleOfPacked(file: PackedFile, archive: string): FileHandle {
	if (file.failure) throw unusable(file, file.failure);
	const fileName = file.path.slice(file.path.lastIndexOf('/') + 1);
	return {
		fileName,
		mimeType: libmime.detectMimeType(fileName),
		size: file.size,
		source: JSON.stringify([archive, file.path]),
		load: async () => {
			const content = await file.unpack();
			if (typeof content === 'string') throw unusable(file, content);
			return content;
		},
	};
}

function unusable({ path }: PackedFile, failure: ZipFailure): UserError {
	return new UserError(`The file "${path}" in the ZIP ${FAILURES[failure]}`, PACK_AGAIN);
}
