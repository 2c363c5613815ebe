import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sandbox } from '../../sandbox/index.ts';
import { itemsOf, type Item } from '../editor/workflow.ts';
import type { DemoContext } from './context.ts';
import { RunningExamples, triggeredReceipts } from './examples.ts';
import { judge, type Judgement, type ReportedRecipient, type Space } from './figures.ts';
import { filesIn, messagesHeld } from './ledger.ts';
import { EXPECTED_RECIPIENTS, SENDER, receivedLetters } from './people.ts';
import { printRecipients, printSpace } from './report.ts';

const FOLDERS = ['INBOX', 'Inviata'];
/** Longer than a trigger's socket timeouts and waits between tries, so that it really has to come back by itself. */
const OUTAGE_MS = 60_000;
const CATCH_UP_MS = 120_000;
const JOB_MS = 180_000;

/** The main job, done by n8n's own executions of the example workflows and judged by the sandbox's log and the disk. */
export async function runDemo(context: DemoContext): Promise<Judgement> {
	const { sandbox, folders, rest, credential, print, signal } = context;
	const archive = join(folders.data, 'pec');
	mkdirSync(archive, { recursive: true });
	const examples = await RunningExamples.create({ rest, credential, archive });
	const startSeq = sandbox.log.entries().length;
	for (const letter of receivedLetters()) await sandbox.sendAs(letter.from, letter.mail);
	await sandbox.settled();
	await examples.activate('receipts');

	const preview = await examples.run('mailing-preview', JOB_MS);
	const letters = itemsOf(preview, 'Preview Mailing').map(({ json }) => json.action);
	const planned = letters.filter((action) => action === 'planned').length;
	const sendSeq = sandbox.log.entries().length;
	print(`Preview: ${planned} of ${EXPECTED_RECIPIENTS.length} letters would be sent.`);

	print(`Sending the mailing to ${EXPECTED_RECIPIENTS.length} recipients…`);
	sandbox.holdDeliveries();
	await examples.run('mailing', JOB_MS);

	print(`The mail server goes away for ${OUTAGE_MS / 1000} s…`);
	await sandbox.goDown();
	const away = sleep(OUTAGE_MS, undefined, { signal });
	await sandbox.releaseDeliveries();
	await away;
	await sandbox.comeBack();
	await sandbox.settled();
	print('…and is back. Following every recipient to the last receipt…');

	const tracked = await examples.run('mailing-status', JOB_MS);
	const reported = itemsOf(tracked, 'Track Mailing').map(reportedRecipient);
	printRecipients(reported, print);
	const receipts = receiptCount(sandbox, startSeq);
	const triggered = await triggeredReceipts(examples, receipts, CATCH_UP_MS);
	print(`The active trigger started ${triggered.length} runs for ${receipts} receipts.`);

	print('Copying every message to a folder, checking the copies, deleting what is checked…');
	const before = await spaceOf(examples, sandbox);
	const heldBefore = messagesHeld(sandbox, SENDER, FOLDERS);
	const cleaned = await examples.run('copy-and-clean-up', JOB_MS);
	const after = await spaceOf(examples, sandbox);
	const heldAfter = messagesHeld(sandbox, SENDER, FOLDERS);
	printSpace(before.shown, after.shown, print);

	print('Running the same mailing again…');
	const rerunSeq = sandbox.log.entries().length;
	await examples.run('mailing', JOB_MS);
	await sandbox.settled();

	return judge({
		sender: SENDER,
		log: sandbox.log.entries(),
		startSeq,
		sendSeq,
		rerunSeq,
		planned,
		expected: EXPECTED_RECIPIENTS,
		reported,
		spaceBefore: before.shown,
		spaceAfter: after.shown,
		serverSpaceBefore: before.counted,
		serverSpaceAfter: after.counted,
		heldBefore,
		heldAfter,
		files: filesIn(archive),
		triggered,
		reportedDeletions: itemsOf(cleaned, 'Delete What Is Checked').filter(
			({ json }) => 'deletion' in json,
		).length,
	});
}

function reportedRecipient({ json }: Item): ReportedRecipient {
	const error = json.error as { reason?: string } | undefined;
	return {
		recipient: String(json.recipient),
		rowKey: String(json.rowKey ?? ''),
		state: String(json.state),
		messageId: String(json.messageId),
		...(error?.reason ? { reason: error.reason } : {}),
	};
}

function receiptCount(sandbox: Sandbox, startSeq: number): number {
	return sandbox.log
		.deliveries(SENDER)
		.filter(({ kind, seq }) => kind === 'receipt' && seq > startSeq).length;
}

async function spaceOf(
	examples: RunningExamples,
	sandbox: Sandbox,
): Promise<{ shown: Space; counted: Space }> {
	const run = await examples.run('space', JOB_MS);
	const { used, limit } = itemsOf(run, 'Mailbox Space')[0]?.json.space as Space;
	const account = sandbox.store.account(SENDER);
	return {
		shown: { used, limit },
		counted: { used: account?.usedBytes ?? 0, limit: account?.quotaLimit ?? 0 },
	};
}
