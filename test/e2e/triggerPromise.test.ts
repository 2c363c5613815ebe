import { describe, expect, it } from 'vitest';
import { itemsOf, type SavedWorkflow } from '../../scripts/editor/workflow.ts';
import { STUDIO, createTriggerFlow, type NodeSpec } from './flows.ts';
import { useEditor } from './harness.ts';
import {
	FORGETFUL,
	openTriggerDesk,
	person,
	recordsSettled,
	result,
	type TriggerDesk,
} from './triggerDesk.ts';

/** Publishes it as another version, as a person does who changed something. */
async function republish(desk: TriggerDesk, change: (workflow: SavedWorkflow) => SavedWorkflow) {
	const workflow = await desk.rest.getWorkflow(desk.id);
	const { nodes, connections } = change(workflow);
	await desk.rest.updateWorkflow(desk.id, { nodes, connections });
	const { status } = await desk.rest.activate(desk.id);
	expect(status).toBe('published');
}

/** What a person does who drags the last node about. */
const dragged = (by: number) => (workflow: SavedWorkflow) => ({
	...workflow,
	nodes: workflow.nodes.map((node, index) => ({ ...node, position: [index * 200, by] as const })),
});

const renamed = (name: string) => (workflow: SavedWorkflow) => {
	const [trigger, ...others] = workflow.nodes;
	if (!trigger) throw new Error('the workflow has no node');
	const { [trigger.name]: outputs = {}, ...connections } = workflow.connections;
	return {
		...workflow,
		nodes: [{ ...trigger, name }, ...others],
		connections: { ...connections, [name]: outputs },
	};
};

/** Another node of the workflow that keeps something of its own in n8n's static data. */
const keeper: NodeSpec = {
	name: 'Keeper',
	type: 'n8n-nodes-base.code',
	typeVersion: 2,
	parameters: {
		jsCode: `for (const of of ['global', 'node']) {
	const kept = $getWorkflowStaticData(of);
	kept.runs = (kept.runs ?? 0) + 1;
}
return $input.all();`,
	},
};

/** Fails for one message. */
const refusing: NodeSpec = {
	name: 'Refuse',
	type: 'n8n-nodes-base.code',
	typeVersion: 2,
	parameters: {
		jsCode: `if ($json.original.subject === 'refused') throw new Error('the register is closed');
return $input.all();`,
	},
};

