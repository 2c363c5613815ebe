import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Editor } from '../../scripts/editor/editor.ts';
import { itemsOf, type Item } from '../../scripts/editor/workflow.ts';
import { STUDIO } from './flows.ts';
import { startOwnEditor } from './harness.ts';
import { openTriggerDesk, type EditorAccess, type TriggerDesk } from './triggerDesk.ts';

const MB = 1024 * 1024;
/** Of JavaScript objects; buffers lie beside. n8n itself takes some 150 MB. */
const HEAP_MB = 320;

let editor: Editor;
let access: EditorAccess;

beforeAll(async () => {
	const own = await startOwnEditor({
		env: { NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}` },
	});
	editor = own.editor;
	access = { rest: own.rest, logFile: editor.logFile };
});

afterAll(async () => await editor.stop());

async function setUp(): Promise<TriggerDesk> {
	const desk = await openTriggerDesk({ options: { ordinaryMail: true } }, { editor: access });
	await desk.activateAndIdle();
	await desk.arrive('before');
	await desk.register.until(1);
	return desk;
}

/** What the trigger gave for the second message; a third one follows it. */
async function itemOf(desk: TriggerDesk, raw: Buffer): Promise<Item | undefined> {
	desk.sandbox.deliverRaw(raw, STUDIO);
	await desk.arrive('next');
	await desk.effects();
	const executions = await desk.rest.waitForExecutions(desk.id, 4);
	expect(executions.map(({ status }) => status)).toEqual(Array(4).fill('success'));
	const items = executions.map((execution) => itemsOf(execution, 'Trigger')[0]);
	return items.find((item) => (item?.json.mailbox as { uid?: number } | undefined)?.uid === 2);
}

/** Bytes that n8n's process had in memory at most, since it was last forgotten (proc(5)). */
function peakOf(pid: number | undefined): number {
	const [, kB] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
	return Number(kB) * 1024;
}

function forgetPeakOf(pid: number | undefined): void {
	writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

const letter = (header: string, body: Buffer) =>
	Buffer.concat([
		Buffer.from(`From: a@mail.example\r\nSubject: poison\r\n${header}\r\n`),
		body,
		Buffer.from('\r\n'),
	]);

const lines = (bytes: number) => Buffer.alloc(bytes, `${'x'.repeat(70)}\r\n`);

describe('PEC Trigger, given a message', () => {
	it.skipIf(process.platform !== 'linux')(
		'of 100 MB, starts a run that says it was not read whole, and needs no memory for it',
		async () => {
			const desk = await setUp();
			forgetPeakOf(editor.pid);
			const before = peakOf(editor.pid);
			const item = await itemOf(desk, letter('', lines(100 * MB)));
			expect(item?.json).toMatchObject({
				kind: 'ordinary',
				envelope: { subject: 'poison' },
				findings: [{ code: 'notReadWhole' }],
				mailbox: { size: expect.any(Number) },
			});
			// Read whole, it costs 140 MB and more.
			expect(peakOf(editor.pid) - before).toBeLessThan(80 * MB);
		},
	);

	it('of nothing but garbage, starts a run, and the next one follows', async () => {
		const desk = await setUp();
		const item = await itemOf(desk, randomBytes(MB));
		expect(item?.json).toMatchObject({ kind: expect.stringMatching(/^(unreadable|ordinary)$/) });
	});

	it('with a header of 20 MB, starts a run, and the next one follows', async () => {
		const desk = await setUp();
		const item = await itemOf(
			desk,
			letter(`X-Long: ${'y'.repeat(70)}\r\n`.repeat(250_000), lines(1_000)),
		);
		expect(item?.json).toMatchObject({ envelope: { subject: 'poison' } });
	});
});
