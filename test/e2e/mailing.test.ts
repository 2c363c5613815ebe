import { describe, expect, it } from 'vitest';
import { itemsOf, type ExecutionData } from '../../scripts/editor/workflow.ts';
import { useEditor } from './harness.ts';
import {
	createFlow,
	credentialFor,
	mailing,
	pec,
	rows,
	startSandbox,
	type NodeSpec,
} from './flows.ts';

const GOOD = [
	{ pec: 'cliente01@pec.beta.test', file: 'A1' },
	{ pec: 'cliente02@pec.beta.test', file: 'A2' },
	{ pec: 'cliente01@pec.beta.test', file: 'A3' },
];

async function setUp() {
	const { rest } = await useEditor();
	const sandbox = await startSandbox();
	const credential = await rest.createCredential(credentialFor(sandbox));
	const run = async (...nodes: NodeSpec[]) => await (await createFlow(rest, nodes)).run();
	return { rest, sandbox, credential, run };
}

function failure({ error }: ExecutionData): string {
	return `${error?.message} ${error?.description ?? ''}`;
}

describe('PEC Send: mailing', () => {
	it('sends one message per row and nothing when it is run again', async () => {
		const { sandbox, credential, run } = await setUp();
		const first = await run(rows(GOOD), mailing(credential, 'Assemblea'));
		expect(itemsOf(first, 'Send').map(({ json }) => json)).toMatchObject([
			{ recipient: 'cliente01@pec.beta.test', rowKey: 'A1', state: 'submitted', action: 'sent' },
			{ recipient: 'cliente02@pec.beta.test', rowKey: 'A2', state: 'submitted', action: 'sent' },
			{ recipient: 'cliente01@pec.beta.test', rowKey: 'A3', state: 'submitted', action: 'sent' },
		]);
		await sandbox.settled();
		expect(sandbox.log.submissions().map(({ recipients }) => recipients)).toEqual([
			['cliente01@pec.beta.test'],
			['cliente02@pec.beta.test'],
			['cliente01@pec.beta.test'],
		]);

		const again = await run(rows(GOOD), mailing(credential, 'Assemblea'));
		expect(itemsOf(again, 'Send').map(({ json }) => json.action)).toEqual([
			'alreadySent',
			'alreadySent',
			'alreadySent',
		]);
		expect(sandbox.log.submissions()).toHaveLength(3);
	});

	it('follows each recipient to its own end', async () => {
		const { credential, run } = await setUp();
		const people = [
			...GOOD,
			{ pec: 'nessuno@pec.beta.test', file: 'A4' },
			{ pec: 'pieno@pec.beta.test', file: 'A5' },
			{ pec: 'mario@posta.test', file: 'A6' },
		];
		await run(rows(people), mailing(credential, 'Esiti'));
		const tracked = await run(
			pec('pecSend', 'Track', credential, {
				resource: 'mailing',
				operation: 'track',
				mailingName: 'Esiti',
				waitMinutes: 1,
			}),
		);
		const outcomes = itemsOf(tracked, 'Track').map(({ json }) => json);
		expect(outcomes).toMatchObject([
			{ rowKey: 'A1', state: 'delivered', final: true, verified: true },
			{ rowKey: 'A2', state: 'delivered' },
			{ rowKey: 'A3', state: 'delivered' },
			{ rowKey: 'A4', state: 'notDelivered', error: { reason: 'addressUnknown' } },
			{ rowKey: 'A5', state: 'notDelivered', error: { reason: 'mailboxFull' } },
			{ rowKey: 'A6', state: 'notCertified', final: true },
		]);
	});

	it('stops before anything is sent when one address has a line break in it, naming the item', async () => {
		const { sandbox, credential, run } = await setUp();
		const bad = { pec: 'a@pec.beta.test\r\nBcc: b@pec.beta.test', file: 'A9' };
		const stopped = await run(rows([...GOOD, bad]), mailing(credential, 'Riga'));
		expect(stopped.status).toBe('error');
		expect(failure(stopped)).toMatch(/line break.*\[item 3\]/);
		expect(failure(stopped)).not.toContain('pec.beta.test');
		expect(sandbox.log.submissions()).toEqual([]);
	});

	it('puts a bad row out as an error and sends the others when the node continues on failure', async () => {
		const { sandbox, credential, run } = await setUp();
		const bad = { pec: 'not an address', file: 'A9' };
		const done = await run(
			rows([GOOD[0] ?? {}, bad, GOOD[1] ?? {}]),
			mailing(credential, 'Continua', { onError: 'continueErrorOutput' }),
		);
		expect(itemsOf(done, 'Send').map(({ json }) => json.rowKey)).toEqual(['A1', 'A2']);
		expect(itemsOf(done, 'Send', { output: 1 }).map(({ json }) => json)).toMatchObject([
			{ error: expect.stringContaining('[item 1]') },
		]);
		expect(sandbox.log.submissions()).toHaveLength(2);
	});

	it('stops before anything is sent when a row stands twice', async () => {
		const { sandbox, credential, run } = await setUp();
		const stopped = await run(rows([...GOOD, GOOD[1] ?? {}]), mailing(credential, 'Doppia'));
		expect(stopped.status).toBe('error');
		expect(failure(stopped)).toMatch(/items 1 and 3.*Row Key/s);
		expect(sandbox.log.submissions()).toEqual([]);
	});

	it('says that a recipient is missing', async () => {
		const { sandbox, credential, run } = await setUp();
		const stopped = await run(rows([{ file: 'A1' }]), mailing(credential, 'Vuota'));
		expect(stopped.status).toBe('error');
		expect(failure(stopped)).toMatch(/Recipient PEC is empty \[item 0\]/);
		expect(sandbox.log.submissions()).toEqual([]);
	});

	it('sends nothing, and says why, when the password is wrong', async () => {
		const { rest, sandbox, run } = await setUp();
		const wrong = await rest.createCredential(credentialFor(sandbox, { password: 'wrong' }));
		const stopped = await run(rows(GOOD), mailing(wrong, 'Password'));
		expect(stopped.status).toBe('error');
		expect(failure(stopped)).toMatch(/password/i);
		expect(sandbox.log.submissions()).toEqual([]);
	});

	it('sends nothing when the mailbox has no room for its records', async () => {
		const { sandbox, credential, run } = await setUp();
		const account = sandbox.store.account('studio@pec.alfa.test');
		if (account) account.quotaLimit = 10;
		const stopped = await run(rows(GOOD), mailing(credential, 'Piena'));
		expect(stopped.status).toBe('error');
		expect(failure(stopped)).toMatch(/full|space/i);
		expect(sandbox.log.submissions()).toEqual([]);
	});
});

