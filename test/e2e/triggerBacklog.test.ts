import { expect, it, onTestFinished } from 'vitest';
import { STUDIO } from './flows.ts';
import { startOwnEditor } from './harness.ts';
import { openTriggerDesk } from './triggerDesk.ts';

/** More would take n8n minutes; what counts is that they are many times what runs at once. */
const MESSAGES = 500;
const AT_ONCE = 5;
const LONGEST_MS = 240_000;

it(`PEC Trigger starts runs for a backlog of ${MESSAGES} at once, and goes on where it was when n8n is killed`, async () => {
	const { editor, rest } = await startOwnEditor({
		env: { EXECUTIONS_DATA_SAVE_ON_SUCCESS: 'none' },
	});
	onTestFinished(async () => await editor.stop());
	const desk = await openTriggerDesk(
		{ startFrom: 'beginning', options: { ordinaryMail: true, executionsAtOnce: AT_ONCE } },
		{ editor: { rest, logFile: editor.logFile } },
	);
	const subjects = Array.from({ length: MESSAGES }, (_, index) => `number ${index}`);
	for (const subject of subjects) {
		desk.sandbox.deliverRaw(
			Buffer.from(`From: a@mail.example\r\nSubject: ${subject}\r\n\r\nx\r\n`),
			STUDIO,
		);
	}
	// One for each message, and some for headers.
	const fetches = desk.sandbox.faults.add({
		at: 'imap.command',
		command: 'UID FETCH',
		times: 'always',
		action: { do: 'call', run: () => undefined },
	});
	await desk.activate();
	await desk.register.until(1);
	expect(fetches.fired).toBeLessThan(MESSAGES / 2);
	await desk.register.until(MESSAGES / 5, LONGEST_MS);
	await editor.kill('SIGKILL');
	await editor.restart();
	await desk.register.until(MESSAGES, LONGEST_MS);
	const effects = await desk.effects();
	expect(new Set(effects)).toEqual(new Set(subjects));
	// What was under way at the kill, and nothing else.
	expect(effects.length - MESSAGES).toBeLessThanOrEqual(AT_ONCE);
}, 600_000);
