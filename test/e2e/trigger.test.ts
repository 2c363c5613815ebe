import { setTimeout as sleep } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Sandbox, SandboxOptions } from '../../sandbox/index.ts';
import { itemsOf } from '../../scripts/editor/workflow.ts';
import { startOwnEditor, useEditor } from './harness.ts';
import {
	STUDIO,
	createFlow,
	createTriggerFlow,
	credentialFor,
	mailing,
	pec,
	rows,
	startSandbox,
} from './flows.ts';
import { QUIET_MS, arrive, recordsSettled, result, subjectsOf } from './triggerDesk.ts';

async function setUp(parameters: Readonly<Record<string, unknown>>, options: SandboxOptions = {}) {
	const { rest } = await useEditor();
	const sandbox = await startSandbox(options);
	const credential = await rest.createCredential(credentialFor(sandbox));
	const { id } = await createTriggerFlow(rest, [
		pec('pecTrigger', 'Trigger', credential, {
			startFrom: 'now',
			...parameters,
		}),
		result,
	]);
	const activate = async () => {
		const { status } = await rest.activate(id);
		onTestFinished(async () => await rest.deactivate(id));
		return status;
	};
	return { rest, sandbox, id, activate };
}

/** A person answers in his mail program what he received: it quotes the Message-ID that the provider gave it. */
async function reply(sandbox: Sandbox, from: string, providerId: string): Promise<void> {
	const account = sandbox.accounts.find(({ address }) => address === from);
	const { host, port } = sandbox.smtp;
	const transport = createTransport({
		host,
		port,
		secure: true,
		tls: { ca: sandbox.tlsCa },
		auth: { user: account?.user ?? '', pass: account?.password ?? '' },
	});
	const text = 'Ricevuto';
	await transport.sendMail({ from, to: STUDIO, subject: 'R', text, inReplyTo: `<${providerId}>` });
	transport.close();
	await sandbox.settled();
}

