import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { maildirOf, startDovecot, type Dovecot } from '../../servers/dovecot.ts';
import { ownerOfServer } from '../../servers/imapProcess.ts';
import type { LetterWriter, Mix } from './letters.ts';
import { writeMaildir } from './maildir.ts';
import type { RawServer } from './rawSocket.ts';

/** A mailbox whose messages all lie in INBOX. */
export interface MailboxPlan {
	readonly name: string;
	readonly messages: number;
	readonly mix: Mix;
}

export interface StagedMailbox {
	readonly server: RawServer;
	readonly messages: number;
	/** RFC822.SIZE of all. */
	readonly bytes: number;
}

export interface Stage {
	mailbox(name: string): StagedMailbox;
	stop(): Promise<void>;
}

const PASSWORD = 'prova-bench';

/** Dovecot with these mailboxes, written before it starts. */
export async function openStage(
	workFolder: string,
	plans: readonly MailboxPlan[],
	letters: LetterWriter,
): Promise<Stage> {
	const owner = ownerOfServer();
	const mail = join(workFolder, 'mail');
	mkdirSync(mail);
	if (process.getuid?.() === 0) {
		chownSync(mail, owner.uid, owner.gid);
		// The server's user has to come through it.
		chmodSync(workFolder, 0o711);
	}
	const written = new Map(
		plans.map((plan) => [plan.name, writeMailbox(mail, { ...plan, owner, letters })]),
	);
	const dovecot = await startDovecot(
		plans.map(({ name }) => ({ user: addressOf(name), password: PASSWORD })),
		{ mail },
	);
	return {
		mailbox: (name) => stagedAt(dovecot, name, written.get(name)),
		stop: async () => await dovecot.stop(),
	};
}

function addressOf(name: string): string {
	return `${name}@pec.alfa.test`;
}

function writeMailbox(
	mail: string,
	plan: MailboxPlan & { owner: ReturnType<typeof ownerOfServer>; letters: LetterWriter },
): { messages: number; bytes: number } {
	const { name, messages, mix, owner, letters } = plan;
	let bytes = 0;
	const letter = (index: number): Buffer => {
		const made = letters(mix, index);
		bytes += made.length;
		return made;
	};
	const maildir = maildirOf(mail, addressOf(name));
	mkdirSync(join(maildir, '..'));
	if (process.getuid?.() === 0) chownSync(join(maildir, '..'), owner.uid, owner.gid);
	writeMaildir(maildir, owner, { count: messages, letter });
	return { messages, bytes };
}

function stagedAt(
	{ imap, tlsCa }: Dovecot,
	name: string,
	written: { messages: number; bytes: number } | undefined,
): StagedMailbox {
	if (!written) throw new Error(`There is no mailbox ${name}`);
	const { host, port } = imap;
	return { ...written, server: { host, port, tlsCa, user: addressOf(name), password: PASSWORD } };
}
