import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as ClockRoom from '../../../nodes/account/clock.ts';
import type * as Evidence from '../../../nodes/account/evidence.ts';
import type * as RecordsRoom from '../../../nodes/account/records.ts';
import type * as RecordsFolderRoom from '../../../nodes/account/recordsFolder.ts';
import type * as Sending from '../../../nodes/account/sending.ts';
import type * as Imap from '../../../nodes/mail/imap.ts';
import type * as SmtpPool from '../../../nodes/mail/smtpPool.ts';
import type { AccountSettings } from '../../../nodes/mail/types.ts';
import type * as Batch from '../../../nodes/pec/batch.ts';
import type { Contestant } from '../contest.ts';
import { RECIPIENT } from './letters.ts';

/** What the sending engine is measured with. */
export interface OursSettings {
	/** Folder of the compiled sources. */
	readonly library: string;
	/** IMAP is the sandbox's, for records and receipts; SMTP is the sink. */
	readonly account: AccountSettings;
	/** To the SMTP server, at once. */
	readonly connections: number;
	/** Messages of one run, which is one mailing with a name of its own. */
	readonly messages: number;
	/** What every message is, ready-made. */
	readonly raw: Buffer;
}

/** No limit that a run of the bench could reach. */
const PACE = { perMinute: 10_000_000 };
const LONGEST_MS = 10 * 60_000;

/**
 * The whole way of a mailing but the composing of its messages: the sending lease, receipts and records are read, the rows are
 * planned, intents and results are recorded. The connections stay open from run to run; what a run recorded is removed after
 * it: a hundred mailings in a minute are nobody's but the bench's.
 */
export async function openOurs(settings: OursSettings): Promise<Contestant> {
	const { account, connections, library, messages, raw } = settings;
	const require = createRequire(join(library, 'index.js'));
	const { openImap } = require('./nodes/mail/imap.js') as typeof Imap;
	const { openSmtpPool } = require('./nodes/mail/smtpPool.js') as typeof SmtpPool;
	const { openRecords } = require('./nodes/account/records.js') as typeof RecordsRoom;
	const { RECORDS_FOLDER } =
		require('./nodes/account/recordsFolder.js') as typeof RecordsFolderRoom;
	const { receiptsOfMailing } = require('./nodes/account/evidence.js') as typeof Evidence;
	const { sendMailing } = require('./nodes/account/sending.js') as typeof Sending;
	const { systemClock } = require('./nodes/account/clock.js') as typeof ClockRoom;
	const { planMailing } = require('./nodes/pec/batch.js') as typeof Batch;
	const now = () => new Date();
	const imap = await openImap(account);
	const smtp = await openSmtpPool(account, { connections });
	const records = await openRecords(imap, { account: account.address, now });
	const rows = Array.from({ length: messages }, (_, index) => ({
		recipient: RECIPIENT,
		rowKey: String(index),
		attempt: 1,
	}));
	let mailings = 0;
	return {
		units: messages,
		run: async () => {
			mailings += 1;
			const mailing = `bench ${process.pid} ${mailings}`;
			const { address } = account;
			const plan = async () =>
				planMailing({
					...{ account: address, mailing, rows, now: now() },
					records: await records.readMailing(mailing),
					receipts: await receiptsOfMailing(imap, { account: address, mailing, records }),
				});
			const outcomes = sendMailing({
				...{ account: address, mailing, plan, pace: PACE, maxDurationMs: LONGEST_MS },
				records: async () => await Promise.resolve(records),
				smtp: async () => await Promise.resolve(smtp),
				build: async () => await Promise.resolve({ raw, to: [RECIPIENT] }),
				clock: systemClock,
				nonce: () => randomBytes(10).toString('hex'),
			});
			let sent = 0;
			for await (const { outcome } of outcomes) sent += outcome.action === 'sent' ? 1 : 0;
			if (sent !== messages) throw new Error(`${sent} of ${messages} messages were sent`);
		},
		tidy: async () => {
			const folder = await imap.open(RECORDS_FOLDER, { readOnly: false });
			await folder.remove(await folder.search({}));
		},
	};
}
