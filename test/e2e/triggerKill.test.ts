import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultRule } from '../../sandbox/faults/rules.ts';
import type { Editor } from '../../scripts/editor/editor.ts';
import { startOwnEditor } from './harness.ts';
import { openRegister } from './register.ts';
import {
	FORGETFUL,
	noneRuns,
	openTriggerDesk,
	recordsSettled,
	type EditorAccess,
	type TriggerDesk,
} from './triggerDesk.ts';

let editor: Editor;
let access: EditorAccess;

beforeAll(async () => {
	const own = await startOwnEditor();
	editor = own.editor;
	access = { rest: own.rest, logFile: editor.logFile };
});

afterAll(async () => await editor.stop());

/** Ends n8n at that point without warning. */
function killAt(desk: TriggerDesk, where: Omit<FaultRule, 'action'>) {
	return desk.sandbox.faults.add({
		...where,
		action: { do: 'call', run: async () => await editor.kill('SIGKILL') },
	});
}

describe('PEC Trigger, when n8n is killed', () => {
	it('repeats nothing that had ended, although n8n keeps no trace of it', async () => {
		const desk = await openTriggerDesk({}, { editor: access, settings: FORGETFUL });
		await desk.activateAndIdle();
		await desk.arrive('one', 'two');
		await desk.register.until(2);
		await recordsSettled(desk.sandbox, 2);
		expect(await desk.rest.listExecutions(desk.id)).toEqual([]);
		await editor.kill('SIGKILL');
		await desk.arrive('while it was dead');
		await editor.restart();
		expect(await desk.effects()).toEqual(['one', 'two', 'while it was dead']);
	});

	it('before the offered run began, starts it once', async () => {
		const desk = await openTriggerDesk({}, { editor: access, settings: FORGETFUL });
		await desk.activateAndIdle();
		// The offer is recorded, and n8n never learns that it is.
		const killed = killAt(desk, { at: 'imap.done', command: 'APPEND' });
		await desk.arrive('offered');
		await killed.happened();
		await editor.restart();
		expect(await desk.effects()).toEqual(['offered']);
	});

	it('during a run, offers its message again, and has its effect', async () => {
		const begun = await openRegister();
		const desk = await openTriggerDesk({}, { editor: access, between: [begun.node('Begun')] });
		await desk.activateAndIdle();
		begun.hold();
		await desk.arrive('interrupted');
		await begun.untilHeld(1);
		await editor.kill('SIGKILL');
		begun.release();
		await editor.restart();
		expect(await desk.effects()).toEqual(['interrupted']);
		const runs = await desk.rest.listExecutions(desk.id);
		// The run that was killed, its repetition, and the one of the last message.
		expect(runs).toHaveLength(3);
	});

	it('between the end of a run and its record, runs its message twice at most', async () => {
		const desk = await openTriggerDesk({}, { editor: access });
		await desk.activateAndIdle();
		await desk.arrive('before');
		await desk.register.until(1);
		await recordsSettled(desk.sandbox, 1);
		const killed = killAt(desk, { at: 'imap.command', command: 'APPEND', skip: 1 });
		await desk.arrive('unrecorded');
		await killed.happened();
		await editor.restart();
		const [first, ...others] = await desk.effects();
		expect(first).toBe('before');
		expect(others.length).toBeGreaterThanOrEqual(1);
		expect(others.length).toBeLessThanOrEqual(2);
		expect(new Set(others)).toEqual(new Set(['unrecorded']));
	});
});

describe('PEC Trigger, when n8n is ended in order', () => {
	it('repeats nothing that ended while the mailbox was away: n8n waits for its record', async () => {
		const begun = await openRegister();
		const desk = await openTriggerDesk({}, { editor: access, between: [begun.node('Begun')] });
		await desk.activateAndIdle();
		begun.hold();
		await desk.arrive('unrecorded');
		await begun.untilHeld(1);
		await desk.sandbox.goDown();
		begun.release();
		await desk.register.until(1);
		await noneRuns(desk.rest, desk.id);
		const restarted = editor.restart();
		await desk.logged(/Shutting down/);
		await desk.sandbox.comeBack();
		await restarted;
		expect(await desk.effects()).toEqual(['unrecorded']);
	});

	it('repeats nothing that was under way: its end is recorded before n8n is gone', async () => {
		const begun = await openRegister();
		const desk = await openTriggerDesk({}, { editor: access, between: [begun.node('Begun')] });
		await desk.activateAndIdle();
		begun.hold();
		await desk.arrive('under way');
		await begun.untilHeld(1);
		const restarted = editor.restart();
		await desk.logged(/Shutting down/);
		begun.release();
		await restarted;
		expect(await desk.effects()).toEqual(['under way']);
	});
});
