import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import type { FaultRule, Sandbox } from '../../sandbox/index.ts';
import type { Editor } from '../../scripts/editor/editor.ts';
import { itemsOf, type ExecutionData } from '../../scripts/editor/workflow.ts';
import { judge, type Verdict } from '../crash/judge.ts';
import { ADVANCE_MS } from '../crash/point.ts';
import { mailingRows, type MailingRow } from '../crash/rows.ts';
import { openCleanUpDesk } from '../queue/cleanUp.ts';
import { createMailing, FILES, shownIn, takenBy } from '../queue/mailing.ts';
import { openQueueStage, type QueueStage } from '../queue/stage.ts';
import { Random } from '../random.ts';
import { POSTGRES_MISSING, postgresFolder } from '../servers/postgres.ts';
import { REDIS_MISSING, redisPath } from '../servers/redis.ts';
import { credentialFor, STUDIO, startSandbox } from './flows.ts';
import { OWNER } from './owner.ts';
import { arrive, openTriggerDesk, person } from './triggerDesk.ts';

const missing = [
	...(postgresFolder() === undefined ? [POSTGRES_MISSING] : []),
	...(redisPath() === undefined ? [REDIS_MISSING] : []),
].join('; ');

const HOUR_MS = 60 * 60_000;
const LATE_MS = 3 * HOUR_MS;

/** n8n is started several times, and each time takes as long as the machine lets it. */
const LIMIT_MS = 5 * 60_000;

let stage: QueueStage;

function verdictOf(
	execution: ExecutionData,
	{ mailing, rows, sandbox }: { mailing: string; rows: readonly MailingRow[]; sandbox: Sandbox },
): Verdict {
	const complete = execution.status === 'success';
	const seen = { point: 'queue', mailing, rows, shown: shownIn(execution), complete };
	return judge([{ ...seen, struck: true, runs: 1, seconds: 0 }], takenBy(sandbox));
}

/** Starts an execution, the worker of which is killed at that point. */
async function killWorker(
	sandbox: Sandbox,
	where: Pick<FaultRule, 'at' | 'command' | 'skip'>,
	start: () => Promise<string>,
): Promise<{ readonly execution: string; readonly dead: Editor }> {
	const started: { execution?: Promise<string> } = {};
	const kill = async () => {
		const worker = stage.workerOf((await started.execution) ?? '');
		await worker?.kill('SIGKILL');
	};
	const account = STUDIO;
	const rule = sandbox.faults.add({ ...where, account, action: { do: 'call', run: kill } });
	started.execution = start();
	const execution = await started.execution;
	await rule.happened();
	const dead = stage.workerOf(execution);
	if (dead === undefined) throw new Error(`No worker began execution ${execution}`);
	await expect.poll(() => dead.pid, { timeout: LIMIT_MS }).toBeUndefined();
	return { execution, dead };
}

const NOTHING_WRONG = { duplicates: 0, lost: [], untold: [], strange: [], unfinished: [] };

