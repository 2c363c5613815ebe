import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as Evidence from '../../../nodes/account/evidence.ts';
import type * as RecordsRoom from '../../../nodes/account/records.ts';
import type * as Sending from '../../../nodes/account/sending.ts';
import type * as Imap from '../../../nodes/mail/imap.ts';
import type * as Smtp from '../../../nodes/mail/smtp.ts';
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

/**
 * The whole way of a mailing but the composing of its messages: receipts and records are read, the rows are planned, intents
 * and results are recorded. The connections stay open from run to run.
 *
 * This is the one place that knows how the engine is called; it sends over one connection, whatever is asked for.
 */
export async function openOurs(settings: OursSettings): Promise<Contestant> {
	const { account, library, messages, raw } = settings;
	const require = createRequire(join(library, 'index.js'));
	const { openImap } = require('./nodes/mail/imap.js') as typeof Imap;
	const { openSmtp } = require('./nodes/mail/smtp.js') as typeof Smtp;
	const { openRecords } = require('./nodes/account/records.js') as typeof RecordsRoom;
	const { receiptsOfMailing } = require('./nodes/account/evidence.js') as typeof Evidence;
	const { sendMailing } = require('./nodes/account/sending.js') as typeof Sending;
	const { planMailing } = require('./nodes/pec/batch.js') as typeof Batch;
	const now = () => new Date();
	const imap = await openImap(account);
	const smtp = await openSmtp(account);
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
			const records = await openRecords(imap, { account: address, now });
			const receipts = await receiptsOfMailing(imap, { account: address, mailing, records });
			const planned = planMailing({
				...{ account: address, mailing, rows, receipts, now: now() },
				records: await records.readMailing(mailing),
			});
			const outcomes = sendMailing({
				...{ smtp, records, account: address, mailing, planned, now },
				build: async () => ({ raw, to: [RECIPIENT] }),
			});
			let sent = 0;
			for await (const { action } of outcomes) sent += action === 'sent' ? 1 : 0;
			if (sent !== messages) throw new Error(`${sent} of ${messages} messages were sent`);
		},
	};
}
