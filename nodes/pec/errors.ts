/** A text that is no single plain e-mail address. The message never repeats it. */
export class AddressError extends Error {
	readonly code: AddressErrorCode;

	constructor(code: AddressErrorCode, message: string) {
		super(message);
		this.name = 'AddressError';
		this.code = code;
	}
}

export type AddressErrorCode =
	'empty' | 'controlCharacter' | 'notPlain' | 'notAnAddress' | 'notAscii';

/** A mailing that must not start. `rows` holds groups of indexes into the rows given, counted from 0. */
export class MailingError extends Error {
	readonly code: 'duplicateRows';
	readonly rows: readonly (readonly number[])[];

	constructor(code: 'duplicateRows', message: string, rows: readonly (readonly number[])[]) {
		super(message);
		this.name = 'MailingError';
		this.code = code;
		this.rows = rows;
	}
}

export type ComposeErrorCode =
	'noRecipient' | 'bccNotAllowed' | 'badAddress' | 'badHeader' | 'tooLarge';

/** A draft that a PEC provider would refuse. Names the field, never its content. */
export class ComposeError extends Error {
	readonly code: ComposeErrorCode;
	readonly field: string;

	constructor(code: ComposeErrorCode, field: string, message: string, cause?: unknown) {
		super(message, { cause });
		this.name = 'ComposeError';
		this.code = code;
		this.field = field;
	}
}
