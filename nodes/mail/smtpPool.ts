import { MailError } from './errors';
import { openSmtp } from './smtp';
import type { SmtpOptions } from './smtpConnection';
import type { AccountSettings, MailDraft, SmtpSession, SubmissionAnswer } from './types';

/**
 * Several connections to the account's SMTP server, opened as messages are submitted at the same time; it gets by with fewer
 * where the server takes no more.
 * @param connections at most so many
 * @throws MailError when the first cannot sign in, and later when none can
 */
export async function openSmtpPool(
	settings: AccountSettings,
	{ connections, ...options }: SmtpOptions & { readonly connections: number },
): Promise<SmtpSession> {
	const first = await openSmtp(settings, options);
	const sessions = new Set([first]);
	const idle = [first];
	const waiting: Array<(session: SmtpSession) => void> = [];
	let limit = connections;
	let opening = 0;

	function free(session: SmtpSession): void {
		const next = waiting.shift();
		if (next) next(session);
		else idle.push(session);
	}

	async function another(): Promise<SmtpSession | undefined> {
		opening += 1;
		try {
			const session = await openSmtp(settings, options);
			sessions.add(session);
			return session;
		} catch (error) {
			// Providers limit connections in ways of their own: what works goes on.
			if (!(error instanceof MailError) || error.code === 'authRefused') {
				return await Promise.reject(error);
			}
			limit = Math.max(1, sessions.size);
			return undefined;
		} finally {
			opening -= 1;
		}
	}

	async function taken(): Promise<SmtpSession> {
		const ready = idle.pop();
		if (ready) return ready;
		const opened = sessions.size + opening < limit ? await another() : undefined;
		return (
			opened ?? idle.pop() ?? (await new Promise<SmtpSession>((resolve) => waiting.push(resolve)))
		);
	}

	async function submit(draft: MailDraft, mayFinish?: () => boolean): Promise<SubmissionAnswer> {
		const session = await taken();
		try {
			return await session.submit(draft, mayFinish);
		} finally {
			free(session);
		}
	}

	return {
		...(first.sizeLimit === undefined ? {} : { sizeLimit: first.sizeLimit }),
		submit,
		close: async () => {
			await Promise.all([...sessions].map(async (session) => await session.close()));
		},
	};
}
