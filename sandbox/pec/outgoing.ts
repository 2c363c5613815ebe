import MailComposer from 'nodemailer/lib/mail-composer';

import type { Submission } from './mail.ts';

/** A mail as a user thinks of it. */
export interface OutgoingMail {
	readonly to: string | readonly string[];
	readonly cc?: readonly string[];
	readonly subject: string;
	readonly text: string;
	readonly attachments?: readonly {
		readonly filename: string;
		readonly content: Buffer;
		readonly contentType?: string;
	}[];
	/** With angle brackets. */
	readonly messageId?: string;
}

/** The submission a webmail of the provider would make of it. */
export async function composeSubmission(
	account: string,
	mail: OutgoingMail,
	at: Date,
): Promise<Submission> {
	const to = typeof mail.to === 'string' ? [mail.to] : [...mail.to];
	const cc = [...(mail.cc ?? [])];
	const node = new MailComposer({
		from: account,
		to,
		cc,
		subject: mail.subject,
		text: mail.text,
		attachments: mail.attachments?.map((attachment) => ({ ...attachment })),
		messageId: mail.messageId,
		date: at,
		newline: 'windows',
	}).compile();
	// nodemailer would leave the line end after the last part to the transport
	const raw = Buffer.concat([await node.build(), Buffer.from('\r\n')]);
	return {
		account,
		mailFrom: account,
		rcptTo: withoutRepetition([...to, ...cc]),
		raw,
		client: { name: 'webmail', address: '127.0.0.1', protocol: 'ESMTPSA' },
	};
}

/** A transaction names each mailbox once, in whatever case the fields have it. */
function withoutRepetition(addresses: readonly string[]): string[] {
	const byMailbox = new Map<string, string>();
	for (const address of addresses) {
		const key = address.toLowerCase();
		if (!byMailbox.has(key)) byMailbox.set(key, address);
	}
	return [...byMailbox.values()];
}
