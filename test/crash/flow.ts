import type { SavedCredential } from '../../scripts/editor/restTypes.ts';
import type { WorkflowDefinition, WorkflowNode } from '../../scripts/editor/workflow.ts';
import { markerOf, type MailingRow } from './rows.ts';

export const START = 'Start';
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
	const nodes: WorkflowNode[] = [
		{
			name: START,
			type: 'n8n-nodes-base.manualTrigger',
			typeVersion: 1,
			position: [0, 0],
			parameters: {},
		},
		{
			name: 'Rows',
			type: 'n8n-nodes-base.code',
			typeVersion: 2,
			position: [200, 0],
			parameters: { jsCode: `return ${JSON.stringify(items)}.map((json) => ({ json }));` },
		},
		{
			name: SEND,
			type: 'n8n-nodes-pec.pecSend',
			typeVersion: 1,
			position: [400, 0],
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
	];
	const to = (node: string) => ({ main: [[{ node, type: 'main', index: 0 }]] });
	return {
		name: mailing,
		nodes,
		connections: { [START]: to('Rows'), Rows: to(SEND) },
		settings: { executionOrder: 'v1' },
	};
}
