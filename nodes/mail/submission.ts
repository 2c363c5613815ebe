import { isAscii } from 'node:buffer';
import { Readable } from 'node:stream';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import { MailError } from './errors';
import type { MailDraft, SubmissionAnswer } from './types';

type SendFailure = Pick<SMTPConnection.SMTPError, 'code' | 'command' | 'response' | 'responseCode'>;

/** Replies (RFC 5321 4.2.3, RFC 4954) about the state of the session, not about the message: another session may do. */
const SESSION_REPLIES = new Set([421, 503, 530]);

/**
 * The body is read as fast as it goes out, so that the question whether to finish comes at its end: given at once, it would
 * be asked while most of the message still waits in memory.
 */
const PIECE_BYTES = 64 * 1024;

const COMMANDS_WITH_REPLY = new Set(['MAIL FROM', 'RCPT TO', 'DATA']);

export interface SubmitOptions {
	/** Milliseconds allowed without a byte: for each command, and once the body is on its way. */
	readonly commandMs: number;
	readonly dataMs: number;
	/** Asked after the 354 and all of the body, immediately before the final dot; the connection is cut when it says no. */
	readonly mayFinish: () => boolean;
}

/**
 * Submits one message and says what became of it; never rejects. The connection is at rest afterwards only when the
 * verdict is `submitted`.
 */
export async function submitOver(
	connection: SMTPConnection,
	draft: MailDraft,
	{ commandMs, dataMs, mayFinish }: SubmitOptions,
): Promise<SubmissionAnswer> {
	const envelope = {
		from: draft.from,
		to: [...draft.to],
		size: draft.raw.length,
		use8BitMime: !isAscii(draft.raw),
	};
	return await new Promise((resolve) => {
		// nodemailer reads the body only after the server's 354, and writes the dot when the body ends.
		let entered = false;
		let finished = false;
		let at = 0;
		if (connection._socket) connection._socket.setTimeout(commandMs);
		const body = new Readable({
			read() {
				if (!entered && connection._socket) connection._socket.setTimeout(dataMs);
				entered = true;
				if (at < draft.raw.length) {
					this.push(draft.raw.subarray(at, at + PIECE_BYTES));
					at += PIECE_BYTES;
				} else if (mayFinish()) {
					finished = true;
					this.push(null);
				} else {
					// Nobody is called back by it.
					connection.close();
					resolve(FORBIDDEN);
				}
			},
		});
		connection.send(envelope, body, (failure, info) => {
			if (failure && entered && !finished) {
				// It was answered before its end: a dot that followed might be taken all the same.
				body.destroy();
				connection.close();
			}
			resolve(failure ? verdictOf(failure, finished) : acceptedAnswer(info));
		});
	});
}

function acceptedAnswer(info: SMTPConnection.SentMessageInfo): SubmissionAnswer {
	const smtp = replyOf(info.response);
	if (info.rejected.length === 0) return { verdict: 'submitted', smtp };
	const refused = info.rejected.map((address) => String(address).toLowerCase());
	return {
		verdict: 'submitted',
		smtp,
		refused,
		message: `The provider refused these recipients, and the message went to the others only: ${refused.join(', ')}`,
	};
}

function verdictOf(failure: SendFailure, finished: boolean): SubmissionAnswer {
	const { command, response, responseCode } = failure;
	if (command !== undefined && COMMANDS_WITH_REPLY.has(command) && responseCode !== undefined) {
		const smtp = replyOf(response ?? String(responseCode));
		const isTooMuch = TOO_MUCH_CODES.has(responseCode) || TOO_MUCH.test(smtp.response);
		if (isTooMuch || SESSION_REPLIES.has(responseCode) || isTemporary(responseCode)) {
			const message = 'The provider did not take the message now';
			return { verdict: 'deferred', smtp, message, ...(isTooMuch ? { isTooMuch } : {}) };
		}
		if (command === 'MAIL FROM' && isAboutSender(responseCode, smtp.response)) {
			const fault = senderRefused(responseCode);
			return { verdict: 'deferred', smtp, message: fault.message, fault };
		}
		if (responseCode >= 500 && responseCode < 600) {
			return { verdict: 'rejected', smtp, message: 'The provider refused the message' };
		}
		// A 3yz after the final dot is no verdict (RFC 5321 4.3.2); before DATA nothing was handed over yet.
		return finished ? { ...UNCLEAR, smtp } : { ...DEFERRED, smtp };
	}
	if (command === 'API') {
		return { verdict: 'rejected', message: 'The addresses cannot be put into an SMTP envelope' };
	}
	return finished ? UNCLEAR : DEFERRED;
}

/** Replies that ask for less (RFC 5321 4.2.3): service not available, mailbox or storage not available now. */
const TOO_MUCH_CODES = new Set([421, 450, 451, 452]);

/** Legalmail says it with a 550: `blocked "Class Of Service" - Too much traffic` (help.infocert.it). */
const TOO_MUCH = /\btoo much traffic\b/i;

/** A size that MAIL FROM announces can be refused by it as well (RFC 1870 6.1): that is about the message. */
function isAboutSender(code: number, response: string): boolean {
	return code >= 500 && code < 600 && code !== 552 && !/\b5\.(?:2\.3|3\.4)\b/.test(response);
}

function senderRefused(code: number): MailError {
	return new MailError(
		'refused',
		`The provider takes no message from this account (reply ${code} to the sender)`,
		{
			whatToDo:
				"Check in the provider's webmail whether the mailbox is active and may send, and that PEC Address in the credential is the address of this mailbox. Nothing was handed over: run it again afterwards",
			retry: 'later',
		},
	);
}

const UNCLEAR: SubmissionAnswer = {
	verdict: 'unclear',
	message: 'The connection ended before the provider said whether it took the message',
};
const DEFERRED: SubmissionAnswer = {
	verdict: 'deferred',
	message: 'The connection ended before the message was handed over',
};
const FORBIDDEN: SubmissionAnswer = {
	verdict: 'deferred',
	message: 'The right to send from this account ended before the message was handed over',
};

function isTemporary(code: number): boolean {
	return code >= 400 && code < 500;
}

function replyOf(response: string): { code?: number; response: string } {
	const code = /^\d{3}/.exec(response)?.[0];
	return { ...(code === undefined ? {} : { code: Number(code) }), response };
}
