import { describe, expect, it, onTestFinished } from 'vitest';
import { DOVECOT_MISSING, dovecotPath, startDovecot } from '../servers/dovecot.ts';
import { asOwner } from '../servers/sandboxAccount.ts';
import { ARCHIVE, STAYS, hashes, latest, openFullMailbox, unusedArchive } from './cleanUpDesk.ts';
import { importExample } from './examples.ts';
import { STUDIO, credentialFor, startSandbox } from './flows.ts';
import { useEditor } from './harness.ts';
import { openOffice, openOrdinaryMailbox } from './officeDesk.ts';
import { moveAtNight, writeFilesAtNight } from './scheduledCleanUp.ts';

const missing = dovecotPath() === undefined;

describe(`the flow "scheduled-clean-up"${missing ? ` (${DOVECOT_MISSING})` : ''}`, () => {
	it.skipIf(missing)(
		'at night moves what is safe to move into the archive, reports the rest, and finds it again',
		async () => {
			await moveAtNight(await useEditor());
		},
	);

	it.skipIf(missing)(
		'moves letters from a certified mailbox on one Dovecot to an archive on another, to the byte',
		async () => {
			const { rest, mail, smtpCredential } = await openOffice();
			const server = await startDovecot([{ user: STUDIO, password: 'prova-alfa' }]);
			onTestFinished(async () => await server.stop());
			const sandbox = await startSandbox({ mailboxes: server });
			const archive = await openOrdinaryMailbox(ARCHIVE);
			for (const subject of ['Uno', 'Due']) {
				await sandbox.sendAs('cliente03@pec.beta.test', { to: STUDIO, subject, text: 'x' });
			}
			await sandbox.settled();
			const inbox = async () =>
				await asOwner(sandbox, STUDIO, async (client) => {
					await client.mailboxOpen('INBOX');
					await client.messageFlagsAdd('1:*', ['\\Seen']);
					const all = await client.fetchAll('1:*', { source: true });
					return all.flatMap(({ source }) => source ?? []);
				});
			const before = await inbox();
			expect(before).toHaveLength(2);
			const id = await importExample(rest, 'scheduled-clean-up/workflow.json', {
				credentials: {
					'PEC account': await rest.createCredential(credentialFor(sandbox)),
					'Archive mailbox': await rest.createCredential({
						name: 'Archive mailbox',
						type: 'archiveMailboxApi',
						data: archive.archiveData,
					}),
					'Office mailbox (SMTP)': smtpCredential,
				},
				settings: { olderThanDays: 0, archiveFolder: 'PEC/{year}' },
			});
			expect((await rest.runWorkflow(id, 'Every Night')).error).toBeUndefined();
			expect(await inbox()).toEqual([]);
			const year = String(new Date().getFullYear());
			expect(hashes(await archive.messagesIn(`PEC/${year}`))).toEqual(hashes(before));
			expect(latest(mail.mails()).text).toContain('Eliminate dopo il controllo della copia: 2 (');
		},
	);

	it.skipIf(missing)(
		'above the threshold it does not wait for the night, and says what the archive refused',
		async () => {
			const { rest, mail, smtpCredential, credential, held, sandbox } = await openFullMailbox(
				await useEditor(),
			);
			const account = sandbox.store.account(STUDIO);
			if (!account) throw new Error('the sandbox has no such account');
			account.quotaLimit = account.usedBytes + 700_000;
			const archive = await openOrdinaryMailbox(ARCHIVE);
			const archiveCredential = await rest.createCredential({
				name: 'Archive mailbox',
				type: 'archiveMailboxApi',
				data: { ...archive.archiveData, password: 'sbagliata' },
			});
			const id = await importExample(rest, 'scheduled-clean-up/workflow.json', {
				credentials: {
					'PEC account': credential,
					'Archive mailbox': archiveCredential,
					'Office mailbox (SMTP)': smtpCredential,
				},
				settings: { olderThanDays: 0, threshold: 1 },
			});
			const count = held().length;
			const mails = mail.mails().length;
			const refused = await rest.runWorkflow(id, 'Every Six Hours');
			expect(refused.status).toBe('error');
			expect(refused.lastNode).toBe('Copy and Delete');
			expect(held()).toHaveLength(count);
			expect(mail.mails()).toHaveLength(mails);

			await rest.replaceCredential(archiveCredential.id, {
				name: 'Archive mailbox',
				type: 'archiveMailboxApi',
				data: archive.archiveData,
			});
			const done = await rest.runWorkflow(id, 'Every Six Hours');
			expect(done.error).toBeUndefined();
			expect(held()).toHaveLength(STAYS.length);
			expect(mail.mails()).toHaveLength(mails + 1);
		},
	);

	it('with files keeps what could not be written, names it, and deletes the others', async () => {
		await writeFilesAtNight(await useEditor());
	});

	it('stops before anything when the storage is none that it knows', async () => {
		const { rest, smtpCredential, credential, held } = await openFullMailbox(await useEditor());
		const count = held().length;
		const id = await importExample(rest, 'scheduled-clean-up/workflow.json', {
			credentials: {
				'PEC account': credential,
				'Archive mailbox': await unusedArchive(rest),
				'Office mailbox (SMTP)': smtpCredential,
			},
			settings: { storage: 'nastro', olderThanDays: 0 },
		});
		const stopped = await rest.runWorkflow(id, 'Every Night');
		expect(stopped.error?.message).toContain('neither mailbox nor files');
		expect(held()).toHaveLength(count);
	});
});
