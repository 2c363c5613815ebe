import { expect } from 'vitest';
import type { Sandbox } from '../../sandbox/index.ts';
import type { SavedCredential } from '../../scripts/editor/restTypes.ts';
import { itemsOf, type ExecutionData } from '../../scripts/editor/workflow.ts';
import type { Shown, Taken } from '../crash/judge.ts';
import { markerOf, readMarker, type MailingRow } from '../crash/rows.ts';
import { createFlow, createTriggerFlow, pec } from '../e2e/flows.ts';
import type { QueueStage } from './stage.ts';

export const SEND = 'Send';
export const FILES = 'Files';
const FILE = 'file';

/** A mailing that others start by a call, as a CRM would. */
export interface QueuedMailing {
	readonly id: string;
	/** By a call of the webhook process. @returns the execution */
	readonly start: () => Promise<string>;
	/** What Track says of each row, waiting for receipts for a minute at most. */
	track(): Promise<Record<string, unknown>[]>;
}

export async function createMailing(
	{ main, webhook }: Pick<QueueStage, 'main' | 'webhook'>,
	credential: SavedCredential,
	mailing: string,
	rows: readonly MailingRow[],
): Promise<QueuedMailing> {
	const { rest } = main;
	const path = mailing.replaceAll(' ', '-');
	const { id } = await createTriggerFlow(rest, [
		{
			name: 'Call',
			type: 'n8n-nodes-base.webhook',
			typeVersion: 2.1,
			webhookId: path,
			parameters: { httpMethod: 'POST', path, responseMode: 'onReceived', options: {} },
		},
		{
			name: 'Rows',
			type: 'n8n-nodes-base.splitOut',
			typeVersion: 1,
			parameters: { fieldToSplitOut: 'body.rows', options: {} },
		},
		// The file of each row goes to n8n's storage: what reads it may be another process than what wrote it.
		{
			name: FILES,
			type: 'n8n-nodes-base.convertToFile',
			typeVersion: 1.1,
			parameters: {
				operation: 'toText',
				sourceProperty: 'letter',
				binaryPropertyName: FILE,
				options: { fileName: '=lettera-{{ $json.rowKey }}.txt' },
			},
		},
		pec('pecSend', SEND, credential, {
			resource: 'mailing',
			operation: 'send',
			mailingName: mailing,
			recipient: `={{ $('Rows').item.json.recipient }}`,
			rowKey: `={{ $('Rows').item.json.rowKey }}`,
			subject: `=${markerOf(mailing, `{{ $('Rows').item.json.rowKey }}`)}`,
			text: 'Buongiorno, si allega quanto dovuto.',
			personalAttachments: FILE,
			options: {},
		}),
	]);
	expect(await rest.activate(id)).toMatchObject({ status: 'published' });
	const body = JSON.stringify({
		rows: rows.map((row) => ({ ...row, letter: `Pratica ${row.rowKey}. `.repeat(50) })),
	});
	return {
		id,
		start: async () => {
			const before = new Set((await rest.listExecutions(id)).map((one) => one.id));
			const url = `${webhook.url}/webhook/${path}`;
			const headers = { 'content-type': 'application/json' };
			const { status } = await fetch(url, { method: 'POST', headers, body });
			expect(status).toBe(200);
			const started = (await rest.listExecutions(id)).find((one) => !before.has(one.id));
			if (started === undefined) throw new Error('The webhook process started no execution');
			return started.id;
		},
		track: async () => {
			const flow = await createFlow(rest, [
				pec('pecSend', 'Track', credential, {
					resource: 'mailing',
					operation: 'track',
					mailingName: mailing,
					waitMinutes: 1,
				}),
			]);
			return itemsOf(await flow.run(120_000), 'Track').map(({ json }) => json);
		},
	};
}

/** What the node put out about each row. */
export function shownIn(execution: ExecutionData): Shown[] {
	return itemsOf(execution, SEND).map(({ json }) => {
		const { recipient, rowKey, state, action } = json;
		return { recipient, rowKey, state, action };
	});
}

/** What the provider took, by its log and the marker in each subject. */
export function takenBy(sandbox: Sandbox): Taken[] {
	return sandbox.log
		.submissions()
		.flatMap(({ recipients, subject, at }) =>
			recipients.map((recipient) => ({ ...readMarker(subject), recipient, at })),
		);
}
