import type { LogEntry } from '../../sandbox/index.ts';
import type { ArchivedFile, HeldMessage } from './ledger.ts';

export interface Space {
	/** Bytes. */
	readonly used: number;
	readonly limit: number;
}

/** One recipient of the mailing, and what must become of the message to it. */
export interface ExpectedRecipient {
	readonly recipient: string;
	readonly rowKey: string;
	readonly state: string;
	/** Of `error.reason`, where a failure is expected. */
	readonly reason?: string;
}

/** What the node says became of one recipient. */
export interface ReportedRecipient {
	readonly recipient: string;
	readonly rowKey: string;
	readonly state: string;
	readonly reason?: string;
	readonly messageId: string;
}

/** What was seen of the whole job: from the sandbox's log and store, the disk, and n8n's executions. */
export interface Observations {
	readonly sender: string;
	readonly log: readonly LogEntry[];
	/** `seq` of the log's last entry before the job, before the mailing was sent, and before it ran a second time. */
	readonly startSeq: number;
	readonly sendSeq: number;
	readonly rerunSeq: number;
	readonly expected: readonly ExpectedRecipient[];
	/** Letters that the preview said would be sent. */
	readonly planned: number;
	readonly reported: readonly ReportedRecipient[];
	readonly spaceBefore: Space;
	readonly spaceAfter: Space;
	/** The same two, as the server itself counts. */
	readonly serverSpaceBefore: Space;
	readonly serverSpaceAfter: Space;
	readonly heldBefore: readonly HeldMessage[];
	readonly heldAfter: readonly HeldMessage[];
	readonly files: readonly ArchivedFile[];
	/** SHA-256 of the receipt that each execution of the trigger's workflow was started with. */
	readonly triggered: readonly string[];
	/** Deletions that the clean-up reported. */
	readonly reportedDeletions: number;
}

/** The figures of `--json`. */
export interface Figures {
	readonly sent: number;
	readonly byState: Readonly<Record<string, number>>;
	readonly quotaBefore: Space;
	readonly quotaAfter: Space;
	readonly archived: number;
	readonly archivedBytes: number;
	readonly hashMismatches: number;
	readonly purged: number;
	readonly triggered: number;
	readonly triggerDuplicates: number;
	readonly duplicates: number;
	readonly lost: number;
}

export interface Judgement {
	readonly figures: Figures;
	/** What is wrong, in words; empty when nothing is. */
	readonly faults: readonly string[];
}

