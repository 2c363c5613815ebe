import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { itemsOf } from '../../scripts/editor/workflow.ts';
import { sha256 } from '../sha256.ts';
import {
	ARCHIVE,
	REPORT_TO,
	STAYS,
	hashes,
	latest,
	openFullMailbox,
	unusedArchive,
} from './cleanUpDesk.ts';
import { importExample } from './examples.ts';
import { STUDIO, createFlow, folder, pec } from './flows.ts';
import type { FlowEditor } from './harness.ts';
import { openOrdinaryMailbox } from './officeDesk.ts';

/** A quiet six hours, a night that moves what it may, its report, and the search for one of what is gone. */
export async function moveAtNight(editor: FlowEditor): Promise<void> {
	const { rest, mail, smtpCredential, sandbox, credential, held, subjects } =
		await openFullMailbox(editor);
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
}

/** Nights that write files, one of which cannot be written. */
export async function writeFilesAtNight(editor: FlowEditor): Promise<void> {
	const { rest, mail, smtpCredential, dataFolder, credential, held, subjects } =
		await openFullMailbox(editor);
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
	const spoiltHash = sha256(before.find((raw) => raw.includes('Documenti 02')) ?? Buffer.alloc(0));
	expect(hashes(written)).toEqual(hashes(before).filter((hash) => hash !== spoiltHash));
	const report = latest(mail.mails());
	expect(report.subject).toMatch(/ - DA GUARDARE$/);
	expect(report.text).toContain('Eliminate dopo il controllo della copia: 3 (');
	expect(report.text).toContain(`- ${spoilt ?? ''}: `);

	const again = await rest.runWorkflow(id, 'Every Night');
	expect(again.error).toBeUndefined();
	expect(latest(mail.mails()).text).toContain('Eliminate dopo il controllo della copia: 0 (');
}
