import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { receiptsOfMailing } from '../../nodes/account/evidence.ts';
import { openRecords, type Records } from '../../nodes/account/records.ts';
import { systemClock } from '../../nodes/account/clock.ts';
import { sendMailing, type RowOutcome, type SendingOptions } from '../../nodes/account/sending.ts';
import { MailError } from '../../nodes/mail/errors.ts';
import { openImap } from '../../nodes/mail/imap.ts';
import { openSmtp } from '../../nodes/mail/smtp.ts';
import type {
	ImapSession,
	MailDraft,
	SmtpSession,
	SubmissionAnswer as Answer,
} from '../../nodes/mail/types.ts';
import { planMailing, type PlannedRow } from '../../nodes/pec/batch.ts';
import type { RecipientOutcome } from '../../nodes/pec/types.ts';
import { start } from '../../sandbox/index.ts';
import { receiptMail } from '../servers/mails.ts';
import { MAIL_SERVERS, STUDIO, titleOf, type RunningMailServer } from '../servers/mailServers.ts';

const account = STUDIO;
const RECIPIENTS = [
	'cliente01@pec.beta.test',
	'cliente02@pec.beta.test',
	'cliente03@pec.beta.test',
];

const TAKEN: Answer = { verdict: 'submitted', smtp: { code: 250, response: '250 ok' } };

/** An SMTP server of which a test says what it answers, one answer a message; then it takes everything. */
function smtpThatAnswers(...answers: Array<Answer | Error>): SmtpSession & { sent: MailDraft[] } {
	const sent: MailDraft[] = [];
	return {
		sent,
		submit: async (draft) => {
			const answer = answers.shift() ?? TAKEN;
			if (answer instanceof Error) throw answer;
			sent.push(draft);
			return answer;
		},
		close: async () => undefined,
	};
}

/** Each reading of the clock is a second later. */
function clock(): () => Date {
	let time = Date.parse('2026-02-01T10:00:00.000Z');
	return () => new Date((time += 1_000));
}

function draftOf({ row, messageId }: PlannedRow) {
	const raw = Buffer.from(
		`From: ${account}\r\nTo: ${row.recipient}\r\nSubject: Avviso\r\nMessage-ID: ${messageId}\r\n` +
			`Date: Sun, 01 Feb 2026 10:00:00 +0000\r\nContent-Type: text/plain\r\n\r\nBuongiorno.\r\n`,
	);
	return { raw, to: [row.recipient] };
}

/** In the order of the rows. */
async function collect(rows: AsyncIterable<RowOutcome>): Promise<RecipientOutcome[]> {
	const collected: RowOutcome[] = [];
	for await (const row of rows) collected.push(row);
	return collected.sort((one, other) => one.index - other.index).map(({ outcome }) => outcome);
}

const RULES = {
	pace: { perMinute: 10_000 },
	maxDurationMs: 60_000,
	clock: systemClock,
	nonce: () => randomBytes(10).toString('hex'),
};

const shown = (outcomes: readonly RecipientOutcome[]) =>
	outcomes.map(({ action, state }) => [action, state]);

