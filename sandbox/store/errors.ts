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