/** Counts and judges the job by what the servers and the disk hold; it believes no node. */
export function judge(seen: Observations): Judgement {
	const faults: string[] = [];
	const expect = (condition: boolean, fault: string) => {
		if (!condition) faults.push(fault);
	};

	const submissions = seen.log.filter(
		(entry) =>
			entry.type === 'submission' && entry.account === seen.sender && entry.seq > seen.startSeq,
	);
	const messageIds = submissions.map((entry) => ('messageId' in entry ? entry.messageId : ''));
	const duplicates = messageIds.length - new Set(messageIds).size;
	const unsent = seen.expected.length - new Set(messageIds).size;
	expect(duplicates === 0, `${duplicates} messages were submitted twice`);
	expect(unsent === 0, `${unsent} recipients got no message`);
	expect(!submissions.some(({ seq }) => seq <= seen.sendSeq), 'the preview sent something');
	expect(
		seen.planned === seen.expected.length,
		`the preview planned ${seen.planned} messages of ${seen.expected.length}`,
	);
	expect(
		!submissions.some(({ seq }) => seq > seen.rerunSeq),
		'running the same mailing again sent something',
	);
	judgeRecipients(seen, expect);

	const receipts = hashesOf(seen.log, seen);
	const triggered = new Set(seen.triggered);
	const notTriggered = receipts.filter((hash) => !triggered.has(hash)).length;
	const strangers = [...triggered].filter((hash) => !receipts.includes(hash)).length;
	const triggerDuplicates = seen.triggered.length - triggered.size;
	expect(notTriggered === 0, `${notTriggered} receipts started no run of the trigger's workflow`);
	expect(strangers === 0, `${strangers} runs of the trigger's workflow were started by no receipt`);
	expect(triggerDuplicates === 0, `${triggerDuplicates} runs of the trigger were repeats`);

	const onServer = new Set(seen.heldBefore.map(({ sha256 }) => sha256));
	const onDisk = new Set(seen.files.map(({ sha256 }) => sha256));
	const stillHeld = new Set(seen.heldAfter.map(({ sha256 }) => sha256));
	const hashMismatches = seen.files.filter(({ sha256 }) => !onServer.has(sha256)).length;
	const gone = seen.heldBefore.filter(({ sha256 }) => !stillHeld.has(sha256));
	const goneWithoutCopy = gone.filter(({ sha256 }) => !onDisk.has(sha256)).length;
	expect(hashMismatches === 0, `${hashMismatches} files differ from what the server held`);
	expect(goneWithoutCopy === 0, `${goneWithoutCopy} messages were deleted without a copy`);
	expect(onDisk.size === onServer.size, `${onServer.size - onDisk.size} messages were not copied`);
	expect(gone.length > 0, 'the clean-up deleted nothing');
	expect(
		gone.length === seen.reportedDeletions,
		`${gone.length} messages are gone, the clean-up reported ${seen.reportedDeletions}`,
	);
	expect(
		sameSpace(seen.spaceBefore, seen.serverSpaceBefore) &&
			sameSpace(seen.spaceAfter, seen.serverSpaceAfter),
		'the space shown is not what the server counts',
	);
	expect(seen.spaceAfter.used < seen.spaceBefore.used, 'the clean-up freed no space');

	return {
		figures: {
			sent: submissions.length,
			byState: countBy(seen.reported.map(({ state }) => state)),
			quotaBefore: seen.spaceBefore,
			quotaAfter: seen.spaceAfter,
			archived: seen.files.length,
			archivedBytes: seen.files.reduce((sum, { size }) => sum + size, 0),
			hashMismatches,
			purged: gone.length,
			triggered: seen.triggered.length,
			triggerDuplicates,
			duplicates,
			lost: unsent + notTriggered + goneWithoutCopy,
		},
		faults,
	};
}

function judgeRecipients(
	seen: Observations,
	expect: (condition: boolean, fault: string) => void,
): void {
	expect(
		seen.reported.length === seen.expected.length,
		`${seen.expected.length} recipients were expected, ${seen.reported.length} are reported`,
	);
	for (const { recipient, rowKey, state, reason } of seen.expected) {
		const found = seen.reported.find((one) => one.recipient === recipient && one.rowKey === rowKey);
		const shown = found ? `${found.state}${found.reason ? ` (${found.reason})` : ''}` : 'nothing';
		expect(
			found?.state === state && (reason === undefined || found.reason === reason),
			`row ${rowKey}: ${state}${reason ? ` (${reason})` : ''} was expected, ${shown} is reported`,
		);
		const delivered = seen.log.some(
			(entry) =>
				entry.type === 'delivery' &&
				entry.kind === 'transportEnvelope' &&
				entry.mailbox === recipient &&
				entry.originalMessageId === found?.messageId,
		);
		expect(
			delivered === (state === 'delivered'),
			`row ${rowKey}: the provider's log does not bear out what is reported`,
		);
	}
}

/** SHA-256 of every receipt that came into the sender's mailbox since the start. */
function hashesOf(log: readonly LogEntry[], { sender, startSeq }: Observations): string[] {
	return log.flatMap((entry) =>
		entry.type === 'delivery' &&
		entry.kind === 'receipt' &&
		entry.mailbox === sender &&
		entry.seq > startSeq
			? [entry.sha256]
			: [],
	);
}

/** IMAP counts in kibibytes (RFC 9208), the server in bytes. */
function sameSpace(shown: Space, counted: Space): boolean {
	return (
		Math.abs(shown.used - counted.used) <= 1024 && Math.abs(shown.limit - counted.limit) <= 1024
	);
}

function countBy(values: readonly string[]): Record<string, number> {
	const counts: Record<string, number> = {};
	for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
	return counts;
}