describe.each(MAIL_SERVERS)('a mailing', (server) => {
	describe.skipIf(server.missing !== undefined)(titleOf(server), () => {
		let running: RunningMailServer;
		let imap: ImapSession;
		let records: Records;
		let mailing: string;
		let mailings = 0;
		const now = clock();

		beforeAll(async () => {
			running = await server.start();
		});
		afterAll(async () => await running?.stop());
		beforeEach(async () => {
			imap = await openImap(running.studio);
			records = await openRecords(imap, { account, now });
			mailings += 1;
			mailing = `Invio ${mailings}`;
		});
		afterEach(async () => await imap.close());

		/** A new run, as on another machine: it knows what the mailbox knows. */
		async function plan(): Promise<PlannedRow[]> {
			const fresh = await openRecords(imap, { account, now });
			return planMailing({
				account,
				mailing,
				rows: RECIPIENTS.map((recipient) => ({ recipient, rowKey: '', attempt: 1 })),
				records: await fresh.readMailing(mailing),
				receipts: await receiptsOfMailing(imap, { account, mailing }),
				now: now(),
			});
		}

		async function run(smtp: SmtpSession, overrides: Partial<SendingOptions> = {}) {
			return sendMailing({
				...RULES,
				smtp: async () => smtp,
				records: async () => records,
				account,
				mailing,
				plan,
				build: async (row) => draftOf(row),
				...overrides,
			});
		}

		it('sends each row once, in order; run again, it sends nothing', async () => {
			const smtp = smtpThatAnswers();
			const outcomes = await collect(await run(smtp));
			expect(shown(outcomes)).toEqual(RECIPIENTS.map(() => ['sent', 'submitted']));
			expect(outcomes.map(({ recipient }) => recipient)).toEqual(RECIPIENTS);
			expect(outcomes[0]).toMatchObject({
				mailing,
				smtp: TAKEN.smtp,
				submittedAt: expect.any(String),
			});
			expect(smtp.sent.map(({ to, from }) => [from, ...to])).toEqual(
				RECIPIENTS.map((to) => [account, to]),
			);
			const again = smtpThatAnswers();
			const rerun = await collect(await run(again));
			expect(shown(rerun)).toEqual(RECIPIENTS.map(() => ['alreadySent', 'submitted']));
			expect(again.sent).toEqual([]);
		});

		it('has the intent on the server before the message is handed over', async () => {
			const seen: boolean[] = [];
			const other = await openImap(running.studio);
			const smtp = smtpThatAnswers();
			const watched: SmtpSession = {
				...smtp,
				submit: async (draft) => {
					const turn = line.then(async () => {
						const elsewhere = await openRecords(other, { account, now });
						const rows = await elsewhere.readMailing(mailing);
						const [to] = draft.to;
						seen.push(
							rows.some(({ row, intents }) => row.recipient === to && intents.length === 1),
						);
					});
					line = turn;
					await turn;
					return await smtp.submit(draft);
				},
			};
			let line = Promise.resolve();
			await collect(await run(watched));
			await other.close();
			expect(seen).toEqual([true, true, true]);
			expect(
				(await records.readMailing(mailing)).every(({ results }) => results.length === 1),
			).toBe(true);
		});

		it('that died between intent and result is in doubt, and is not sent again on a guess', async () => {
			await writeLoneIntent();
			const smtp = smtpThatAnswers();
			expect(shown(await collect(await run(smtp)))).toEqual([
				['skipped', 'inDoubt'],
				['sent', 'submitted'],
				['sent', 'submitted'],
			]);
			expect(smtp.sent).toHaveLength(2);
		});

		it('that died between intent and result counts as sent once a receipt is there', async () => {
			const { messageId } = await writeLoneIntent();
			await imap.append(
				'INBOX',
				receiptMail({
					type: 'accettazione',
					originalId: messageId.slice(1, -1),
					recipient: RECIPIENTS[0] ?? '',
					providerId: `opec.${mailings}`,
				}),
			);
			const smtp = smtpThatAnswers();
			const [first] = await collect(await run(smtp));
			expect(first).toMatchObject({ action: 'alreadySent', state: 'accepted' });
			expect(smtp.sent).toHaveLength(2);
		});

		/** What a process leaves behind that ends before the verdict is written. */
		async function writeLoneIntent(): Promise<PlannedRow> {
			const [first] = await plan();
			if (!first) throw new Error('the plan is empty');
			const { row, messageId } = first;
			const at = now().toISOString();
			await records.writeSubmissions(mailing, { intents: [{ row, messageId, at }], results: [] });
			return first;
		}

		it.each<[Answer, string, string, string]>([
			[
				{ verdict: 'rejected', smtp: { code: 550, response: '550 no' } },
				'skipped',
				'rejected',
				'skipped',
			],
			[{ verdict: 'unclear', message: 'lost' }, 'skipped', 'inDoubt', 'skipped'],
			[
				{ verdict: 'deferred', smtp: { code: 451, response: '451 later' } },
				'deferred',
				'queued',
				'sent',
			],
		])(
			'with one message %j goes on, and a new run does what that allows',
			async (answer, action, state, next) => {
				const outcomes = await collect(await run(smtpThatAnswers(answer)));
				expect(shown(outcomes)).toEqual([
					[action, state],
					['sent', 'submitted'],
					['sent', 'submitted'],
				]);
				expect(outcomes[0]?.retryAt !== undefined).toBe(answer.verdict === 'deferred');
				const rerun = await collect(await run(smtpThatAnswers()));
				expect(rerun.map((outcome) => outcome.action)).toEqual([
					next,
					'alreadySent',
					'alreadySent',
				]);
			},
		);

		it('throws when signing in fails before anything was handed over', async () => {
			const refused = new MailError('authRefused', 'no', { whatToDo: '', retry: 'never' });
			await expect(collect(await run(smtpThatAnswers(refused)))).rejects.toBe(refused);
			const rerun = await collect(await run(smtpThatAnswers()));
			expect(rerun.map(({ action }) => action)).toEqual(['sent', 'sent', 'sent']);
		});

		it('ends when signing in fails later, tells what was sent, and a new run sends the rest', async () => {
			const refused = new MailError('authRefused', 'no', { whatToDo: '', retry: 'never' });
			const outcomes = await collect(await run(smtpThatAnswers(TAKEN, refused)));
			expect(outcomes[0]?.action).toBe('sent');
			expect(outcomes.filter(({ action }) => action === 'deferred').length).toBeGreaterThan(0);
			const rerun = await collect(await run(smtpThatAnswers()));
			expect(rerun.filter(({ action }) => action === 'sent')).toHaveLength(
				outcomes.filter(({ action }) => action === 'deferred').length,
			);
		});

		it('ends when the provider refuses the sender, and every row is left to a new run', async () => {
			const fault = new MailError('refused', 'no message from this account', {
				whatToDo: '',
				retry: 'later',
			});
			const refusal: Answer = {
				verdict: 'deferred',
				smtp: { code: 550, response: '550 no' },
				fault,
			};
			await expect(collect(await run(smtpThatAnswers(refusal)))).rejects.toBe(fault);
			const smtp = smtpThatAnswers(TAKEN, refusal, refusal);
			const outcomes = await collect(await run(smtp));
			expect(outcomes.map(({ action }) => action)).toEqual(['sent', 'deferred', 'deferred']);
			const rerun = await collect(await run(smtpThatAnswers()));
			expect(rerun.map(({ action }) => action)).toEqual(['alreadySent', 'sent', 'sent']);
		});

		it.each<[string, Answer]>([
			['refused', { verdict: 'rejected', smtp: { code: 550, response: '550 no' } }],
			['put off', { verdict: 'deferred', message: 'lost' }],
			['left unclear', { verdict: 'unclear', message: 'lost' }],
		])(
			'waits for no acceptance of a first message that was %s: the next one goes alone instead',
			async (_, answer) => {
				const smtp = smtpThatAnswers(answer);
				const waitedAfter: number[] = [];
				// While messages are under way the lease is kept, by a sleep that ends with them.
				const sleep: typeof systemClock.sleep = async (ms, signal) => {
					if (signal) await systemClock.sleep(ms, signal);
					else waitedAfter.push(smtp.sent.length);
				};
				const canary = async () => waitedAfter.length > 0;
				await collect(await run(smtp, { canary, clock: { ...systemClock, sleep } }));
				expect(waitedAfter[0]).toBe(2);
				expect(smtp.sent).toHaveLength(3);
			},
		);

		it('records the last result when the caller stops early', async () => {
			for await (const { outcome } of await run(smtpThatAnswers())) {
				expect(outcome.action).toBe('sent');
				break;
			}
			expect((await plan()).map(({ why }) => why)).toEqual(['submitted', 'new', 'new']);
		});

		it('stops before the next message when it is cancelled', async () => {
			const stop = new AbortController();
			const smtp = smtpThatAnswers();
			const cancelled = (async () => {
				for await (const _ of await run(smtp, { signal: stop.signal })) stop.abort();
			})();
			await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
			expect((await plan()).map(({ why }) => why)).toEqual(['submitted', 'new', 'new']);
		});

		it('leaves a row out whose message cannot be composed, without an intent', async () => {
			const outcomes = await collect(
				await run(smtpThatAnswers(), {
					build: async (row, index) => {
						if (index === 1) throw new Error('The attachment is missing');
						return draftOf(row);
					},
				}),
			);
			expect(outcomes.map(({ action }) => action)).toEqual(['sent', 'skipped', 'sent']);
			expect(outcomes[1]?.error?.message).toBe('The attachment is missing');
			expect((await plan()).map(({ why }) => why)).toEqual(['submitted', 'new', 'submitted']);
		});

		it('sends nothing when its records cannot be kept (mailbox full)', async () => {
			const full = await openImap(running.full);
			const smtp = smtpThatAnswers();
			const tight = await openRecords(full, { account, now });
			const sending = await run(smtp, { records: async () => tight });
			// The first small record may still fit: the mailbox holds 1,024 bytes.
			await expect(collect(sending)).rejects.toMatchObject({
				code: 'overQuota',
			});
			expect(smtp.sent.length).toBeLessThan(RECIPIENTS.length);
			await full.close();
		});
	});
});

