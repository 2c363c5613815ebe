import type { AccountSettings, MailDraft, SmtpSession } from './types';
import {
	connectSmtp,
	SMTP_DATA_TIMEOUT_MS,
	SMTP_TIMEOUT_MS,
	untilDone,
	type SignedIn,
	type SmtpOptions,
} from './smtpConnection';
import { submitOver, type SubmissionAnswer } from './submission';

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
	let used = false;
	let queue: Promise<unknown> = Promise.resolve();

	/** A connection that answers. RSET finds out whether one that was used before still does, and clears its state. */
	async function signedIn(): Promise<SignedIn> {
		if (current && used) {
			const { connection } = current;
			await untilDone(connection, (done) => connection.reset(done)).catch(() => drop());
		}
		current ??= await connectSmtp(settings, options);
		used = true;
		return current;
	}

	function drop(): void {
		current?.connection.close();
		current = undefined;
	}

	async function submit(draft: MailDraft): Promise<SubmissionAnswer> {
		if (sizeLimit !== undefined && draft.raw.length > sizeLimit) {
			return {
				verdict: 'rejected',
				message: `The message has ${draft.raw.length} bytes, the provider takes ${sizeLimit} at most`,
			};
		}
		const { connection } = await signedIn();
		const answer = await submitOver(connection, draft, {
			commandMs: options.timeoutMs ?? SMTP_TIMEOUT_MS,
			dataMs: options.dataTimeoutMs ?? SMTP_DATA_TIMEOUT_MS,
		});
		if (answer.verdict === 'unclear' || connection.destroyed) drop();
		return answer;
	}

	return {
		...(sizeLimit === undefined ? {} : { sizeLimit }),
		submit: async (draft) => {
			const turn = queue.then(async () => await submit(draft));
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
