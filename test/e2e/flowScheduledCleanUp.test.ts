import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ParsedMail } from 'mailparser';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { EditorRest } from '../../scripts/editor/rest.ts';
import type { SavedCredential } from '../../scripts/editor/restTypes.ts';
import { itemsOf } from '../../scripts/editor/workflow.ts';
import { DOVECOT_MISSING, dovecotPath, startDovecot } from '../servers/dovecot.ts';
import { asOwner } from '../servers/sandboxAccount.ts';
import { importExample } from './examples.ts';
import { STUDIO, createFlow, credentialFor, folder, pec, startSandbox } from './flows.ts';
import { openOffice, openOrdinaryMailbox } from './officeDesk.ts';

const missing = dovecotPath() === undefined;
const ARCHIVE = 'archivio@studio.test';
const REPORT_TO = 'segreteria@studio.test';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const hashes = (list: readonly Uint8Array[]) => list.map(sha256).sort();

/** Three letters that came in, of which one was never opened; a sending that arrived and one that did not. */
async function openMailbox() {
	const office = await openOffice();
	const sandbox = await startSandbox();
	for (const name of ['01', '02', '03']) {
		await sandbox.sendAs(`cliente${name}@pec.beta.test`, {
			to: [STUDIO],
			subject: `Documenti ${name}`,
			text: 'Buongiorno',
		});
	}
	for (const to of ['cliente04@pec.beta.test', 'pieno@pec.beta.test']) {
		await sandbox.sendAs(STUDIO, { to: [to], subject: `Avviso a ${to}`, text: 'Buongiorno' });
	}
	await sandbox.settled();
	await asOwner(sandbox, STUDIO, async (client) => {
		await client.mailboxOpen('INBOX');
		await client.messageFlagsAdd({ subject: 'Documenti 01' }, ['\\Seen']);
		await client.messageFlagsAdd({ subject: 'Documenti 02' }, ['\\Seen']);
	});
	const held = () => sandbox.store.account(STUDIO)?.folder('INBOX')?.messages ?? [];
	const subjects = () => held().map(({ raw }) => /^Subject: (.*)$/im.exec(raw.toString())?.[1]);
	const credential = await office.rest.createCredential(credentialFor(sandbox));
	return { ...office, sandbox, credential, held, subjects };
}

async function unusedArchive(rest: EditorRest): Promise<SavedCredential> {
	const data = { email: ARCHIVE, password: 'x', imapHost: 'localhost' };
	return await rest.createCredential({ name: 'Unused', type: 'archiveMailboxApi', data });
}

/** What stays: a letter that nobody opened, and what tells of a sending that failed. */
const STAYS = [
	'POSTA CERTIFICATA: Documenti 03',
	'ACCETTAZIONE: Avviso a pieno@pec.beta.test',
	'AVVISO DI MANCATA CONSEGNA: Avviso a pieno@pec.beta.test',
];

function latest(mails: readonly ParsedMail[]): ParsedMail {
	const mail = mails.at(-1);
	if (!mail) throw new Error('no mail came');
	return mail;
}