describe('The promise of PEC Trigger', () => {
	it('holds while the workflow is published again and again, and messages arrive', async () => {
		const desk = await openTriggerDesk({}, { settings: FORGETFUL });
		await desk.activateAndIdle();
		const subjects = ['one', 'two', 'three', 'four'];
		for (const [index, subject] of subjects.entries()) {
			await Promise.all([desk.arrive(subject), republish(desk, dragged(index + 1))]);
		}
		expect(await desk.effects()).toEqual(subjects.toSorted());
		expect(await desk.rest.listExecutions(desk.id)).toEqual([]);
	});

	it('holds when the node gets another name', async () => {
		const desk = await openTriggerDesk({}, { settings: FORGETFUL });
		await desk.activateAndIdle();
		await desk.arrive('one');
		await desk.register.until(1);
		await desk.rest.deactivate(desk.id);
		await desk.arrive('while it was off');
		await republish(desk, renamed('PEC dello studio'));
		await desk.arrive('two');
		expect(await desk.effects()).toEqual(['one', 'two', 'while it was off']);
	});

	it('holds for what a person moves before its run, and after it', async () => {
		const desk = await openTriggerDesk({}, { settings: FORGETFUL });
		await person(desk.sandbox, async (client) => client.mailboxCreate('Clienti'));
		await desk.activateAndIdle();
		await desk.arrive('moved after its run');
		await desk.register.until(1);
		await recordsSettled(desk.sandbox, 1);
		await person(desk.sandbox, async (client) => {
			await client.mailboxOpen('INBOX');
			await client.messageMove('1:*', 'Clienti');
		});
		await desk.rest.deactivate(desk.id);
		await desk.arrive('moved before its run');
		await person(desk.sandbox, async (client) => {
			await client.mailboxOpen('INBOX');
			await client.messageMove('1:*', 'Clienti');
		});
		await desk.activateAndIdle();
		await desk.register.until(2);
		expect(await desk.effects()).toEqual(['moved after its run', 'moved before its run']);
	});

	it('passes over what is deleted while it is fetched, and the next one follows', async () => {
		const desk = await openTriggerDesk({}, { settings: FORGETFUL });
		await desk.activateAndIdle();
		await desk.arrive('before');
		await desk.register.until(1);
		await recordsSettled(desk.sandbox, 1);
		// Of a large one the header is read first, then the whole of it.
		const gone = desk.sandbox.faults.add({
			at: 'imap.done',
			command: 'UID FETCH',
			action: { do: 'deleteMessages', folder: 'INBOX', uids: [2] },
		});
		const deleted = { to: [STUDIO], subject: 'deleted', text: 'riga\n'.repeat(20_000) };
		await desk.sandbox.sendAs('cliente02@pec.beta.test', deleted);
		await desk.sandbox.settled();
		await desk.arrive('next');
		await gone.happened();
		expect(await desk.effects()).toEqual(['before', 'next']);
		expect(await desk.rest.publication(desk.id)).toMatchObject({ status: 'published' });
	});

	it('holds although another node keeps things of its own in static data', async () => {
		const desk = await openTriggerDesk({}, { between: [keeper], settings: FORGETFUL });
		await desk.activateAndIdle();
		await desk.arrive('one', 'two');
		await desk.register.until(2);
		await desk.rest.deactivate(desk.id);
		await desk.arrive('while it was off');
		await desk.activateAndIdle();
		await desk.arrive('three');
		expect(await desk.effects()).toEqual(['one', 'three', 'two', 'while it was off']);
		const { staticData } = await desk.rest.getWorkflow(desk.id);
		expect(staticData).toMatchObject({
			global: { runs: expect.any(Number) },
			'node:Keeper': { runs: expect.any(Number) },
		});
	});

	it('of going on: a message whose run failed is settled, and the next one follows', async () => {
		const desk = await openTriggerDesk({ ifFlowFails: 'goOn' }, { between: [refusing] });
		await desk.activateAndIdle();
		await desk.arrive('refused');
		const [failed] = await desk.rest.waitForExecutions(desk.id, 1);
		expect(failed?.status).toBe('error');
		// What is settled is not offered any more, at whatever time.
		await recordsSettled(desk.sandbox, 1);
		await desk.arrive('next');
		expect(await desk.effects()).toEqual(['next']);
		const executions = await desk.rest.listExecutions(desk.id);
		expect(executions.map(({ status }) => status)).toEqual(['error', 'success', 'success']);
	});

	it('of offering again ends when the attempts are used, and the error workflow is told what to do', async () => {
		const { rest } = await useEditor();
		const errors = await createTriggerFlow(rest, [
			{ name: 'Error', type: 'n8n-nodes-base.errorTrigger', typeVersion: 1, parameters: {} },
			result,
		]);
		await rest.activate(errors.id);
		const desk = await openTriggerDesk(
			{ attempts: 2 },
			{ between: [refusing], settings: { errorWorkflow: errors.id } },
		);
		await desk.activateAndIdle();
		await desk.arrive('refused');
		const told = (await rest.waitForExecutions(errors.id, 3)).map((execution) => {
			// n8n tells a run that failed as `execution`, and what a trigger reports as `trigger`.
			const { execution: run, trigger } = itemsOf(execution, 'Result')[0]?.json ?? {};
			return ((run ?? trigger) as { error: { message: string; description?: string } }).error;
		});
		// One of each run that failed, and ours.
		expect(told.filter((error) => error.message.includes('the register is closed'))).toHaveLength(
			2,
		);
		expect(told).toContainEqual(
			expect.objectContaining({
				message: expect.stringMatching(/not offered again: the workflow failed 2 times/),
				description: expect.stringContaining('mend the workflow'),
			}),
		);
	});
});
