import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DOVECOT_MISSING, dovecotPath } from '../servers/dovecot.ts';
import { asOwner } from '../servers/sandboxAccount.ts';
import { importExample } from './examples.ts';
import { STUDIO, credentialFor, startSandbox } from './flows.ts';
import { openOffice, openOrdinaryMailbox } from './officeDesk.ts';

const missing = dovecotPath() === undefined;
/** Of the other provider. */
const CLIENT = 'cliente01@pec.beta.test';
const LOST = 'alfa2@pec.alfa.test';

const hashes = (list: readonly Uint8Array[]) =>
	list.map((bytes) => createHash('sha256').update(bytes).digest('hex')).sort();

describe.skipIf(missing)(
	`the flow "many-mailboxes"${missing ? ` (${DOVECOT_MISSING})` : ''}`,
	() => {
		it('cleans up each mailbox by its own credentials, and shows all on one page, also one that does not answer', async () => {
			const { rest, mail, smtpCredential } = await openOffice();
			const sandbox = await startSandbox();
			const archive = await openOrdinaryMailbox('archivio@studio.test');
			const archiveCredential = await rest.createCredential({
				name: 'Archive mailbox',
				type: 'archiveMailboxApi',
				data: archive.archiveData,
			});
			for (const [from, to] of [
				[CLIENT, STUDIO],
				[STUDIO, CLIENT],
				[STUDIO, 'pieno@pec.beta.test'],
			] as const) {
				await sandbox.sendAs(from, { to, subject: `Da ${from}`, text: 'Buongiorno' });
			}
			await sandbox.settled();
			sandbox.holdDeliveries();
			await sandbox.sendAs(CLIENT, { to: 'cliente02@pec.beta.test', subject: 'Attesa', text: 'x' });
			await sandbox.settled();
			for (const address of [STUDIO, CLIENT]) {
				await asOwner(sandbox, address, async (client) => {
					await client.mailboxOpen('INBOX');
					await client.messageFlagsAdd('1:*', ['\\Seen']);
				});
			}
			const heldBy = (address: string) =>
				(sandbox.store.account(address)?.folder('INBOX')?.messages ?? []).map(({ raw }) => raw);
			const before = [...heldBy(STUDIO), ...heldBy(CLIENT)];

			const copyFor = async (address: string, changes = {}) =>
				await importExample(rest, 'many-mailboxes/clean-up-one.json', {
					credentials: {
						'PEC account': await rest.createCredential(credentialFor(sandbox, changes, address)),
						'Archive mailbox': archiveCredential,
					},
				});
			const copies = [
				{ name: 'Studio', workflow: await copyFor(STUDIO) },
				{ name: 'Persa <1>', workflow: await copyFor(LOST, { password: 'scaduta' }) },
				{ name: 'Cliente', workflow: await copyFor(CLIENT) },
			];
			for (const { workflow } of copies) await rest.activate(workflow);
			const overview = await importExample(rest, 'many-mailboxes/overview.json', {
				credentials: { 'Office mailbox (SMTP)': smtpCredential },
				settings: {
					mailboxes: JSON.stringify(copies),
					olderThanDays: 0,
					archiveFolder: 'PEC',
					reportTo: 'segreteria@studio.test',
				},
			});
			await rest.activate(overview);

			const monday = await rest.runWorkflow(overview, 'Every Monday');
			expect(monday.error).toBeUndefined();
			expect([...heldBy(STUDIO), ...heldBy(CLIENT)]).toHaveLength(before.length);
			const [page] = mail.mails();
			expect(page?.subject).toBe('Caselle PEC: 2 da guardare');
			const rowsOf = (html: unknown) =>
				[...String(html).matchAll(/<tr[^>]*>(.*?)<\/tr>/gs)]
					.slice(1)
					.map(([, row = '']) => [...row.matchAll(/<td>(.*?)<\/td>/gs)].map(([, cell]) => cell));
			const rows = rowsOf(page?.html);
			expect(rows.map(([name]) => name)).toEqual([
				`Studio (${STUDIO})`,
				'Persa &lt;1>',
				`Cliente (${CLIENT})`,
			]);
			// Waiting for a receipt, and failures that nobody acknowledged.
			expect(rows.map(([, , pending, failures]) => [pending, failures])).toEqual([
				['0', '1'],
				['', ''],
				['1', '0'],
			]);
			expect(rows[1]?.[1]).toMatch(/^NON RAGGIUNTA: .*password/s);
			expect(rows[0]?.[5]).toMatch(/^\d\d\/\d\d\/\d{4} \d\d:\d\d$/);

			const nightly = await importExample(rest, 'many-mailboxes/workflow.json', {
				credentials: {},
				workflows: { 'PEC: overview': overview },
			});
			const night = await rest.runWorkflow(nightly, 'Every Night');
			expect(night.error).toBeUndefined();
			const left = [...heldBy(STUDIO), ...heldBy(CLIENT)];
			const gone = hashes(before).filter((hash) => !hashes(left).includes(hash));
			expect(gone.length).toBeGreaterThan(3);
			expect(hashes(await archive.messagesIn('PEC'))).toEqual(gone);
			const deleted = rowsOf(mail.mails()[1]?.html).map((cells) => cells[6]);
			expect(deleted[0]).toMatch(/^eliminate 3 \(/);
			expect(deleted[1]).toBe('');
			expect(deleted[2]).toMatch(/^eliminate 3 \(/);
		});
	},
);
