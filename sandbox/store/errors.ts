/** The account holds as many bytes as it may. */
export class OverQuotaError extends Error {
	/** Bytes. */
	readonly limit: number;

	constructor(limit: number) {
		super(`the account may hold ${limit} bytes`);
		this.name = 'OverQuotaError';
		this.limit = limit;
	}
}

/** The disk under the store takes no more bytes; whatever was being stored is not there. */
export class StorageFullError extends Error {
	constructor(options: { cause: unknown }) {
		super('the disk of the store is full', options);
		this.name = 'StorageFullError';
	}
}

/** Why a folder could not be used as asked, in the words of RFC 5530. */
export type FolderProblem = 'NONEXISTENT' | 'ALREADYEXISTS' | 'CANNOT';

export class FolderError extends Error {
	readonly problem: FolderProblem;

	constructor(problem: FolderProblem, message: string) {
		super(message);
		this.name = 'FolderError';
		this.problem = problem;
	}
}
