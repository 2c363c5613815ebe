import { simpleParser } from 'mailparser';
import MailComposer from 'nodemailer/lib/mail-composer/index.js';
import { expect, onTestFinished } from 'vitest';
import type { Sandbox, SandboxOptions } from '../../sandbox/index.ts';
import type { SavedCredential } from '../../scripts/editor/restTypes.ts';
import { importExample } from './examples.ts';
import { credentialFor, startSandbox } from './flows.ts';
import {
	openOffice,
	openOrdinaryMailbox,
	type Office,
	type OrdinaryMailbox,
} from './officeDesk.ts';
import { idling } from './triggerDesk.ts';

const OFFICE = 'ufficio@studio.test';
/** Where a person puts what is to be sent. */
export const OUTBOX = 'PEC da inviare';

/** A PEC account, an office's mailbox, and the bridge between them. */
export interface Bridge extends Office {
	readonly sandbox: Sandbox;
	readonly mailbox: OrdinaryMailbox;
	readonly account: SavedCredential;
	/** "Office mailbox (IMAP)". */
	readonly copies: SavedCredential;
	/** bridge-out. */
	readonly out: string;
	/** What a person does: a draft of hers, moved into the folder. @returns its bytes */
	put(letter: Letter, flags?: string[]): Promise<Buffer>;
	subjectsIn(folder: string): Promise<(string | undefined)[]>;
}

interface Letter {
	readonly id: string;
	readonly to: string;
	readonly cc?: string;
	readonly bcc?: string;
}

function draftOf({ id, ...recipients }: Letter): Promise<Buffer> {
	const node = new MailComposer({
		...recipients,
		from: OFFICE,
		subject: `Lettera ${id}`,
		messageId: `<${id}@studio.test>`,
		text: 'Buongiorno, in allegato è la perizia.',
		html: '<p>Buongiorno, in allegato è la <b>perizia</b>.</p>',
		attachments: [{ filename: 'perizia.pdf', content: Buffer.from('%PDF-1.7 perizia') }],
	}).compile();
	node.keepBcc = true;
	return node.build();
}

export async function openBridge(
	settings: Readonly<Record<string, boolean | string>> = {},
	options: SandboxOptions = {},
): Promise<Bridge> {
	const office = await openOffice();
	const { rest, mail, smtpCredential } = office;
	const sandbox = await startSandbox(options);
	const mailbox = await openOrdinaryMailbox(OFFICE);
	await mailbox.asOwner(async (client) => await client.mailboxCreate(OUTBOX));
	const account = await rest.createCredential(credentialFor(sandbox));
	const { email, password, imapHost, imapPort, imapSecurity, tlsCa } = mailbox.archiveData;
	const copies = await rest.createCredential({
		name: 'Office mailbox (IMAP)',
		type: 'archiveMailboxApi',
		data: mailbox.archiveData,
	});
	const folders = await rest.createCredential({
		name: 'Office mailbox (as PEC API)',
		type: 'pecApi',
		data: {
			provider: 'custom',
			...{ email, password, imapHost, imapPort, imapSecurity, tlsCa },
			smtpHost: mail.host,
			smtpPort: mail.port,
		},
	});
	const out = await importExample(rest, 'bridge/bridge-out.json', {
		credentials: {
			'PEC account': account,
			'Office mailbox (as PEC API)': folders,
			'Office mailbox (SMTP)': smtpCredential,
		},
		settings,
	});
	return {
		...office,
		sandbox,
		mailbox,
		account,
		copies,
		out,
		put: async (letter, flags = ['\\Seen', '\\Draft']) => {
			const raw = await draftOf(letter);
			await mailbox.asOwner(async (client) => await client.append(OUTBOX, raw, flags));
			return raw;
		},
		subjectsIn: async (path) => {
			const read = await Promise.all(
				(await mailbox.messagesIn(path)).map(async (raw) => await simpleParser(raw)),
			);
			return read.map(({ subject }) => subject);
		},
	};
}

/** Publishes a flow with a trigger, and waits until it listens. */
export async function publish(bridge: Bridge, path: string): Promise<void> {
	const { rest } = bridge;
	const id = await importExample(rest, path, {
		credentials: { 'PEC account': bridge.account, 'Office mailbox (IMAP)': bridge.copies },
	});
	const idle = idling(bridge.sandbox);
	expect(await rest.activate(id)).toMatchObject({ status: 'published' });
	onTestFinished(async () => await rest.deactivate(id));
	await idle.happened();
	idle.remove();
}
