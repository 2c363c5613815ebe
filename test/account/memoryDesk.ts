import { randomBytes } from 'node:crypto';

import { sendMailing, type SendingOptions } from '../../nodes/account/sending.ts';
import { MailError } from '../../nodes/mail/errors.ts';
import type { SmtpSession, SubmissionAnswer } from '../../nodes/mail/types.ts';
import { planMailing } from '../../nodes/pec/batch.ts';
import type { RecipientOutcome } from '../../nodes/pec/types.ts';
import { RecordsInMemory, StillClock } from './recordsInMemory.ts';

const account = 'studio@pec.alfa.test';
const mailing = 'Invio';
export const RECIPIENTS = ['cliente01@pec.beta.test', 'cliente02@pec.beta.test'];
export const TAKEN: SubmissionAnswer = {
	verdict: 'submitted',
	smtp: { code: 250, response: '250 ok' },
};
export const LOST = new MailError('connectionLost', 'The connection was lost', {
	whatToDo: 'Try again',
	retry: 'now',
});

/** Runs that send without a server, in time that passes when somebody waits. */
export class MemoryDesk {
	readonly clock = new StillClock();
	readonly folder = new RecordsInMemory(this.clock);
	/** Recipients of what the server took. */
	readonly taken: string[] = [];

	smtp(...answers: SubmissionAnswer[]): SmtpSession {
		return {
			submit: async (draft, mayFinish = () => true) => {
				if (!mayFinish()) return { verdict: 'deferred' };
				const answer = answers.shift() ?? TAKEN;
				if (answer.verdict === 'submitted') this.taken.push(...draft.to);
				return answer;
			},
			close: async () => undefined,
		};
	}

	options(
		given: Partial<SendingOptions> & { recipients?: readonly string[] } = {},
	): SendingOptions {
		const { recipients = RECIPIENTS, ...overrides } = given;
		const records = overrides.records ?? (async () => this.folder.records());
		return {
			account,
			mailing,
			records,
			smtp: async () => this.smtp(),
			plan: async () =>
				planMailing({
					account,
					mailing,
					rows: recipients.map((recipient) => ({ recipient, rowKey: '', attempt: 1 })),
					records: await (await records()).readMailing(mailing),
					receipts: [],
					now: this.clock.now(),
				}),
			build: async ({ row }) => ({
				raw: Buffer.from('Subject: Avviso\r\n\r\n'),
				to: [row.recipient],
			}),
			pace: { perMinute: 10_000 },
			maxDurationMs: 30 * 60_000,
			clock: this.clock,
			nonce: () => randomBytes(10).toString('hex'),
			...overrides,
		};
	}

	async send(given: Parameters<MemoryDesk['options']>[0] = {}): Promise<RecipientOutcome[]> {
		const outcomes: RecipientOutcome[] = [];
		for await (const { outcome } of sendMailing(this.options(given))) outcomes.push(outcome);
		return outcomes;
	}
}
