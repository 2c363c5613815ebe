import type { Parameters } from '../../n8n/parameters';
import type { RowFault } from './mailingRows';
import type { RowPlace } from './rowPlace';
import { UserError } from '../../n8n/errors';
import {
	columnOf,
	readRecipientCsv,
	recipientColumnOf,
	type ListProblem,
} from '../../pec/recipientList';

/** A table of recipients, and which column holds what. */
export interface Sheet {
	readonly columns: readonly string[];
	readonly rows: readonly SheetRow[];
	/** Rows of which it cannot be told what stands where. */
	readonly faults: ReadonlyArray<Pick<RowFault, 'place' | 'error'>>;
	readonly recipient: number;
	readonly rowKey?: number;
	readonly fileNames?: number;
}

export interface SheetRow {
	readonly place: RowPlace;
	readonly cells: readonly string[];
}

const SAVE_AS_CSV =
	'In Excel choose Save As and the type "CSV UTF-8 (comma delimited)", with the names of the columns in the first row.';

const PROBLEMS: Readonly<Record<ListProblem['problem'], readonly [string, string]>> = {
	empty: ['is empty', 'Check the node that made the file.'],
	headerOnly: ['has names of columns, but no row below them', 'Check the node that made the file.'],
	workbook: ['is a workbook, not a CSV', SAVE_AS_CSV],
	notText: ['is no CSV', SAVE_AS_CSV],
	noHeader: [
		'has no names of columns: its first row holds an address',
		'Put a row with the names of the columns above the first one, such as pec;nome.',
	],
	unclosedQuote: [
		'cannot be cut into rows: a quotation mark is opened and never closed',
		'Look for a cell with a single " in it, and write it twice or remove it.',
	],
	sameColumnTwice: [
		'has two columns of the same name',
		'Give each column a name of its own: which of them is meant cannot be told.',
	],
};

/** @throws UserError when the item has no such CSV, it is none, or it has not the columns asked for */
export async function openSheet(first: Parameters): Promise<Sheet> {
	const file = await first.file(first.text('csvField', 'CSV File'));
	const list = readRecipientCsv(file.content);
	if ('problem' in list) {
		const [what, whatToDo] = PROBLEMS[list.problem];
		const which = 'column' in list ? ` (${list.column})` : '';
		throw new UserError(`The list of recipients ${what}${which}; nothing was sent`, whatToDo);
	}
	const { columns } = list;
	const named = (value: unknown, label: string): number | undefined => {
		const name = String(value ?? '').trim();
		if (name === '') return undefined;
		const column = columnOf(columns, name);
		if (column === undefined) {
			throw new UserError(
				`${label} is "${name}", but the list has no such column; nothing was sent`,
				columnsThereAre(columns),
			);
		}
		return column;
	};
	const recipient =
		named(first.collection('options').recipientColumn, 'Recipient Column') ??
		recipientColumnOf(columns);
	if (recipient === undefined) throw noRecipientColumn(columns);
	const rowKey = named(first.value('rowKeyColumn'), 'Row Key Column');
	const isZip = first.text('personalFilesFrom') === 'zip';
	const fileNames = isZip
		? named(first.text('fileNamesColumn', 'File Names Column'), 'File Names Column')
		: undefined;
	return {
		columns,
		recipient,
		...(rowKey === undefined ? {} : { rowKey }),
		...(fileNames === undefined ? {} : { fileNames }),
		rows: list.rows.map(({ row, cells }) => ({ place: { kind: 'csvRow', number: row }, cells })),
		faults: list.ragged.map(({ row, cells }) => ({
			place: { kind: 'csvRow', number: row },
			error: new UserError(
				`The row has ${cells} cells, the first row of the list ${columns.length}`,
				'Look for a delimiter too many or too few in this row; a text that holds one stands in quotation marks.',
			),
		})),
	};
}

function noRecipientColumn(columns: readonly string[]): UserError {
	return new UserError(
		'Which column holds the addresses cannot be told; nothing was sent',
		`Name it in Recipient Column under Options. ${columnsThereAre(columns)}`,
	);
}

/** What a user may have meant instead. */
export function columnsThereAre(columns: readonly string[]): string {
	return `The columns there are: ${columns.filter(Boolean).join(', ')}.`;
}
