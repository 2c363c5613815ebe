import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { listen } from '../../nodes/PecTrigger/listener.ts';
import type { TriggerSettings } from '../../nodes/PecTrigger/settings.ts';
import { settledOf } from '../servers/watchRecords.ts';
import { FakeEditor, SETTINGS } from './fakeEditor.ts';
import { STUDIO, watchedMailbox } from './mailbox.ts';

const mailbox = watchedMailbox();
let editor: FakeEditor;
beforeEach(() => (editor = new FakeEditor(mailbox.settings)));

/** n8n activates the trigger; it is closed with the test. */
async function activate(settings: TriggerSettings = SETTINGS): Promise<() => Promise<void>> {
	const close = await listen(editor.functions(), settings, undefined);
	onTestFinished(close);
	return close;
}

const connections = () => mailbox.sandbox.connections();
const watching = async () => await expect.poll(connections, { timeout: 10_000 }).toBe(1);
const started = async (count: number) =>
	await expect.poll(() => editor.keys.length, { timeout: 15_000 }).toBe(count);
const recordedSettled = () => settledOf(mailbox.sandbox, STUDIO);

/** Another message started its run: whatever would have been repeated was repeated before. */
async function nextOneStarts(subject: string, count: number): Promise<void> {
	mailbox.arrive(subject);
	await started(count);
}

/** Runs that end when the test says so. */
function heldRuns(): { readonly release: () => void } {
	let release = () => undefined as void;
	const held = new Promise<void>((resolve) => (release = resolve));
	editor.running = async () => {
		await held;
		return 'success';
	};
	return { release: () => release() };
}

describe('a listener', () => {
	it('is left alone by the closing of the one before', async () => {
		const closeFirst = await activate();
		await activate();
		await watching();
		await closeFirst();
		await nextOneStarts('one', 1);
		expect(connections()).toBe(1);
	});

	it('waits for the one before, also when that is closing already', async () => {
		const closeFirst = await activate();
		await watching();
		void closeFirst();
		await activate();
		await activate();
		await nextOneStarts('one', 1);
		await expect.poll(connections).toBe(1);
		await expect.poll(() => recordedSettled().length).toBe(1);
	});

	it('begins although n8n cannot give the credential yet', async () => {
		let isAway = true;
		editor.credential = async () => {
			if (isAway) throw new Error('the store of secrets is away');
			await Promise.resolve();
		};
		const close = await activate();
		expect(editor.warnings.join()).toMatch(/cannot give the credential/);
		isAway = false;
		await close();
		expect(connections()).toBe(0);
		expect(editor.keys).toEqual([]);
	});

	it('that was closed before it had its credential gives no sign of life', async () => {
		let isAway = true;
		editor.credential = async () => {
			if (isAway) throw new Error('the store of secrets is away');
			await Promise.resolve();
		};
		const close = await activate({ ...SETTINGS, heartbeatHours: 50 / 3_600_000 });
		await expect.poll(() => editor.beats).toBeGreaterThan(1);
		isAway = false;
		await close();
		const beats = editor.beats;
		await activate();
		await nextOneStarts('one', 1);
		expect(editor.beats).toBe(beats);
	});

	it('notes in n8n when it was activated, for a restart within the outage in which it was', async () => {
		await mailbox.sandbox.goDown();
		const close = await activate();
		await close();
		mailbox.arrive('while n8n was away');
		editor = editor.restarted();
		await activate();
		await mailbox.sandbox.comeBack();
		await started(1);
	});
});

describe('a run under way', () => {
	it('whose listener was closed is recorded when it ends, and not repeated by the next process', async () => {
		const { release } = heldRuns();
		const close = await activate();
		mailbox.arrive('one');
		await started(1);
		await close();
		release();
		await expect.poll(() => recordedSettled().length, { timeout: 15_000 }).toBe(1);
		await expect.poll(connections).toBe(0);
	});

	it('that ends in an outage is not repeated by a publication within it', async () => {
		const { release } = heldRuns();
		const close = await activate();
		mailbox.arrive('one');
		await started(1);
		await mailbox.sandbox.goDown();
		release();
		await close();
		await mailbox.sandbox.comeBack();
		await activate();
		await nextOneStarts('two', 2);
		await expect.poll(() => recordedSettled().length, { timeout: 15_000 }).toBe(2);
	});

	it('is not repeated by a publication where the mailbox takes no records', async () => {
		mailbox.sandbox.faults.add({
			at: 'imap.command',
			command: 'APPEND',
			times: 'always',
			action: { do: 'answer', status: 'NO', code: 'OVERQUOTA', text: 'full' },
		});
		const close = await activate();
		mailbox.arrive('one');
		await started(1);
		await close();
		await activate();
		await nextOneStarts('two', 2);
	});

	it('is not repeated when settings are changed and changed back', async () => {
		const { release } = heldRuns();
		await activate();
		mailbox.arrive('one');
		await started(1);
		await activate({ ...SETTINGS, startAt: new Date(Date.now() + 3_600_000) });
		await activate();
		await nextOneStarts('two', 2);
		release();
		await expect.poll(() => recordedSettled().length, { timeout: 15_000 }).toBe(2);
	});
});
