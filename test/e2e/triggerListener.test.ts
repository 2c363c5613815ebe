import { describe, expect, it } from 'vitest';
import type { EditorRest } from '../../scripts/editor/rest.ts';
import { FORGETFUL, openTriggerDesk } from './triggerDesk.ts';

const TIMES = 20;

/** Switches it off and on as fast as a person, or a script, can ask for it: nobody waits for n8n to be done. */
async function switchOffAndOn(rest: EditorRest, id: string): Promise<void> {
	const { versionId } = await rest.getWorkflow(id);
	await rest.request('POST', `/workflows/${id}/deactivate`, {});
	await rest.request('POST', `/workflows/${id}/activate`, { versionId });
}

describe('The listener of PEC Trigger', () => {
	it(`stays one, and repeats nothing, when it is switched off and on ${TIMES} times`, async () => {
		const desk = await openTriggerDesk({}, { settings: FORGETFUL });
		await desk.activateAndIdle();
		const subjects: string[] = [];
		for (let time = 1; time <= TIMES; time += 1) {
			await switchOffAndOn(desk.rest, desk.id);
			if (time % 5 !== 0) continue;
			subjects.push(`number ${time}`);
			await desk.arrive(`number ${time}`);
		}
		await desk.activate();
		expect(await desk.effects()).toEqual(subjects.toSorted());
		expect(desk.sandbox.connections()).toBe(1);
	});

	it(`stays one, and repeats nothing, when its connection is cut ${TIMES} times in a row`, async () => {
		const desk = await openTriggerDesk({}, { settings: FORGETFUL });
		await desk.activateAndIdle();
		const cuts = desk.sandbox.faults.add({
			at: 'imap.command',
			command: 'IDLE',
			times: TIMES,
			action: { do: 'drop' },
		});
		const subjects: string[] = [];
		for (let time = 1; time <= TIMES; time += 1) {
			subjects.push(`number ${time}`);
			await desk.arrive(`number ${time}`);
			await cuts.happened(time);
		}
		expect(await desk.effects()).toEqual(subjects.toSorted());
		expect(desk.sandbox.connections()).toBe(1);
	});

	it('has a neighbour in another workflow, and each gets every message', async () => {
		const desk = await openTriggerDesk({}, { settings: FORGETFUL });
		const neighbour = await openTriggerDesk({}, { sandbox: desk.sandbox, settings: FORGETFUL });
		await desk.activateAndIdle();
		await neighbour.activateAndIdle();
		await desk.arrive('one', 'two');
		expect(await desk.effects()).toEqual(['one', 'two']);
		expect(await neighbour.effects()).toEqual(['one', 'two']);
		expect(desk.sandbox.connections()).toBe(2);
	});
});
