import { isAscii } from 'node:buffer';
import { Readable } from 'node:stream';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { MailDraft, SmtpSession } from './types';

export type SubmissionAnswer = Awaited<ReturnType<SmtpSession['submit']>>;

type SendFailure = Pick<SMTPConnection.SMTPError, 'code' | 'command' | 'response' | 'responseCode'>;

/** Replies (RFC 5321 4.2.3, RFC 4954) about the state of the session, not about the message: another session may do. */
const SESSION_REPLIES = new Set([421, 503, 530]);

const COMMANDS_WITH_REPLY = new Set(['MAIL FROM', 'RCPT TO', 'DATA']);

/**
 * Submits one message and says what became of it; never rejects. The connection is at rest afterwards only when the
 * verdict is `submitted`.
 * @param silence milliseconds allowed without a byte: for each command, and once the body is on its way
 */
export async function submitOver(
	connection: SMTPConnection,
	draft: MailDraft,
	silence: { readonly commandMs: number; readonly dataMs: number },
): Promise<SubmissionAnswer> {
	// nodemailer reads the body only after the server's 354: being read is the proof that DATA was entered.
	let entered = false;
	if (connection._socket) connection._socket.setTimeout(silence.commandMs);
	const body = new Readable({
		read() {
			if (!entered) {
				entered = true;
				if (connection._socket) connection._socket.setTimeout(silence.dataMs);
				this.push(draft.raw);
			}
			this.push(null);
		},
	});
	const envelope = {
		from: draft.from,
		to: [...draft.to],
		size: draft.raw.length,
		use8BitMime: !isAscii(draft.raw),
	};
	return await new Promise((resolve) => {
		connection.send(envelope, body, (failure, info) => {
			resolve(failure ? verdictOf(failure, entered) : acceptedAnswer(info));
		});
	});
}

function acceptedAnswer(info: SMTPConnection.SentMessageInfo): SubmissionAnswer {
	const smtp = replyOf(info.response);
	if (info.rejected.length === 0) return { verdict: 'submitted', smtp };
	const refused = info.rejected.map(String).join(', ');
	return {
		verdict: 'submitted',
		smtp,
		message: `The provider refused these recipients, and the message went to the others only: ${refused}`,
	};
}

function verdictOf(failure: SendFailure, entered: boolean): SubmissionAnswer {
	const { command, response, responseCode } = failure;
	if (command !== undefined && COMMANDS_WITH_REPLY.has(command) && responseCode !== undefined) {
		const smtp = replyOf(response ?? String(responseCode));
		if (SESSION_REPLIES.has(responseCode) || isTemporary(responseCode)) {
			return { verdict: 'deferred', smtp, message: 'The provider did not take the message now' };
		}
		if (responseCode >= 500 && responseCode < 600) {
			return { verdict: 'rejected', smtp, message: 'The provider refused the message' };
		}
		// A 3yz after the final dot is no verdict (RFC 5321 4.3.2); before DATA nothing was handed over yet.
		return entered ? { ...UNCLEAR, smtp } : { ...DEFERRED, smtp };
	}
	if (command === 'API') {
		return { verdict: 'rejected', message: 'The addresses cannot be put into an SMTP envelope' };
	}
	return entered ? UNCLEAR : DEFERRED;
}

const UNCLEAR: SubmissionAnswer = {
	verdict: 'unclear',
	message: 'The connection ended before the provider said whether it took the message',
};
const DEFERRED: SubmissionAnswer = {
	verdict: 'deferred',
	message: 'The connection ended before the message was handed over',
};

function isTemporary(code: number): boolean {
	return code >= 400 && code < 500;
}

function replyOf(response: string): { code?: number; response: string } {
	const code = /^\d{3}/.exec(response)?.[0];
	return { ...(code === undefined ? {} : { code: Number(code) }), response };
}
