import { describe, expect, it, onTestFinished } from 'vitest';
import { readPecMessage } from '../../nodes/pec/message.ts';
import { folder, pec, rows } from './flows.ts';
import {
	actionsIn,
	clients,
	failureOf,
	openSendDesk,
	outcomesIn,
	SEND,
	STUDIO,
	type SendDesk,
} from './sendDesk.ts';
import { sha256 } from '../sha256.ts';

const CLIENT = 'cliente01@pec.beta.test';

/** The only message that came in, as a flow finds it. */
function inbox({ credential }: SendDesk) {
	return pec('pecMailbox', 'Inbox', credential, {
		resource: 'message',
		operation: 'getMany',
		folder: folder('INBOX'),
		returnAll: true,
		filters: {},
	});
}

function message(
	{ credential }: SendDesk,
	operation: string,
	parameters: Readonly<Record<string, unknown>>,
) {
	return pec('pecSend', SEND, credential, {
		resource: 'message',
		operation,
		options: {},
		...parameters,
	});
}

async function receivedBy(desk: SendDesk, address: string) {
	const trust = { issuers: [desk.sandbox.pecCa] };
	const read = desk
		.received(address)
		.map(async (raw) => await readPecMessage(raw, { trust, now: new Date() }));
	return await Promise.all(read);
}

describe('PEC Send: message', () => {
	it('answers a received PEC in its thread, and forwards it to the byte as a file', async () => {
		const desk = await openSendDesk();
		await desk.sandbox.sendAs(CLIENT, { to: [STUDIO], subject: 'Quesito', text: 'Quando?' });
		await desk.sandbox.settled();
		const [envelope = Buffer.alloc(0)] = desk.received(STUDIO);

		const forwarded = await desk.run(
			inbox(desk),
			message(desk, 'forward', { to: 'cliente02@pec.beta.test', text: 'Per competenza' }),
		);
		await desk.sandbox.settled();
		expect(actionsIn(forwarded)).toEqual(['sent']);
		const [passedOn] = await receivedBy(desk, 'cliente02@pec.beta.test');
		expect(passedOn?.original?.attachments).toMatchObject([
			{ fileName: expect.stringMatching(/\.eml$/), sha256: sha256(envelope) },
		]);
		const inner = await readPecMessage(envelope, {
			trust: { issuers: [desk.sandbox.pecCa] },
			now: new Date(),
		});
		expect(inner).toMatchObject({ kind: 'transportEnvelope', verified: true });

		const account = desk.sandbox.store.account(STUDIO)?.folder('INBOX');
		account?.expunge(account.messages.slice(1).map(({ uid }) => uid));
		const replied = await desk.run(inbox(desk), message(desk, 'reply', { text: 'Domani.' }));
		await desk.sandbox.settled();
		expect(outcomesIn(replied)).toMatchObject([{ action: 'sent', recipients: [CLIENT] }]);
		const letters = await receivedBy(desk, CLIENT);
		const answer = letters.find(({ kind }) => kind === 'transportEnvelope')?.original;
		expect(answer?.subject).toBe('Re: Quesito');
		expect(answer?.text?.trim()).toBe('Domani.');
		expect(answer?.inReplyTo).toBe(inner.envelope.messageId);
	});

	it('serves a notice under L. 53/1994 to one recipient, with the words of the law and where the address is from', async () => {
		const desk = await openSendDesk();
		const notice = {
			to: CLIENT,
			subject: '',
			text: 'In allegato',
			purpose: 'noticeL53',
			addressSource: 'iniPec',
			addressDate: '2026-03-31T00:00:00.000+02:00',
		};
		const refused = await desk.run(
			message(desk, 'send', { ...notice, to: `${CLIENT}, cliente02@pec.beta.test` }),
		);
		expect(refused.status).toBe('error');
		expect(failureOf(refused)).toMatch(/exactly one recipient/);
		expect(desk.sent()).toEqual([]);

		const served = await desk.run(message(desk, 'send', notice));
		await desk.sandbox.settled();
		expect(outcomesIn(served)).toMatchObject([
			{
				action: 'sent',
				recipients: [CLIENT],
				addressSource: { register: 'INI-PEC', date: '2026-03-31' },
			},
		]);
		const [received] = await receivedBy(desk, CLIENT);
		expect(received?.original?.subject).toMatch(
			/^Notificazione ai sensi della legge n\. 53 del 1994/,
		);
		const receipts = await receivedBy(desk, STUDIO);
		expect(receipts.map(({ receipt }) => receipt)).toMatchObject([
			{ type: 'acceptance' },
			{ type: 'delivery', content: 'complete' },
		]);
	});

	it('sends one message in each pass of a loop, although every pass begins with item 0', async () => {
		const desk = await openSendDesk();
		const { rest } = desk;
		const nodes = [
			{
				name: 'Start',
				type: 'n8n-nodes-base.manualTrigger',
				typeVersion: 1,
				parameters: {},
			},
			rows(clients(3)),
			{
				name: 'Loop',
				type: 'n8n-nodes-base.splitInBatches',
				typeVersion: 3,
				parameters: { batchSize: 1, options: {} },
			},
			message(desk, 'send', {
				to: '={{ $json.pec }}',
				subject: '=Pratica {{ $json.file }}',
				text: 'x',
			}),
		];
		const to = (node: string) => [{ node, type: 'main', index: 0 }];
		const { id } = await rest.createWorkflow({
			name: 'Test Loop',
			nodes: nodes.map((node, index) => ({ ...node, position: [index * 200, 0] as const })),
			connections: {
				Start: { main: [to('Rows')] },
				Rows: { main: [to('Loop')] },
				Loop: { main: [[], to(SEND)] },
				[SEND]: { main: [to('Loop')] },
			},
			settings: { executionOrder: 'v1', saveDataSuccessExecution: 'all' },
		});
		onTestFinished(async () => await rest.deleteWorkflow(id));
		const looped = await rest.runWorkflow(id, 'Start');
		expect(looped.error).toBeUndefined();
		expect(looped.runs[SEND]).toHaveLength(3);
		expect(desk.sent()).toEqual(clients(3).map(({ pec: address }) => address));
	});
});