describe('PEC Send: message', () => {
	const message = (parameters: Readonly<Record<string, unknown>>) => ({
		resource: 'message',
		operation: 'send',
		subject: 'Oggetto è',
		text: 'Testo',
		...parameters,
	});

	it('sends one message to several recipients and keeps a full copy when asked', async () => {
		const { sandbox, credential, run } = await setUp();
		const sent = await run(
			pec(
				'pecSend',
				'Send',
				credential,
				message({
					to: 'cliente01@pec.beta.test, cliente02@pec.beta.test',
					options: { cc: 'alfa2@pec.alfa.test', sentCopy: 'full' },
				}),
			),
		);
		expect(itemsOf(sent, 'Send')[0]?.json).toMatchObject({ state: 'submitted', action: 'sent' });
		const [submission, ...more] = sandbox.log.submissions();
		expect(more).toEqual([]);
		expect(submission?.recipients).toEqual([
			'cliente01@pec.beta.test',
			'cliente02@pec.beta.test',
			'alfa2@pec.alfa.test',
		]);
		const copies = sandbox.store.account('studio@pec.alfa.test')?.folder('Inviata')?.messages;
		expect(copies?.map(({ raw }) => raw.length)).toEqual([submission?.size]);
	});

	it('does not send twice when n8n retries the node after a later failure', async () => {
		const { sandbox, credential, run } = await setUp();
		const account = sandbox.store.account('studio@pec.alfa.test');
		const bad = { to: '={{ $json.to }}', options: {} };
		const done = await run(
			rows([{ to: 'cliente01@pec.beta.test' }, { to: 'not an address' }]),
			pec('pecSend', 'Send', credential, message(bad), { retryOnFail: true }),
		);
		expect(done.status).toBe('error');
		expect(sandbox.log.submissions()).toHaveLength(1);
		expect(account?.folder('n8n PEC (do not delete)')).toBeDefined();
	});
});
