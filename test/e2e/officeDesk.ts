import type { ImapFlow } from 'imapflow';
import { expect, inject, onTestFinished } from 'vitest';
import type { SavedCredential } from '../../scripts/editor/restTypes.ts';
import { startDovecot, type Dovecot } from '../servers/dovecot.ts';
import { startOrdinaryMail, type OrdinaryMail } from '../servers/ordinaryMail.ts';
import { removeTables } from './dataTables.ts';
import { inMailProgram } from '../servers/sandboxAccount.ts';
import { useEditor, type FlowEditor } from './harness.ts';

/** n8n in an office that has an ordinary mail server: n8n's own nodes write to it. */
export interface Office extends FlowEditor {
	readonly mail: OrdinaryMail;
	/** "Office mailbox (SMTP)" of the examples. */
	readonly smtpCredential: SavedCredential;
}

/**
 * In the n8n that all e2e files share. Its mail server ends with the test.
 * @param tables Data Tables that the flow of the test makes: what another test left in them is gone
 */
export async function openOffice(...tables: readonly string[]): Promise<Office> {
	return await openOfficeIn(await useEditor(), ...tables);
}

/** The same in any n8n that trusts the authority of `trustedTls`. */
export async function openOfficeIn(
	editor: FlowEditor,
	...tables: readonly string[]
): Promise<Office> {
	const mail = await startOrdinaryMail(inject('trustedTls'));
	onTestFinished(async () => await mail.stop());
	await removeTables(editor.rest, tables);
	onTestFinished(async () => await removeTables(editor.rest, tables));
	const credential = mail.credential('Office mailbox (SMTP)');
	const smtpCredential = await editor.rest.createCredential(credential);
	return { ...editor, mail, smtpCredential };
}

/** Waits until there are so many, and gives the newest. */
export async function newest<T>(read: () => readonly T[], count: number): Promise<T> {
	await expect.poll(() => read().length, { timeout: 90_000, interval: 50 }).toBe(count);
	const last = read().at(-1);
	if (last === undefined) throw new Error('Nothing was to come');
	return last;
}

const PASSWORD = 'prova-ufficio';

/** One ordinary mailbox on a Dovecot of its own, ended with the test. */
export interface OrdinaryMailbox {
	readonly address: string;
	readonly server: Dovecot;
	/** Fields of the credential of an ordinary mailbox. */
	readonly archiveData: Readonly<Record<string, unknown>>;
	/** What its owner does in a mail program. */
	asOwner<T>(work: (client: ImapFlow) => Promise<T>): Promise<T>;
	/** The bytes of all messages of a folder, in order; none where there is no such folder. */
	messagesIn(folder: string): Promise<Buffer[]>;
}

export async function openOrdinaryMailbox(address: string): Promise<OrdinaryMailbox> {
	const server = await startDovecot([{ user: address, password: PASSWORD }]);
	onTestFinished(async () => await server.stop());
	const { host, port } = server.imap;
	const auth = { user: address, pass: PASSWORD };
	const asOwner: OrdinaryMailbox['asOwner'] = async (work) =>
		await inMailProgram({ ...server.imap, auth, tls: { ca: server.tlsCa } }, work);
	return {
		address,
		server,
		archiveData: {
			email: address,
			password: PASSWORD,
			imapHost: host,
			imapPort: port,
			imapSecurity: 'tls',
			tlsCa: server.tlsCa,
		},
		asOwner,
		messagesIn: async (folder) =>
			await asOwner(async (client) => {
				const known = await client.list();
				if (!known.some(({ path }) => path === folder)) return [];
				await client.mailboxOpen(folder, { readOnly: true });
				const messages: Buffer[] = [];
				for await (const { source } of client.fetch('1:*', { source: true })) {
					if (source) messages.push(source);
				}
				return messages;
			}),
	};
}
