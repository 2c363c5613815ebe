import type { ParsedMail } from 'mailparser';
import type { EditorRest } from '../../scripts/editor/rest.ts';
import type { SavedCredential } from '../../scripts/editor/restTypes.ts';
import { asOwner } from '../servers/sandboxAccount.ts';
import { STUDIO, credentialFor, startSandbox } from './flows.ts';
import type { FlowEditor } from './harness.ts';
import { openOfficeIn } from './officeDesk.ts';
import { sha256 } from '../sha256.ts';

export const ARCHIVE = 'archivio@studio.test';
export const REPORT_TO = 'segreteria@studio.test';

export const hashes = (list: readonly Uint8Array[]) => list.map(sha256).sort();

/** Three letters that came in, of which one was never opened; a sending that arrived and one that did not. */
export async function openFullMailbox(editor: FlowEditor) {
	const office = await openOfficeIn(editor);
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

export async function unusedArchive(rest: EditorRest): Promise<SavedCredential> {
	const data = { email: ARCHIVE, password: 'x', imapHost: 'localhost' };
	return await rest.createCredential({ name: 'Unused', type: 'archiveMailboxApi', data });
}

/** What stays: a letter that nobody opened, and what tells of a sending that failed. */
export const STAYS = [
	'POSTA CERTIFICATA: Documenti 03',
	'ACCETTAZIONE: Avviso a pieno@pec.beta.test',
	'AVVISO DI MANCATA CONSEGNA: Avviso a pieno@pec.beta.test',
];

export function latest(mails: readonly ParsedMail[]): ParsedMail {
	const mail = mails.at(-1);
	if (!mail) throw new Error('no mail came');
	return mail;
}
