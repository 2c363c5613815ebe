import { describe, expect, it } from 'vitest';
import { itemsOf } from '../../scripts/editor/workflow.ts';
import { createFlow, rows, type NodeSpec } from './flows.ts';
import { actionsIn, clients, LETTER, openSendDesk, outcomesIn, SEND } from './sendDesk.ts';

/** Each with a small file of its own, but for those at `without`. */
function rowsWithFiles(count: number, without: readonly number[]): NodeSpec {
	return {
		name: 'Rows',
		type: 'n8n-nodes-base.code',
		typeVersion: 2,
		parameters: {
			jsCode: `const without = ${JSON.stringify(without)};
return ${JSON.stringify(clients(count))}.map((json, index) => ({
	json,
	binary: without.includes(index) ? {} : {
		lettera: { data: Buffer.from('lettera ' + json.file).toString('base64'), mimeType: 'text/plain', fileName: json.file + '.txt' },
	},
}));`,
		},
	};
}

describe('PEC Send: runs of a mailing', () => {
	it('sends no more than Max Messages, puts the rest out as deferred, and goes on there in the next run', async () => {
		const desk = await openSendDesk();
		const flow = await createFlow(desk.rest, [
			rows(clients(5)),
			desk.mailing('send', { mailingName: 'A puntate', ...LETTER, options: { maxMessages: 2 } }),
		]);
		const first = await flow.run();
		expect(outcomesIn(first)).toMatchObject([
			{ rowKey: 'P1', action: 'sent' },
			{ rowKey: 'P2', action: 'sent' },
			...['P3', 'P4', 'P5'].map((rowKey) => ({
				rowKey,
				state: 'queued',
				action: 'deferred',
				retryAt: expect.any(String),
				error: { reason: 'maxMessages', retry: 'later' },
			})),
		]);
		expect(actionsIn(await flow.run())).toEqual([
			...['alreadySent', 'alreadySent', 'sent', 'sent', 'deferred'],
		]);
		expect(actionsIn(await flow.run())).toEqual([
			...['alreadySent', 'alreadySent', 'alreadySent', 'alreadySent', 'sent'],
		]);
		expect(desk.sent()).toEqual(clients(5).map(({ pec }) => pec));
	});

	it('sends each row once when two executions of it run at the same time', async () => {
		const desk = await openSendDesk();
		const { rest, sandbox } = desk;
		const flow = await createFlow(rest, [
			rows(clients(12)),
			desk.mailing('send', { mailingName: 'Due volte', ...LETTER }),
		]);
		// The first run stands still in the middle until the second is in line.
		const stalled = sandbox.faults.add({
			at: 'smtp.command',
			command: 'DATA',
			skip: 3,
			action: { do: 'stall' },
		});
		const one = await rest.startRun(flow.id, 'Start');
		await stalled.happened();
		const inLine = sandbox.faults.add({
			at: 'imap.done',
			command: 'APPEND',
			action: { do: 'call', run: () => undefined },
		});
		const other = await rest.startRun(flow.id, 'Start');
		await inLine.happened();
		stalled.release();
		const ended = await Promise.all(
			[one, other].map(async (id) => await rest.waitForExecution(id, 120_000)),
		);
		expect(ended.map(({ status }) => status)).toEqual(['success', 'success']);
		expect(desk.sent()).toEqual(
			clients(12)
				.map(({ pec }) => pec)
				.toSorted(),
		);
		const [actions = [], others = []] = ended.map((execution) => actionsIn(execution));
		const pairs = actions.map((action, row) => [action, others[row]].toSorted());
		expect(pairs).toEqual(Array.from({ length: 12 }, () => ['alreadySent', 'sent']));
	});

	it('sends 499 of 500 rows when the file of one is missing and the node continues on failure', async () => {
		const desk = await openSendDesk();
		const missing = 316;
		const done = await desk.run(
			rowsWithFiles(500, [missing]),
			desk.mailing(
				'send',
				{ mailingName: 'Cinquecento', ...LETTER, personalAttachments: 'lettera' },
				{ onError: 'continueErrorOutput' },
			),
		);
		expect(done.error).toBeUndefined();
		const keys = clients(500).map(({ file }) => file);
		expect(outcomesIn(done).map(({ rowKey }) => rowKey)).toEqual(keys.toSpliced(missing, 1));
		expect(new Set(actionsIn(done))).toEqual(new Set(['sent']));
		expect(itemsOf(done, SEND, { output: 1 }).map(({ json }) => json)).toMatchObject([
			{
				...clients(317)[missing],
				message:
					'This item carries no files. Add a node before this one that puts a file in that field.',
				error: expect.stringMatching(/no binary field "lettera".*\[item 316\]/),
			},
		]);
		expect(desk.sent()).toHaveLength(499);
	});

	it('sends nothing at all when the file of one row is missing and the node stops on failure', async () => {
		const desk = await openSendDesk();
		const stopped = await desk.run(
			rowsWithFiles(5, [3]),
			desk.mailing('send', {
				mailingName: 'Ferma',
				...LETTER,
				personalAttachments: 'lettera',
			}),
		);
		expect(stopped.status).toBe('error');
		expect(stopped.error?.message).toMatch(/no binary field "lettera".*\[item 3\]/);
		expect(desk.sent()).toEqual([]);
	});
});