describe.skipIf(missing !== '')(`n8n in queue mode${missing && ` (${missing})`}`, () => {
	beforeAll(async () => {
		const parts = { nodes: inject('nodes'), installation: inject('installation') };
		stage = await openQueueStage(parts, OWNER);
	});

	afterAll(async () => await stage?.stop());

	it(
		'sends each row of a mailing once, its files in the database, and follows each to its end',
		{ timeout: LIMIT_MS },
		async () => {
			const sandbox = await startSandbox();
			const { rest } = stage.main;
			const credential = await rest.createCredential(credentialFor(sandbox));
			const mailing = 'avviso in coda';
			const rows = mailingRows(60, new Random(1));
			const flow = await createMailing(stage, credential, mailing, rows);
			const id = await flow.start();
			const sent = await rest.waitForExecution(id, LIMIT_MS);
			expect(sent).toMatchObject({ status: 'success', mode: 'webhook' });
			expect(stage.workerOf(id)).toBeDefined();
			const files = itemsOf(sent, FILES).map(({ binary }) => binary?.file?.id?.split(':')[0]);
			expect(files).toEqual(rows.map(() => 'database'));
			expect(verdictOf(sent, { mailing, rows, sandbox })).toMatchObject({
				...NOTHING_WRONG,
				inDoubt: [],
			});
			expect(takenBy(sandbox)).toHaveLength(rows.length);
			const tracked = await flow.track();
			expect(tracked.map(({ rowKey, final }) => ({ rowKey, final }))).toEqual(
				rows.map(({ rowKey }) => ({ rowKey, final: true })),
			);
		},
	);

	it(
		'sends no row twice and forgets none when the worker that runs a mailing is killed',
		{ timeout: LIMIT_MS },
		async () => {
			// The first shows that receipts can be told apart; of the others nothing is known for hours.
			const subject = / coda interrotta #(?!R0001$)/;
			const sandbox = await startSandbox({
				dialects: { slow: [{ subject, acceptance: { delayMs: LATE_MS } }] },
			});
			const { rest } = stage.main;
			const credential = await rest.createCredential(credentialFor(sandbox));
			const mailing = 'avviso in coda interrotta';
			const rows = mailingRows(60, new Random(2));
			const flow = await createMailing(stage, credential, mailing, rows);
			const { execution: interrupted, dead } = await killWorker(
				sandbox,
				{ at: 'smtp.accepted', skip: 20 },
				flow.start,
			);
			const last = takenBy(sandbox).at(-1);
			// What the dead run holds, it holds by the provider's clock.
			await sandbox.advance(ADVANCE_MS);
			const again = await flow.start();
			const [resumed] = await Promise.all([rest.waitForExecution(again, LIMIT_MS), dead.restart()]);
			expect(stage.workerOf(again)).not.toBe(dead);
			const verdict = verdictOf(resumed, { mailing, rows, sandbox });
			expect(verdict).toMatchObject(NOTHING_WRONG);
			expect(verdict.inDoubt.map(({ rowKey }) => rowKey)).toContain(last?.rowKey);
			// n8n does not start again what the dead worker ran; how it marks it depends on who notices first.
			const runs = await rest.listExecutions(flow.id);
			expect(runs.map(({ id }) => id)).toEqual([interrupted, again]);
			expect(['crashed', 'error']).toContain(runs[0]?.status);
			await sandbox.advance(LATE_MS);
			const taken = new Set(takenBy(sandbox).map(({ rowKey }) => rowKey));
			const tracked = await flow.track();
			expect(tracked.map(({ rowKey, final }) => ({ rowKey, final }))).toEqual(
				rows.map(({ rowKey }) => ({ rowKey, final: taken.has(rowKey) })),
			);
		},
	);

	it(
		'starts one run for each message that arrives before, while and after the main is restarted',
		{ timeout: LIMIT_MS },
		async () => {
			const { editor, rest } = stage.main;
			const desk = await openTriggerDesk({}, { editor: { rest, logFile: editor.logFile } });
			await desk.activateAndIdle();
			await desk.arrive('before');
			const [first] = await rest.waitForExecutions(desk.id, 1);
			expect(stage.workerOf(first?.id ?? '')).toBeDefined();
			desk.register.hold();
			await desk.arrive('under way');
			await desk.register.untilHeld(1);
			const restarted = editor.restart();
			await desk.logged(/Shutting down/);
			await desk.arrive('while it is away');
			desk.register.release();
			await restarted;
			expect(await desk.effects()).toEqual(['before', 'under way', 'while it is away']);
		},
	);

	async function openHeldDesk() {
		const { editor, rest } = stage.main;
		const desk = await openTriggerDesk({}, { editor: { rest, logFile: editor.logFile } });
		await desk.activateAndIdle();
		desk.register.hold();
		return desk;
	}

	it(
		'does not start a run again that goes on at a worker while the main is restarted, and says so',
		{ timeout: LIMIT_MS },
		async () => {
			const desk = await openHeldDesk();
			await desk.arrive('long');
			await desk.register.untilHeld(1);
			// It takes longer than n8n gives itself to end (10 s here, 30 s by default).
			await stage.main.editor.restart();
			await desk.arrive('next');
			// The next one is begun after what was found unsettled.
			await expect.poll(() => desk.register.held, { timeout: 60_000 }).toBeGreaterThan(1);
			await desk.logged(/went on at a worker/);
			desk.register.release();
			expect(await desk.effects()).toEqual(['long', 'next']);
		},
	);

	it(
		'does not start a run again that goes on at a worker when a second main starts',
		{ timeout: LIMIT_MS },
		async () => {
			const desk = await openHeldDesk();
			await desk.arrive('under way');
			await desk.register.untilHeld(1);
			const second = await stage.startSecondMain();
			onTestFinished(async () => await second.editor.stop());
			await desk.arrive('next');
			await expect.poll(() => desk.register.held, { timeout: 60_000 }).toBeGreaterThan(1);
			desk.register.release();
			expect(await desk.effects()).toEqual(['next', 'under way']);
		},
	);

	it('starts one run for each message while two mains watch', { timeout: LIMIT_MS }, async () => {
		const desk = await openHeldDesk();
		desk.register.release();
		const watching = new Set<unknown>();
		desk.sandbox.faults.add({
			at: 'imap.command',
			command: 'IDLE',
			times: 'always',
			action: { do: 'call', run: ({ connection }) => void watching.add(connection) },
		});
		const second = await stage.startSecondMain();
		onTestFinished(async () => await second.editor.stop());
		await expect.poll(() => watching.size, { timeout: LIMIT_MS }).toBe(2);
		const subjects = Array.from({ length: 12 }, (_, index) => `message ${index}`);
		await desk.arrive(...subjects);
		// Two mains keep no order between them: a later message may have its run first.
		const entries = () => desk.register.entries.toSorted();
		await expect.poll(entries, { timeout: LIMIT_MS / 2 }).toEqual(subjects.toSorted());
		expect(await desk.effects()).toEqual(subjects.toSorted());
	});

	it(
		'deletes nothing without its checked copy when the worker that deletes is killed',
		{ timeout: LIMIT_MS },
		async () => {
			const sandbox = await startSandbox();
			const { rest } = stage.main;
			const credential = await rest.createCredential(credentialFor(sandbox));
			await arrive(sandbox, '1', '2', '3', '4', '5', '6');
			await person(sandbox, async (client) => {
				await client.mailboxCreate('Clienti');
				await client.mailboxOpen('INBOX');
				await client.messageMove('1:3', 'Clienti');
			});
			const desk = await openCleanUpDesk(stage, sandbox, credential);
			await desk.copyAndCheck('INBOX', 'Clienti');
			const copied = desk.held().toSorted();
			await arrive(sandbox, 'without a copy');
			const uncopied = desk.held().filter((hash) => !copied.includes(hash));
			// The messages of one folder are gone, and nothing tells of it.
			const expunged = { at: 'imap.done', command: 'UID EXPUNGE' } as const;
			await killWorker(sandbox, expunged, desk.startDeletion);
			expect(desk.held()).toHaveLength(4);
			expect(await desk.runDeletion()).toMatchObject({ status: 'success' });
			expect(desk.held()).toEqual(uncopied);
			expect(desk.copied().toSorted()).toEqual(copied);
		},
	);
});