describe('PEC Trigger', () => {
	it('starts one run per new PEC, and none for receipts, ordinary mail or what was there before', async () => {
		const { rest, sandbox, id, activate } = await setUp({ watchFor: 'newPec' });
		await arrive(sandbox, 'before');
		expect(await activate()).toBe('published');
		await arrive(sandbox, 'one', 'two');
		await sandbox.sendAs(STUDIO, { to: ['cliente01@pec.beta.test'], subject: 'ours', text: 'x' });
		await sandbox.settled();
		await arrive(sandbox, 'three');
		expect(await subjectsOf(rest, id, 3)).toEqual(['one', 'three', 'two']);
	});

	it('gives the facts of a receipt by the contract', async () => {
		const { rest, sandbox, id, activate } = await setUp({ watchFor: 'receipts' });
		await activate();
		const { messageId } = await sandbox.sendAs(STUDIO, {
			to: ['nessuno@pec.beta.test'],
			subject: 'ours',
			text: 'x',
		});
		await sandbox.settled();
		const executions = await rest.waitForExecutions(id, 2, 60_000);
		const receipts = executions
			.map((execution) => itemsOf(execution, 'Result')[0]?.json ?? {})
			.sort((a, b) => JSON.stringify(a.receipt).localeCompare(JSON.stringify(b.receipt)));
		expect(receipts).toMatchObject([
			{
				kind: 'receipt',
				receipt: { type: 'acceptance', wireType: 'accettazione', originalMessageId: messageId },
				signature: { integrity: 'intact', signer: 'trusted', signerMatchesFrom: true },
				consistent: true,
				verified: true,
				mailbox: { account: STUDIO, folder: 'INBOX' },
			},
			{
				verified: true,
				receipt: {
					type: 'nonDelivery',
					deliveredTo: 'nessuno@pec.beta.test',
					error: { status: '5.1.1', reason: 'addressUnknown' },
					final: true,
				},
			},
		]);
	});

	it('catches up after the server was away, and repeats nothing', async () => {
		const { rest, sandbox, id, activate } = await setUp({ watchFor: 'newPec' });
		await activate();
		await arrive(sandbox, 'before the outage');
		await subjectsOf(rest, id, 1);
		await sandbox.goDown();
		await arrive(sandbox, 'during', 'also during');
		await sandbox.comeBack();
		await arrive(sandbox, 'after');
		expect(await subjectsOf(rest, id, 4)).toEqual([
			'after',
			'also during',
			'before the outage',
			'during',
		]);
		await sleep(QUIET_MS);
		expect(await rest.listExecutions(id)).toHaveLength(4);
	});

	it('goes on where it was when it is switched off and on, and repeats nothing', async () => {
		const { rest, sandbox, id, activate } = await setUp({ watchFor: 'newPec' });
		await activate();
		await arrive(sandbox, 'one');
		await subjectsOf(rest, id, 1);
		await rest.deactivate(id);
		await arrive(sandbox, 'while it was off');
		await activate();
		expect(await subjectsOf(rest, id, 2)).toEqual(['one', 'while it was off']);
		await sleep(QUIET_MS);
		expect(await rest.listExecutions(id)).toHaveLength(2);
	});

	it('repeats nothing when the server numbers the folder anew', async () => {
		let daysAgo = 2;
		const { rest, sandbox, id, activate } = await setUp(
			{ watchFor: 'newPec' },
			{ now: () => new Date(Date.now() - daysAgo * 24 * 3600_000) },
		);
		await arrive(sandbox, 'before the start');
		daysAgo = 0;
		await activate();
		await arrive(sandbox, 'one', 'two');
		await subjectsOf(rest, id, 2);
		await sandbox.goDown();
		sandbox.store.account(STUDIO)?.folder('INBOX')?.resetUidValidity();
		await sandbox.comeBack();
		await arrive(sandbox, 'three');
		expect(await subjectsOf(rest, id, 3)).toEqual(['one', 'three', 'two']);
		await sleep(QUIET_MS);
		expect(await rest.listExecutions(id)).toHaveLength(3);
	});

	it('starts a run for a message that cannot be read, with the next one after it', async () => {
		const { rest, sandbox, id, activate } = await setUp({ watchFor: 'newPec' });
		await activate();
		sandbox.store.account(STUDIO)?.deliver(Buffer.from([0, 255, 1, 13, 10, 13, 10, 200, 7]));
		await arrive(sandbox, 'next');
		const executions = await rest.waitForExecutions(id, 2, 60_000);
		const kinds = executions.map((one) => itemsOf(one, 'Result')[0]?.json.kind);
		expect(kinds.sort()).toEqual(['transportEnvelope', 'unreadable']);
	});

	it('refuses activation for a wrong password, and says what to do', async () => {
		const { rest } = await useEditor();
		const sandbox = await startSandbox();
		const wrong = await rest.createCredential(credentialFor(sandbox, { password: 'wrong' }));
		const { id } = await createTriggerFlow(rest, [
			pec('pecTrigger', 'Trigger', wrong, { watchFor: 'newPec' }),
			result,
		]);
		const { status, triggers } = await rest.activate(id);
		onTestFinished(async () => await rest.deactivate(id));
		expect(status).toBe('failed');
		expect(triggers[0]?.errorMessage).toMatch(/password/i);
	});

	it('activates while the server is away, and starts a run for what arrived meanwhile', async () => {
		const { rest, sandbox, id, activate } = await setUp({ watchFor: 'newPec' });
		await sandbox.goDown();
		expect(await activate()).toBe('published');
		await arrive(sandbox, 'during the outage');
		await sandbox.comeBack();
		expect(await subjectsOf(rest, id, 1)).toEqual(['during the outage']);
	});

	it('keeps one connection, however often it is published again, and none when it is off', async () => {
		const { rest, sandbox, id, activate } = await setUp({ watchFor: 'newPec' });
		for (let round = 0; round < 5; round += 1) {
			expect(await activate()).toBe('published');
			if (round % 2 === 1) await rest.deactivate(id);
		}
		await arrive(sandbox, 'one');
		expect(await subjectsOf(rest, id, 1)).toEqual(['one']);
		expect(sandbox.connections()).toBe(1);
		await rest.deactivate(id);
		expect(sandbox.connections()).toBe(0);
	});

	it('puts out the newest matching message at once when a person tests it', async () => {
		const { rest, sandbox, id } = await setUp({ watchFor: 'newPec' });
		await arrive(sandbox, 'older', 'newest');
		await sandbox.sendAs(STUDIO, { to: ['cliente01@pec.beta.test'], subject: 'ours', text: 'x' });
		await sandbox.settled();
		const tested = await rest.runWorkflow(id, 'Trigger');
		expect(itemsOf(tested, 'Trigger').map(({ json }) => json.original)).toMatchObject([
			{ subject: 'newest' },
		]);
	});

	it('says so when there is nothing to test with', async () => {
		const { rest, id } = await setUp({ watchFor: 'receipts' });
		const tested = await rest.runWorkflow(id, 'Trigger');
		expect(tested.status).toBe('error');
		expect(tested.error?.message).toMatch(/nothing yet that would start/);
	});

	it('offers a message again when the flow failed, as often as was chosen, and no more', async () => {
		const { rest } = await useEditor();
		const sandbox = await startSandbox();
		const credential = await rest.createCredential(credentialFor(sandbox));
		const { id } = await createTriggerFlow(rest, [
			pec('pecTrigger', 'Trigger', credential, { watchFor: 'newPec', attempts: 2 }),
			{
				name: 'Broken',
				type: 'n8n-nodes-base.stopAndError',
				typeVersion: 1,
				parameters: { errorMessage: 'the register is closed' },
			},
		]);
		await rest.activate(id);
		onTestFinished(async () => await rest.deactivate(id));
		await arrive(sandbox, 'one');
		// Two runs of the message, and the notice that it is given up.
		const executions = await rest.waitForExecutions(id, 3, 60_000);
		expect(executions.map(({ status }) => status)).toEqual(['error', 'error', 'error']);
		expect(executions.map(({ error }) => error?.message).sort()).toEqual([
			expect.stringMatching(/not offered again: the workflow failed 2 times/),
			'the register is closed',
			'the register is closed',
		]);
		await sleep(QUIET_MS);
		expect(await rest.listExecutions(id)).toHaveLength(3);
	});

	it('tells once per recipient what became of a sending', async () => {
		const { rest, sandbox, id, activate } = await setUp({ watchFor: 'sendingOutcome' });
		await activate();
		const credential = await rest.createCredential(credentialFor(sandbox));
		const people = [
			{ pec: 'cliente01@pec.beta.test', file: 'E1' },
			{ pec: 'nessuno@pec.beta.test', file: 'E2' },
		];
		await (await createFlow(rest, [rows(people), mailing(credential, 'Esiti')])).run();
		const executions = await rest.waitForExecutions(id, 2, 60_000);
		const outcomes = executions.map((execution) => itemsOf(execution, 'Result')[0]?.json ?? {});
		expect(outcomes.sort((a, b) => String(a.rowKey).localeCompare(String(b.rowKey)))).toMatchObject(
			[
				{
					recipient: 'cliente01@pec.beta.test',
					rowKey: 'E1',
					mailing: 'Esiti',
					state: 'delivered',
					final: true,
				},
				{
					recipient: 'nessuno@pec.beta.test',
					rowKey: 'E2',
					state: 'notDelivered',
					error: { reason: 'addressUnknown' },
				},
			],
		);
		await sleep(QUIET_MS);
		expect(await rest.listExecutions(id)).toHaveLength(2);
	});

	it('says whose sending a received message answers', async () => {
		const { rest, sandbox, id, activate } = await setUp({ watchFor: 'newPec' });
		const credential = await rest.createCredential(credentialFor(sandbox));
		const people = [{ pec: 'cliente01@pec.beta.test', file: 'R1' }];
		await (await createFlow(rest, [rows(people), mailing(credential, 'Domande')])).run();
		await sandbox.settled();
		await activate();
		const [sent] = sandbox.log.submissions();
		await reply(sandbox, 'cliente01@pec.beta.test', sent?.providerId ?? '');
		const [execution] = await rest.waitForExecutions(id, 1, 60_000);
		expect(execution && itemsOf(execution, 'Result')[0]?.json.answerTo).toMatchObject({
			mailing: 'Domande',
			rowKey: 'R1',
			recipient: 'cliente01@pec.beta.test',
		});
	});

	it('loses nothing and repeats nothing that had ended when n8n is killed', async () => {
		const { editor, rest } = await startOwnEditor();
		onTestFinished(async () => await editor.stop());
		const sandbox = await startSandbox();
		const credential = await rest.createCredential(credentialFor(sandbox));
		const { id } = await createTriggerFlow(rest, [
			pec('pecTrigger', 'Trigger', credential, { watchFor: 'newPec' }),
			result,
		]);
		await rest.activate(id);
		await arrive(sandbox, 'one', 'two');
		expect(await subjectsOf(rest, id, 2)).toEqual(['one', 'two']);
		await recordsSettled(sandbox, 2);
		await editor.kill('SIGKILL');
		await arrive(sandbox, 'while it was dead');
		await editor.restart();
		await arrive(sandbox, 'after');
		expect(await subjectsOf(rest, id, 4)).toEqual(['after', 'one', 'two', 'while it was dead']);
		await sleep(QUIET_MS);
		expect(await rest.listExecutions(id)).toHaveLength(4);
	});
});
