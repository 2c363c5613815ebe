import { describe, expect, it, onTestFinished } from 'vitest';
import { itemsOf } from '../../scripts/editor/workflow.ts';
import { DOVECOT_MISSING, dovecotPath, startDovecot } from '../servers/dovecot.ts';
import { useEditor } from './harness.ts';
import {
	STUDIO,
	createFlow,
	createTriggerFlow,
	credentialFor,
	folder,
	mailing,
	pec,
	rows,
	startSandbox,
	type NodeSpec,
} from './flows.ts';

const missing = dovecotPath() === undefined;

const CLIENT = 'cliente01@pec.beta.test';

/** The mailboxes of studio and client on Dovecot, into which the sandbox delivers what it takes for sending, and the receipts. */
async function setUp() {
	const { rest } = await useEditor();
	const dovecot = await startDovecot([
		{ user: STUDIO, password: 'prova-alfa' },
		{ user: CLIENT, password: 'prova-beta' },
	]);
	onTestFinished(async () => await dovecot.stop());
	const sandbox = await startSandbox({ mailboxes: dovecot });
	const credential = await rest.createCredential(credentialFor(sandbox));
	const run = async (...nodes: NodeSpec[]) => await (await createFlow(rest, nodes)).run();
	return { rest, sandbox, credential, run };
}

describe(`the nodes over Dovecot${missing ? ` (${DOVECOT_MISSING})` : ''}`, () => {
	it.skipIf(missing)('send a mailing once, follow it, and start a run per receipt', async () => {
		const { rest, sandbox, credential, run } = await setUp();
		const { id } = await createTriggerFlow(rest, [
			pec('pecTrigger', 'Trigger', credential, {
				watchFor: 'receipts',
				startFrom: 'now',
			}),
			{ name: 'Result', type: 'n8n-nodes-base.noOp', typeVersion: 1, parameters: {} },
		]);
		await rest.activate(id);
		onTestFinished(async () => await rest.deactivate(id));
		const people = [
			{ pec: CLIENT, file: 'D1' },
			{ pec: 'nessuno@pec.beta.test', file: 'D2' },
		];
		const first = await run(rows(people), mailing(credential, 'Dovecot'));
		expect(itemsOf(first, 'Send').map(({ json }) => json.action)).toEqual(['sent', 'sent']);
		await sandbox.settled();
		const again = await run(rows(people), mailing(credential, 'Dovecot'));
		expect(itemsOf(again, 'Send').map(({ json }) => [json.action, json.state])).toEqual([
			['alreadySent', 'delivered'],
			['alreadySent', 'notDelivered'],
		]);
		expect(sandbox.log.submissions()).toHaveLength(2);
		const runs = await rest.waitForExecutions(id, 4, 60_000);
		const types = runs.map((one) => {
			const receipt = itemsOf(one, 'Result')[0]?.json.receipt as { type: string };
			return receipt.type;
		});
		expect(types.sort()).toEqual(['acceptance', 'acceptance', 'delivery', 'nonDelivery']);
	});

	it.skipIf(missing)('export, check and delete what is checked', async () => {
		const { sandbox, credential, run } = await setUp();
		await sandbox.sendAs('cliente03@pec.beta.test', { to: [STUDIO], subject: 'Uno', text: 'x' });
		await sandbox.settled();
		const done = await run(
			pec('pecMailbox', 'List', credential, {
				resource: 'message',
				operation: 'getMany',
				folder: folder('INBOX'),
				returnAll: true,
				filters: {},
			}),
			pec('pecMailbox', 'Export', credential, {
				resource: 'preservation',
				operation: 'export',
				pecKey: '={{ $json.pecKey }}',
				outputField: 'data',
			}),
			pec('pecMailbox', 'Check', credential, {
				resource: 'preservation',
				operation: 'checkCopy',
				binaryField: 'data',
				location: '={{ $json.fileName }}',
			}),
			pec('pecMailbox', 'Delete', credential, {
				resource: 'cleanUp',
				operation: 'delete',
				folders: 'INBOX',
				olderThanDays: 0,
				keepUnread: false,
			}),
			pec('pecMailbox', 'Space', credential, { resource: 'space', operation: 'get' }),
		);
		expect(done.error).toBeUndefined();
		const deleted = itemsOf(done, 'Delete').filter(({ json }) => 'deletion' in json);
		expect(deleted).toHaveLength(1);
		expect(itemsOf(done, 'Space')[0]?.json).toMatchObject({
			space: { folders: expect.arrayContaining([{ path: 'INBOX', messages: 0, size: 0 }]) },
		});
	});
});