describe(`the flow "scheduled-clean-up"${missing ? ` (${DOVECOT_MISSING})` : ''}`, () => {
	it.skipIf(missing)(
		'at night moves what is safe to move into the archive, reports the rest, and finds it again',
		async () => {
			const { rest, mail, smtpCredential, sandbox, credential, held, subjects } =
				await openMailbox();
			const archive = await openOrdinaryMailbox(ARCHIVE);
			const archiveCredential = await rest.createCredential({
				name: 'Archive mailbox',
				type: 'archiveMailboxApi',
				data: archive.archiveData,
			});
			const parts = {
				credentials: {
					'PEC account': credential,
					'Archive mailbox': archiveCredential,
					'Office mailbox (SMTP)': smtpCredential,
				},
				settings: { olderThanDays: 0, archiveFolder: 'PEC', reportTo: REPORT_TO },
			};
			const before = held().map(({ raw }) => raw);
			const id = await importExample(rest, 'scheduled-clean-up/workflow.json', parts);

			const quiet = await rest.runWorkflow(id, 'Every Six Hours');
			expect(quiet.error).toBeUndefined();
			expect(held()).toHaveLength(before.length);
			expect(mail.mails()).toHaveLength(0);

			const night = await rest.runWorkflow(id, 'Every Night');
			expect(night.error).toBeUndefined();
			expect(subjects().sort()).toEqual([...STAYS].sort());
			const left = new Set(hashes(held().map(({ raw }) => raw)));
			const gone = before.filter((raw) => !left.has(sha256(raw)));
			expect(gone).toHaveLength(4);
			expect(hashes(await archive.messagesIn('PEC'))).toEqual(hashes(gone));

			const report = latest(mail.mails());
			expect(report.to).toMatchObject({ value: [{ address: REPORT_TO }] });
			expect(report.subject).toMatch(new RegExp(`^PEC ${STUDIO}: liberati \\d+,\\d MB$`));
			expect(report.text).toContain('Eliminate dopo il controllo della copia: 4 (');
			expect(report.text).toMatch(/- 1 \([\d,]+ MB\): PEC che nessuno ha ancora aperto/);
			expect(report.text).toMatch(/- 2 \([\d,]+ MB\): mancata consegna di cui nessuno/);
			expect(report.attachments).toMatchObject([{ contentType: 'text/html' }]);

			const search = await importExample(rest, 'scheduled-clean-up/where-is-it.json', {
				credentials: { 'PEC account': credential, 'Form login': smtpCredential },
				settings: { subject: 'documenti 01' },
			});
			const byHand = await rest.runWorkflow(search, 'By Hand');
			expect(itemsOf(byHand, 'In Words')[0]?.json).toMatchObject({
				found: [{ where: 'copy', location: `imap:${ARCHIVE}/PEC` }],
			});
			expect(sandbox.log.submissions()).toHaveLength(5);
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
			const { rest, mail, smtpCredential, credential, held, sandbox } = await openMailbox();
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
		const { rest, mail, smtpCredential, dataFolder, credential, held, subjects } =
			await openMailbox();
		mkdirSync(dataFolder, { recursive: true });
		const files = mkdtempSync(join(dataFolder, 'pec-'));
		const named = await createFlow(rest, [
			pec('pecMailbox', 'Export', credential, {
				resource: 'preservation',
				operation: 'export',
				messagesFrom: 'period',
				folder: folder('INBOX'),
				outputField: 'data',
			}),
		]);
		const exported = itemsOf(await named.run(), 'Export').map(({ json }) => String(json.fileName));
		const spoilt = exported.find((name) => name.includes('cliente02'));
		// Nothing can be written there.
		mkdirSync(join(files, spoilt ?? ''));
		const before = held().map(({ raw }) => raw);
		const id = await importExample(rest, 'scheduled-clean-up/workflow.json', {
			credentials: {
				'PEC account': credential,
				'Archive mailbox': await unusedArchive(rest),
				'Office mailbox (SMTP)': smtpCredential,
			},
			settings: { storage: 'files', filesFolder: files, olderThanDays: 0, reportTo: REPORT_TO },
		});
		const night = await rest.runWorkflow(id, 'Every Night');
		expect(night.error).toBeUndefined();
		expect(subjects().sort()).toEqual([...STAYS, 'POSTA CERTIFICATA: Documenti 02'].sort());
		const written = readdirSync(files)
			.filter((name) => name !== spoilt)
			.map((name) => readFileSync(join(files, name)));
		const spoiltHash = sha256(
			before.find((raw) => raw.includes('Documenti 02')) ?? Buffer.alloc(0),
		);
		expect(hashes(written)).toEqual(hashes(before).filter((hash) => hash !== spoiltHash));
		const report = latest(mail.mails());
		expect(report.subject).toMatch(/ - DA GUARDARE$/);
		expect(report.text).toContain('Eliminate dopo il controllo della copia: 3 (');
		expect(report.text).toContain(`- ${spoilt ?? ''}: `);

		const again = await rest.runWorkflow(id, 'Every Night');
		expect(again.error).toBeUndefined();
		expect(latest(mail.mails()).text).toContain('Eliminate dopo il controllo della copia: 0 (');
	});

	it('stops before anything when the storage is none that it knows', async () => {
		const { rest, smtpCredential, credential, held } = await openMailbox();
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
