import type { FileHandle, Parameters } from '../../n8n/parameters';
import type { Letter } from './letter';
import type { MailingRow, RowFault, RowSource } from './mailingRows';
import { certifiedAddress } from '../../pec/addresses';
import { UserError } from '../../n8n/errors';
import { asHtml } from '../../pec/html';
import { fillPlaceholders, placeholdersIn } from '../../pec/placeholders';
import { columnOf, readAddressList } from '../../pec/recipientList';
import { readLetter } from './letter';
import { columnsThereAre, openSheet, type Sheet, type SheetRow } from './recipientSheet';

/** One row per address of a list or line of a CSV, which the only item holds. @throws UserError for what concerns all rows */
export async function rowsOfList(
	source: RowSource,
	from: 'list' | 'csv',
): Promise<{ rows: MailingRow[]; faults: RowFault[] }> {
	const { items, first } = source;
	if (items.length > 1) {
		throw new UserError(
			`Recipients From asks for one item that holds them all, but ${items.length} items came in; nothing was sent`,
			'Set Recipients From to Items when each item is one recipient, or let one item hold the list.',
		);
	}
	const sheet = from === 'csv' ? await openSheet(first) : sheetOfList(first);
	const template = readLetter(first, [], 'personalAttachments');
	const used = columnsUsed(template, sheet);
	const { itemIndex } = first;
	const rows: MailingRow[] = [];
	const faults: RowFault[] = sheet.faults.map((fault) => ({ itemIndex, ...fault }));
	for (const listed of sheet.rows) {
		const { place } = listed;
		try {
			rows.push({ itemIndex, place, ...rowOf(listed, { sheet, template, used, source }) });
		} catch (error) {
			const [recipient, rowKey] = [cellOf(listed, sheet.recipient), cellOf(listed, sheet.rowKey)];
			faults.push({
				itemIndex,
				place,
				error,
				...(recipient ? { recipient } : {}),
				...(rowKey ? { rowKey } : {}),
			});
		}
	}
	return { rows, faults };
}

function sheetOfList(first: Parameters): Sheet {
	const addresses = readAddressList(first.value('recipients'));
	if (addresses.length === 0) {
		throw new UserError(
			'Recipients is empty; nothing was sent',
			'Write one PEC address per line, or check the expression in Recipients.',
		);
	}
	return {
		columns: ['pec'],
		recipient: 0,
		rows: addresses.map((address, index) => ({
			place: { kind: 'address', number: index + 1 },
			cells: [address],
		})),
		faults: [],
	};
}

/** By the names that the letter's placeholders have. @throws UserError for one that is no column */
function columnsUsed({ subject, text, html = '' }: Letter, sheet: Sheet): Map<string, number> {
	const used = new Map<string, number>();
	for (const name of placeholdersIn([subject, text, html].join('\n'))) {
		const column = columnOf(sheet.columns, name);
		if (column === undefined) {
			throw new UserError(
				`The letter has [[${name}]], but there is no such column; nothing was sent`,
				columnsThereAre(sheet.columns),
			);
		}
		used.set(name, column);
	}
	return used;
}

interface Letters {
	readonly sheet: Sheet;
	readonly template: Letter;
	readonly used: ReadonlyMap<string, number>;
	readonly source: RowSource;
}

function rowOf(listed: SheetRow, letters: Letters): Pick<MailingRow, 'row' | 'letter'> {
	const { sheet, template, used, source } = letters;
	const recipient = certifiedAddress(cellOf(listed, sheet.recipient));
	if (!source.emptyAllowed) refuseEmpty(listed, letters);
	const valueOf = (name: string) => cellOf(listed, used.get(name));
	const { html } = template;
	return {
		row: { recipient, rowKey: cellOf(listed, sheet.rowKey), attempt: 1 },
		letter: {
			...template,
			to: [recipient],
			subject: fillPlaceholders(template.subject, valueOf),
			text: fillPlaceholders(template.text, valueOf),
			...(html === undefined
				? {}
				: { html: fillPlaceholders(html, (name) => asHtml(valueOf(name))) }),
			attachments: filesOf(listed, sheet, source) ?? template.attachments,
		},
	};
}

function filesOf(
	listed: SheetRow,
	{ fileNames }: Sheet,
	{ personalFiles }: RowSource,
): FileHandle[] | undefined {
	return personalFiles?.named(cellOf(listed, fileNames));
}

function refuseEmpty(listed: SheetRow, { sheet, used }: Letters): void {
	const asked = [...used.values(), sheet.rowKey, sheet.fileNames].filter((at) => at !== undefined);
	const empty = asked.find((column) => cellOf(listed, column) === '');
	if (empty === undefined) return;
	throw new UserError(
		`The column ${sheet.columns[empty]} is empty in this row`,
		'Fill in the missing value, or set Empty Values to Allow under Options.',
	);
}

function cellOf({ cells }: SheetRow, column: number | undefined): string {
	return column === undefined ? '' : (cells[column] ?? '');
}
