import {
	connectSmtp,
	SMTP_DATA_TIMEOUT_MS,
	SMTP_TIMEOUT_MS,
	untilDone,
	type SignedIn,
	type SmtpOptions,
} from './smtpConnection';
import { submitOver } from './submission';
import type { AccountSettings, MailDraft, SmtpSession, SubmissionAnswer } from './types';

const always = () => true;

/** Servers end an idle session after minutes (RFC 5321 4.5.3.2.7). */
const FRESH_MS = 10_000;

/**
 * Signs in to the account's SMTP server; one connection serves many messages. It is renewed silently when it broke
 * between two messages, never within one. Messages are submitted one after the other.
 * @throws MailError when signing in fails, here or at a later renewal
 */
export async function openSmtp(
	settings: AccountSettings,
	options: SmtpOptions = {},
): Promise<SmtpSession> {
	let current: SignedIn | undefined = await connectSmtp(settings, options);
	const { sizeLimit } = current;
	let state: 'unused' | 'clean' | 'used' = 'unused';
	let usedAt = 0;
	let queue: Promise<unknown> = Promise.resolve();

	/** A connection that answers. RSET finds out whether one that lay idle, or refused a message, still does. */
	async function signedIn(): Promise<SignedIn> {
		const isFresh = state === 'clean' && performance.now() - usedAt < (options.freshMs ?? FRESH_MS);
		if (current && state !== 'unused' && !isFresh) {
			const { connection } = current;
			await untilDone(connection, (done) => connection.reset(done)).catch(() => drop());
		}
		current ??= await connectSmtp(settings, options);
		return current;
	}

	function drop(): void {
		current?.connection.close();
		current = undefined;
		state = 'unused';
	}

	async function submitOnce(
		draft: MailDraft,
		mayFinish: () => boolean,
	): Promise<SubmissionAnswer & { readonly wasStale: boolean }> {
		const { connection } = await signedIn();
		const wasUsed = state !== 'unused';
		const answer = await submitOver(connection, draft, {
			commandMs: options.timeoutMs ?? SMTP_TIMEOUT_MS,
			dataMs: options.dataTimeoutMs ?? SMTP_DATA_TIMEOUT_MS,
			mayFinish,
		});
		state = answer.verdict === 'submitted' ? 'clean' : 'used';
		usedAt = performance.now();
		const isGone = answer.verdict === 'unclear' || connection.destroyed;
		if (isGone) drop();
		// The server had ended the session meanwhile: nothing was said of this message.
		const wasStale =
			wasUsed && isGone && answer.verdict === 'deferred' && !answer.smtp && mayFinish();
		return { ...answer, wasStale };
	}

	async function submit(draft: MailDraft, mayFinish: () => boolean): Promise<SubmissionAnswer> {
		if (sizeLimit !== undefined && draft.raw.length > sizeLimit) {
			return {
				verdict: 'rejected',
				message: `The message has ${draft.raw.length} bytes, the provider takes ${sizeLimit} at most`,
			};
		}
		const first = await submitOnce(draft, mayFinish);
		const { wasStale: _, ...answer } = first.wasStale ? await submitOnce(draft, mayFinish) : first;
		return answer;
	}

	return {
		...(sizeLimit === undefined ? {} : { sizeLimit }),
		submit: async (draft, mayFinish = always) => {
			const turn = queue.then(async () => await submit(draft, mayFinish));
			queue = turn.catch(() => undefined);
			return await turn;
		},
		close: async () => {
			await queue;
			if (current && !current.connection.destroyed) current.connection.quit();
			drop();
		},
	};
}
