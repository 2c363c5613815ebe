import type { Letter } from './letter';
import type { LetterRow } from './sendLetters';
import type { OperationTools } from '../../n8n/operations';
import type { RowPlace } from './rowPlace';
import { choiceOf, type Parameters } from '../../n8n/parameters';
import { messageIdsOf } from '../../pec/batch';
import { addTo } from '../../pec/groups';
import { placeholdersIn } from '../../pec/placeholders';
import { UserError } from '../../n8n/errors';
import { rowsOfItems } from './itemRows';
import { rowsOfList } from './listedRows';
import { toldGroups } from './rowPlace';
import { openPersonalFiles, type PersonalFiles } from './personalFiles';

/** A row that can be sent. */
export interface MailingRow extends LetterRow {
	readonly place: RowPlace;
}

/** A row that cannot be sent: nothing was sent to it. */
export interface RowFault {
	readonly itemIndex: number;
	readonly place: RowPlace;
	/** Says what and what to do, without the place. */
	readonly error: unknown;
	/** As written; absent where there is none. */
	readonly recipient?: string;
	readonly rowKey?: string;
}

/** What a mailing's form and input say, nothing done yet. */
export interface MailingRows {
	readonly mailing: string;
	readonly from: RecipientsFrom;
	readonly rows: readonly MailingRow[];
	readonly faults: readonly RowFault[];
	readonly options: MailingOptions;
	/** What a person should know of the form, beside the rows. */
	readonly warnings: readonly string[];
}

export interface MailingOptions {
	readonly spaceShort: 'warn' | 'stop';
	readonly failedBefore: 'warn' | 'skip' | 'stop';
	readonly sendOneToMe: boolean;
}

/** What the rows are read with. */
export interface RowSource {
	readonly items: readonly Parameters[];
	readonly first: Parameters;
	/** Whether a value may be empty that a letter asks for. */
	readonly emptyAllowed: boolean;
	/** What a ZIP has, when personal files come from one. */
	readonly personalFiles?: PersonalFiles;
}

const RECIPIENTS_FROM = ['items', 'list', 'csv'] as const;
export type RecipientsFrom = (typeof RECIPIENTS_FROM)[number];

const PERSONAL_FILES_FROM = ['fields', 'zip'] as const;

/**
 * The rows of a mailing, one recipient each, from whatever holds them: the same for all operations that show its form.
 * A file is read when its message is written. A bad row is a fault; what concerns all rows is thrown.
 * @throws UserError, also when the same recipient with the same row key stands twice
 */
export async function readMailing(run: {
	readonly items: readonly Parameters[];
	readonly tools: Pick<OperationTools, 'account'>;
}): Promise<MailingRows> {
	const [first] = run.items;
	if (first === undefined) throw new Error('There is no item to read a mailing from');
	const mailing = first.text('mailingName', 'Mailing Name');
	const from = first.choice('recipientsFrom', 'Recipients From', RECIPIENTS_FROM);
	const options = first.collection('options');
	const source: RowSource = {
		items: run.items,
		first,
		emptyAllowed: choiceOf(options.emptyValues, 'Empty Values', ['stop', 'allow']) === 'allow',
		...(await zipOf(first, from)),
	};
	const read = await (from === 'items' ? rowsOfItems(source, mailing) : rowsOfList(source, from));
	const shared = first.fileHandles('sharedAttachments');
	const rows = read.rows.map((row) => ({
		...row,
		letter: { ...row.letter, attachments: [...shared, ...row.letter.attachments] },
	}));
	refuseRepetitions(rows, mailing, run.tools.account.settings.address);
	return {
		mailing,
		from,
		rows,
		faults: read.faults,
		options: {
			spaceShort: choiceOf(options.spaceShort, 'If Space Is Short', ['warn', 'stop']),
			failedBefore: choiceOf(options.failedBefore, 'Addresses That Failed Before', [
				'warn',
				'skip',
				'stop',
			]),
			sendOneToMe: String(options.sendOneToMe) === 'true',
		},
		warnings: [
			...(from === 'items' ? warningOfPlaceholders(rows[0]?.letter) : []),
			...warningOfSharedFiles(read.rows),
		],
	};
}

async function zipOf(
	first: Parameters,
	from: RecipientsFrom,
): Promise<Pick<RowSource, 'personalFiles'>> {
	// An address alone has no file names beside it.
	if (from === 'list') return {};
	const personal = first.choice('personalFilesFrom', 'Personal Files From', PERSONAL_FILES_FROM);
	return personal === 'zip' ? { personalFiles: await openPersonalFiles(first) } : {};
}

function refuseRepetitions(rows: readonly MailingRow[], mailing: string, account: string): void {
	const idOf = messageIdsOf({ account, mailing });
	const repeated = sharedBy(rows, ({ row }) => [idOf(row)]);
	if (repeated.length === 0) return;
	throw new UserError(
		`The same recipient with the same row key appears more than once (${toldGroups(repeated)}); nothing was sent`,
		'Remove the repetition, or fill in Row Key so that each row has its own (a file or protocol number).',
	);
}

/** The places of rows that have a key in common, one group for each such key. */
function sharedBy(
	rows: readonly MailingRow[],
	keysOf: (row: MailingRow) => Iterable<string>,
): RowPlace[][] {
	const places = new Map<string, RowPlace[]>();
	for (const row of rows) {
		for (const key of keysOf(row)) addTo(places, key, row.place);
	}
	return [...places.values()].filter(({ length }) => length > 1);
}

function warningOfPlaceholders(letter: Letter | undefined): string[] {
	const text = letter ? [letter.subject, letter.text, letter.html ?? ''].join('\n') : '';
	const [name] = placeholdersIn(text);
	if (name === undefined) return [];
	return [
		`The letter holds [[${name}]], and goes out with it: placeholders are filled only from a list or a CSV. With items use an expression.`,
	];
}

function warningOfSharedFiles(rows: readonly MailingRow[]): string[] {
	const shared = sharedBy(
		rows,
		({ letter }) => new Set(letter.attachments.map(({ source }) => source)),
	);
	if (shared.length === 0) return [];
	return [
		`Several rows have the same personal file (${toldGroups(shared)}). If that is not meant, check which file belongs to whom.`,
	];
}
