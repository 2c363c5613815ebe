import { spawnSync } from 'node:child_process';
import { createTransport } from 'nodemailer';
import type { AccountSettings } from '../../../nodes/mail/types.ts';
import type { Contestant } from '../contest.ts';
import { letterOf, RECIPIENT, SENDER } from './letters.ts';
import { openOurs } from './ours.ts';

export interface Settings {
	/** Folder of the compiled sources. */
	readonly library: string;
	readonly account: AccountSettings;
	/** Of the sink, in clear. */
	readonly plainPort: number;
	/** At once. */
	readonly connections: number;
	/** Of one message. */
	readonly bytes: number;
	/** Of one run. */
	readonly messages: number;
}

/** nodemailer's own pool, with messages that are made already. */
async function pool({ account, connections, bytes, messages }: Settings): Promise<Contestant> {
	const transport = createTransport({
		...account.smtp,
		pool: true,
		maxConnections: connections,
		// its default of 100 would open a connection again and again
		maxMessages: Infinity,
		auth: { user: account.user, pass: account.password },
		tls: { ca: account.tlsCa },
	});
	const raw = letterOf(bytes);
	const mail = { envelope: { from: SENDER, to: [RECIPIENT] }, raw };
	return {
		units: messages,
		run: async () => {
			const sent = Array.from({ length: messages }, async () => await transport.sendMail(mail));
			const taken = (await Promise.all(sent)).filter(({ accepted }) => accepted.length === 1);
			if (taken.length !== messages) throw new Error('a message was not taken');
		},
	};
}

async function ours({ bytes, ...settings }: Settings): Promise<Contestant> {
	return await openOurs({ ...settings, raw: letterOf(bytes) });
}

export const SMTP_SOURCE = 'smtp-source';

/** Postfix's load generator, in C: no TLS, no sign-in, nothing kept. The least that can be done with the same bytes. */
async function smtpSource({
	plainPort,
	connections,
	bytes,
	messages,
}: Settings): Promise<Contestant> {
	// prettier-ignore
	const args = ['-d', '-s', String(connections), '-m', String(messages), '-l', String(bytes),
		'-f', SENDER, '-t', RECIPIENT, `127.0.0.1:${plainPort}`];
	return {
		units: messages,
		run: () => {
			const { status, stderr } = spawnSync(SMTP_SOURCE, args, { encoding: 'utf8' });
			if (status !== 0) throw new Error(`${SMTP_SOURCE} failed: ${stderr}`);
		},
	};
}

export const contestants = { pool, ours, smtpSource };