describe('a mailing through the sandbox', () => {
	it('is delivered once to each recipient, and a rerun knows it by the receipts alone', async () => {
		const sandbox = await start();
		try {
			const sender = sandbox.accounts.find(({ address }) => address === account);
			if (!sender) throw new Error('the sandbox has no such account');
			const { user, password } = sender;
			const { imap: at, smtp: to, tlsCa } = sandbox;
			const settings = { address: account, user, password, imap: at, smtp: to, tlsCa };
			const [imap, smtp] = [await openImap(settings), await openSmtp(settings)];
			const now = () => new Date();
			const mailing = 'Sandbox';
			const records = await openRecords(imap, { account, now });
			const rows = RECIPIENTS.map((recipient) => ({ recipient, rowKey: '', attempt: 1 }));
			const plan = async () =>
				planMailing({
					account,
					mailing,
					rows,
					records: await records.readMailing(mailing),
					receipts: [],
					now: now(),
				});
			const build = async (row: PlannedRow) => draftOf(row);
			const sent = await collect(
				sendMailing({
					...RULES,
					smtp: async () => smtp,
					records: async () => records,
					account,
					mailing,
					plan,
					build,
				}),
			);
			expect(shown(sent)).toEqual(RECIPIENTS.map(() => ['sent', 'submitted']));
			await sandbox.settled();
			const receipts = await receiptsOfMailing(imap, { account, mailing });
			expect(receipts.map(({ type }) => type).sort()).toEqual([
				...RECIPIENTS.map(() => 'acceptance'),
				...RECIPIENTS.map(() => 'delivery'),
			]);
			// Without a single record: the receipts say enough.
			const rerun = planMailing({ account, mailing, rows, records: [], receipts, now: now() });
			expect(rerun.map(({ decision, outcome }) => [decision, outcome.state])).toEqual(
				RECIPIENTS.map(() => ['alreadySent', 'delivered']),
			);
			await Promise.all([imap.close(), smtp.close()]);
		} finally {
			await sandbox.stop();
		}
	});

	it('sends nothing with a wrong password', async () => {
		const sandbox = await start();
		try {
			const { imap, smtp, tlsCa } = sandbox;
			const settings = {
				address: account,
				user: account,
				password: 'sbagliata',
				imap,
				smtp,
				tlsCa,
			};
			await expect(openSmtp(settings)).rejects.toMatchObject({ code: 'authRefused' });
			expect(sandbox.log.entries().filter(({ type }) => type === 'submission')).toEqual([]);
		} finally {
			await sandbox.stop();
		}
	});
});
