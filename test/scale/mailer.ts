// Sends a mailing and follows it, in a process of its own: scaling.ts starts it and measures it.
import { randomBytes } from 'node:crypto';
import process from 'node:process';
import { systemClock } from '../../nodes/account/clock.ts';
import { receiptsOfMailing } from '../../nodes/account/evidence.ts';
import { Following } from '../../nodes/account/following.ts';
import { openRecords } from '../../nodes/account/records.ts';
import { sendMailing } from '../../nodes/account/sending.ts';
import { openImap } from '../../nodes/mail/imap.ts';
import { openSmtpPool } from '../../nodes/mail/smtpPool.ts';
import type { AccountSettings } from '../../nodes/mail/types.ts';
import { mailingTag, planMailing, type PlannedRow } from '../../nodes/pec/batch.ts';
import { rowOutcomes } from '../../nodes/pec/mailingOutcomes.ts';
import type { RecipientOutcome } from '../../nodes/pec/types.ts';
import type { ToldRow } from './judge.ts';
import { scaleRows } from './rows.ts';

export interface MailerOrder {
	readonly ask: 'send' | 'follow';
	readonly account: AccountSettings;
	readonly mailing: string;
	readonly rows: number;
	readonly connections: number;
	/** PEM. */
	readonly pecCa: string;
}

export interface MailerNews {
	readonly milliseconds: number;
	/** Of this process. */
	readonly cpuMilliseconds: number;
	/** Highest while it worked. */
	readonly peakMegabytes: number;
	/** Of the heap, collected, with the outcomes that it holds. */
	readonly heapMegabytes: number;
	/** Runs until nothing was left to send. */
	readonly runs: number;
	readonly told: readonly ToldRow[];
}

const LONGEST_MS = 30 * 60_000;
const MOST_RUNS = 20;
const MB = 1024 * 1024;

async function send({ account, mailing, rows: count, connections }: MailerOrder) {
	const { address } = account;
	const rows = scaleRows(count);
	const now = () => new Date();
	const imap = await openImap(account);
	const smtp = await openSmtpPool(account, { connections });
	let outcomes: RecipientOutcome[] = [];
	let runs = 0;
	do {
		runs += 1;
		const records = await openRecords(imap, { account: address, now });
		const plan = async () =>
			planMailing({
				...{ account: address, mailing, now: now() },
				rows: rows.map(({ recipient, rowKey }) => ({ recipient, rowKey, attempt: 1 })),
				records: await records.readMailing(mailing),
				receipts: await receiptsOfMailing(imap, { account: address, mailing, records }),
			});
		const sending = sendMailing({
			...{ account: address, mailing, plan },
			records: async () => await Promise.resolve(records),
			smtp: async () => await Promise.resolve(smtp),
			build: async (planned, index) =>
				await Promise.resolve(letterOf(planned, { from: address, subject: rows[index]?.subject })),
			pace: { perMinute: 10_000_000 },
			maxDurationMs: LONGEST_MS,
			clock: systemClock,
			nonce: () => randomBytes(10).toString('hex'),
		});
		outcomes = [];
		for await (const { outcome } of sending) outcomes.push(outcome);
	} while (outcomes.some(({ action }) => action === 'deferred') && runs < MOST_RUNS);
	await smtp.close();
	await imap.close();
	return { outcomes, runs };
}

function letterOf(
	{ row: { recipient }, messageId }: PlannedRow,
	{ from, subject = '' }: { from: string; subject?: string | undefined },
) {
	const raw = Buffer.from(
		`From: <${from}>\r\nTo: <${recipient}>\r\nSubject: ${subject}\r\nMessage-ID: ${messageId}\r\n` +
			`Date: Sat, 28 Nov 2026 10:00:00 +0100\r\nMIME-Version: 1.0\r\n` +
			`Content-Type: text/plain; charset=us-ascii\r\n\r\n${'Si comunica quanto segue.\r\n'.repeat(20)}`,
	);
	return { raw, to: [recipient], about: { subject } };
}

async function follow({ account, mailing, pecCa }: MailerOrder) {
	const tag = mailingTag({ account: account.address, mailing });
	const now = () => new Date();
	const following = new Following({
		...{ account: account.address, tags: new Set([tag]), now },
		trust: { issuers: [pecCa] },
	});
	const imap = await openImap(account);
	await following.look(imap);
	await imap.close();
	const known = following.known(tag);
	const rows = known ? rowOutcomes(known, now()) : [];
	return { outcomes: rows.flatMap(({ outcomes }) => outcomes), runs: 1 };
}

async function measured(order: MailerOrder): Promise<MailerNews> {
	let peak = process.memoryUsage.rss();
	const look = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 50);
	const [begun, used] = [performance.now(), process.cpuUsage()];
	const { outcomes, runs } = await (order.ask === 'send' ? send(order) : follow(order));
	const milliseconds = performance.now() - begun;
	const { user, system } = process.cpuUsage(used);
	clearInterval(look);
	globalThis.gc?.();
	const heap = process.memoryUsage().heapUsed;
	return {
		...{ milliseconds, runs, cpuMilliseconds: (user + system) / 1_000 },
		...{ peakMegabytes: peak / MB, heapMegabytes: heap / MB },
		told: outcomes.map(({ rowKey = '', state, error }) => ({
			...{ rowKey, state },
			...(error ? { reason: error.reason } : {}),
		})),
	};
}

// endWithParent.mjs lets go of the channel; here it is what there is to wait for.
process.channel?.ref();
process.on('message', (order: MailerOrder) => {
	measured(order).then(
		(news) => process.send?.({ news }),
		(error: unknown) => process.send?.({ fault: String((error as Error).stack ?? error) }),
	);
});
