import type { MailingRow, RowFault, RowSource } from './mailingRows';
import type { Parameters } from '../../n8n/parameters';
import { certifiedAddress } from '../../pec/addresses';
import { UserError } from '../../n8n/errors';
import { inTurns } from '../../n8n/turns';
import { readLetter } from './letter';

/** What is asked for values that are empty for one item; a row key that is missing would make another row of it. */
const VARIABLES = [
	['subject', 'Subject'],
	['text', 'Text'],
	['options.html', 'HTML'],
	['rowKey', 'Row Key'],
] as const;

/** One row per item. @throws UserError when the items name several mailings */
export async function rowsOfItems(
	source: RowSource,
	mailing: string,
): Promise<{ rows: MailingRow[]; faults: RowFault[] }> {
	const rows: MailingRow[] = [];
	const faults: RowFault[] = [];
	for await (const item of inTurns(source.items)) {
		const { itemIndex } = item;
		const place = { kind: 'item', number: itemIndex } as const;
		requireName(item, mailing);
		try {
			rows.push({ itemIndex, place, ...rowOfItem(item, source) });
		} catch (error) {
			faults.push({ itemIndex, place, error, ...identityOf(item) });
		}
	}
	return { rows, faults };
}

function rowOfItem(item: Parameters, source: RowSource): Pick<MailingRow, 'row' | 'letter'> {
	const recipient = certifiedAddress(item.text('recipient', 'Recipient PEC'));
	if (!source.emptyAllowed) refuseEmpty(item);
	const letter = readLetter(item, [recipient], 'personalAttachments');
	return {
		row: { recipient, rowKey: item.text('rowKey'), attempt: 1 },
		letter: source.personalFiles ? { ...letter, attachments: filesOf(item, source) } : letter,
	};
}

function filesOf(item: Parameters, { personalFiles, emptyAllowed }: RowSource) {
	const files = personalFiles?.named(item.value('fileNames')) ?? [];
	if (files.length === 0 && !emptyAllowed) {
		throw new UserError(
			'File Names is empty: this row has no personal file',
			'Fill it in for this item, or set Empty Values to Allow under Options.',
		);
	}
	return files;
}

function refuseEmpty(item: Parameters): void {
	for (const [name, label] of VARIABLES) {
		const [empty] = item.emptyExpressions(name);
		if (empty !== undefined) {
			throw new UserError(
				`${label} has an empty value for this item: ${empty}`,
				'Fill in the missing value, or set Empty Values to Allow under Options.',
			);
		}
	}
}

function requireName(item: Parameters, mailing: string): void {
	if (item.text('mailingName') === mailing) return;
	throw new UserError(
		`Item ${item.itemIndex} names another mailing than the first item; nothing was sent`,
		'All items of one run belong to one mailing: use the same Mailing Name, or send each mailing in a run of its own.',
	);
}

/** For a person to find the row by; what cannot be read is left out. */
function identityOf(item: Parameters): Pick<RowFault, 'recipient' | 'rowKey'> {
	try {
		const [recipient, rowKey] = [item.text('recipient'), item.text('rowKey')];
		return { ...(recipient ? { recipient } : {}), ...(rowKey ? { rowKey } : {}) };
	} catch {
		return {};
	}
}
