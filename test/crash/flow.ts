import type { SavedCredential } from '../../scripts/editor/restTypes.ts';
import type { WorkflowDefinition } from '../../scripts/editor/workflow.ts';
import { BY_HAND, inARow, rows as rowsOf } from '../nodesInARow.ts';
import { markerOf, type MailingRow } from './rows.ts';

export { START } from '../nodesInARow.ts';

export const SEND = 'Send';

/** Longer than what is let through when a connection is cut within a message. */
const TEXT = 'Buongiorno, si comunica quanto segue. '.repeat(40);

/** A mailing of these rows, started by hand. */
export function crashFlow(
	mailing: string,
	rows: readonly MailingRow[],
	credential: SavedCredential,
	options: { readonly maxDuration?: number } = {},
): WorkflowDefinition {
	const items = rows.map(({ recipient, rowKey }) => ({ pec: recipient, file: rowKey }));
	return inARow(mailing, [
		BY_HAND,
		rowsOf(items),
		{
			name: SEND,
			type: 'n8n-nodes-pec.pecSend',
			typeVersion: 1,
			parameters: {
				resource: 'mailing',
				operation: 'send',
				mailingName: mailing,
				recipient: '={{ $json.pec }}',
				rowKey: '={{ $json.file }}',
				subject: `=${markerOf(mailing, '{{ $json.file }}')}`,
				text: TEXT,
				options,
			},
			credentials: { pecApi: { id: credential.id, name: credential.name } },
		},
	]);
}
