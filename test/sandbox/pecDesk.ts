import { connect, type TLSSocket } from 'node:tls';

import { createTransport, type SendMailOptions } from 'nodemailer';

import { start, type Sandbox, type SandboxOptions } from '../../sandbox/index.ts';
import type { LogContent, LogEntry } from '../../sandbox/log.ts';
import { OWN_MAILBOXES, type RunningMailboxes } from './pecMailboxes.ts';

export const STUDIO = 'studio@pec.alfa.test';
export const SERVICE = 'servizio-pec@pec.alfa.test';
export const CLIENTE = 'cliente01@pec.beta.test';
/** The Message-ID of what a test sends. */
export const ANGLED = '<prova.1@pec.alfa.test>';

/** The lines that sign STUDIO in. */
export const SIGN_IN = ['EHLO prova', `AUTH PLAIN ${btoa(`\0${STUDIO}\0prova-alfa`)}`];

/** A running sandbox that a test can use as if it were new. */
export class PecDesk {
	readonly sandbox: Sandbox;
	readonly #mailboxes: RunningMailboxes;
	#seen = 0;

	constructor(sandbox: Sandbox, mailboxes: RunningMailboxes) {
		this.sandbox = sandbox;
		this.#mailboxes = mailboxes;
	}

	/** @param mailboxes must be empty */
	static async open(
		options: SandboxOptions = {},
		mailboxes: RunningMailboxes = OWN_MAILBOXES,
	): Promise<PecDesk> {
		return new PecDesk(await start({ ...options, ...mailboxes.options }), mailboxes);
	}

	/** Empties the users' folders; what is in the log by now is no longer shown. */
	async startOver(): Promise<void> {
		const { serviceStore } = this.sandbox;
		const used = new Map(
			this.ofType('delivery')
				.filter(({ mailbox }) => serviceStore.account(mailbox) === undefined)
				.map(({ mailbox, folder }) => [`${mailbox} ${folder}`, { mailbox, folder }]),
		);
		this.#seen = this.sandbox.log.entries().length;
		for (const { mailbox, folder } of used.values()) {
			await this.#mailboxes.empty(this.sandbox, mailbox, folder);
		}
	}

	/** Ends the sandbox; the mailboxes are as they were. */
	async close(): Promise<void> {
		await this.startOver();
		await this.sandbox.stop();
	}

	entries(): LogEntry[] {
		return this.sandbox.log.entries().slice(this.#seen);
	}

	ofType<T extends LogContent['type']>(type: T): Extract<LogEntry, { type: T }>[] {
		return this.sandbox.log.ofType(type).filter(({ seq }) => seq > this.#seen);
	}

	/** Mailbox, what came, and of whom it speaks. */
	deliveries(): string[] {
		return this.ofType('delivery').map(({ mailbox, kind, wireType, recipient }) =>
			[mailbox, wireType ?? kind, recipient].filter((part) => part !== undefined).join(' '),
		);
	}

	/** Of the sandbox's own store, at once. */
	inbox(address: string): Buffer[] {
		const messages = this.sandbox.store.account(address)?.folder('INBOX')?.messages ?? [];
		return messages.map(({ raw }) => raw);
	}

	/** Byte for byte, oldest first, wherever the mailboxes are. */
	async mails(address: string, folder = 'INBOX'): Promise<Buffer[]> {
		return await this.#mailboxes.read(this.sandbox, address, folder);
	}

	/** Sends by nodemailer as STUDIO and waits until the providers are done. Rejects as nodemailer does. */
	async send(
		mail: SendMailOptions,
		options: { password?: string; startTls?: boolean } = {},
	): Promise<{ response: string }> {
		const { password = 'prova-alfa', startTls = false } = options;
		const { smtp, smtpStartTls, tlsCa } = this.sandbox;
		const transport = createTransport({
			...(startTls ? { ...smtpStartTls, requireTLS: true } : smtp),
			auth: { user: STUDIO, pass: password },
			tls: { ca: tlsCa },
		});
		try {
			const sent = await transport.sendMail({ from: STUDIO, messageId: ANGLED, ...mail });
			await this.sandbox.settled();
			return { response: sent.response };
		} finally {
			transport.close();
		}
	}

	/**
	 * Speaks SMTP: each line goes out after the reply to the one before. Answers the replies; the connection is left
	 * open.
	 */
	async dialogue(lines: readonly string[]): Promise<{ replies: string[]; socket: TLSSocket }> {
		const { host, port } = this.sandbox.smtp;
		const socket = connect({ host, port, ca: this.sandbox.tlsCa });
		socket.on('error', () => undefined);
		const replies: string[] = [];
		let text = '';
		await new Promise<void>((resolve, reject) => {
			socket.once('close', () => reject(new Error('the connection was closed')));
			socket.on('data', (chunk) => {
				text += String(chunk);
				const end = /^\d{3} [^\r\n]*\r\n/m.exec(text);
				if (end === null) return;
				text = text.slice(end.index + end[0].length);
				replies.push(end[0].trim());
				const line = lines[replies.length - 1];
				if (line === undefined) resolve();
				else socket.write(Buffer.from(`${line}\r\n`, 'latin1'));
			});
		});
		return { replies, socket };
	}

	/** Speaks SMTP in the same way until the server hangs up; answers all that it said. */
	async untilClosed(lines: readonly string[]): Promise<string> {
		const { host, port } = this.sandbox.smtp;
		const socket = connect({ host, port, ca: this.sandbox.tlsCa });
		let [text, read, next] = ['', 0, 0];
		socket.on('error', () => undefined);
		socket.on('data', (chunk) => {
			text += chunk.toString('latin1');
			const end = /^\d{3} [^\r\n]*\r\n/m.exec(text.slice(read));
			if (end === null) return;
			read += end.index + end[0].length;
			const line = lines[next];
			next += 1;
			if (line !== undefined) socket.write(`${line}\r\n`, 'latin1');
		});
		await new Promise((resolve) => socket.once('close', resolve));
		return text;
	}
}

/** A message by its header fields. */
export function message(headers: Readonly<Record<string, string>>, body = 'ciao\r\n'): string {
	const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
	return `${lines.join('')}\r\n${body}`;
}
