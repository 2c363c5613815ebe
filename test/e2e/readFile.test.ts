import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SavedCredential } from '../../scripts/editor/restTypes.ts';
import { itemsOf } from '../../scripts/editor/workflow.ts';
import { writeZip } from '../pec/zipWriter.ts';
import { useEditor } from './harness.ts';
import { STUDIO, createFlow, credentialFor, startSandbox, type NodeSpec } from './flows.ts';
import { sha256 } from '../sha256.ts';

const samples = process.env.PEC_SAMPLES_DIR;
const why = samples ? '' : ' (skipped: PEC_SAMPLES_DIR names no folder with real messages)';

async function openArchive() {
	const { rest, dataFolder } = await useEditor();
	mkdirSync(dataFolder, { recursive: true });
	const folder = mkdtempSync(join(dataFolder, 'archive-'));
	const save = (name: string, bytes: Buffer) => writeFileSync(join(folder, name), bytes);
	/** Reads the files from disk in a flow, by a node that has this credential or none. */
	const read = async (credential?: SavedCredential) => {
		const fromDisk: NodeSpec = {
			name: 'Disk',
			type: 'n8n-nodes-base.readWriteFile',
			typeVersion: 1.1,
			parameters: { operation: 'read', fileSelector: `${folder}/*`, options: {} },
		};
		const readFile: NodeSpec = {
			name: 'Read',
			type: 'n8n-nodes-pec.pecMailbox',
			typeVersion: 1,
			parameters: {
				resource: 'message',
				operation: 'readFile',
				include: ['attachments', 'signedContents', 'message'],
				...(credential ? { signers: 'credential' } : {}),
			},
			...(credential
				? { credentials: { pecApi: { id: credential.id, name: credential.name } } }
				: {}),
			onError: 'continueErrorOutput',
		};
		return await (await createFlow(rest, [fromDisk, readFile])).run();
	};
	return { rest, save, read };
}

async function openMailbox() {
	const sandbox = await startSandbox();
	await sandbox.sendAs('cliente02@pec.beta.test', {
		to: [STUDIO],
		subject: 'Documenti',
		text: 'Buongiorno',
		attachments: [{ filename: 'elenco.csv', content: Buffer.from('a;b') }],
	});
	await sandbox.settled();
	const received = (address: string): Buffer =>
		sandbox.store.account(address)?.folder('INBOX')?.messages[0]?.raw ?? Buffer.alloc(0);
	return { sandbox, envelope: received(STUDIO), receipt: received('cliente02@pec.beta.test') };
}

describe('PEC Mailbox: Read File', () => {
	it('verifies an archive from disk by a credential whose mailbox does not exist, and says what else is in it', async () => {
		const { rest, save, read } = await openArchive();
		const { sandbox, envelope, receipt } = await openMailbox();
		const credential = await rest.createCredential(
			credentialFor(sandbox, { imapHost: '', smtpHost: '', password: '' }),
		);
		const altered = Buffer.from(envelope);
		altered[envelope.indexOf('Documenti', envelope.indexOf('\r\n\r\n'))]! ^= 1;
		save('1.eml', envelope);
		save(
			'2.zip',
			writeZip([
				{ name: 'ricevute/a.eml', content: receipt },
				{ name: 'modulo.pdf', content: '%PDF-1.7\n' },
				{ name: 'b.eml', content: altered },
			]),
		);
		save('3.msg', Buffer.from('%PDF-1.7\n'));
		const execution = await read(credential);
		expect(execution.status).toBe('success');
		const messages = itemsOf(execution, 'Read');
		expect(messages.map((item) => item.json)).toMatchObject([
			{
				kind: 'transportEnvelope',
				verified: true,
				consistent: true,
				file: { name: '1.eml', size: envelope.length, sha256: sha256(envelope) },
			},
			{
				kind: 'receipt',
				receipt: { type: 'acceptance' },
				verified: true,
				consistent: true,
				file: { name: 'a.eml', archive: '2.zip', path: 'ricevute/a.eml' },
			},
			{
				verified: false,
				signature: { integrity: 'altered' },
				findings: expect.arrayContaining([expect.objectContaining({ code: 'signatureAltered' })]),
				file: { path: 'b.eml' },
			},
		]);
		const [first] = messages;
		expect(sha256(await rest.binaryData(first?.binary?.data?.id ?? ''))).toBe(sha256(envelope));
		const attachment = await rest.binaryData(first?.binary?.attachment_0?.id ?? '');
		expect(attachment.toString()).toBe('a;b');
		expect(itemsOf(execution, 'Read', { output: 1 }).map((item) => item.json)).toMatchObject([
			{
				error: expect.stringContaining('PDF'),
				details: { reason: 'pdf', file: { path: 'modulo.pdf', archive: '2.zip' } },
			},
			{ error: expect.stringContaining('PDF'), details: { file: { name: '3.msg' } } },
		]);
	});

	it('works in a node that has no credential', async () => {
		const { save, read } = await openArchive();
		const { envelope } = await openMailbox();
		save('1.eml', envelope);
		expect(itemsOf(await read(), 'Read')[0]?.json).toMatchObject({
			consistent: true,
			verified: false,
			signature: { integrity: 'intact', signer: 'untrusted' },
		});
	});

	it.skipIf(!samples)(
		`verifies a real receipt in a node that has no credential${why}`,
		async () => {
			const { save, read } = await openArchive();
			save('1.eml', readFileSync(join(samples ?? '', 'aruba-2018', 'acceptance.eml')));
			expect(itemsOf(await read(), 'Read')[0]?.json).toMatchObject({
				kind: 'receipt',
				consistent: true,
				verified: true,
				signature: { signer: 'trusted' },
			});
		},
	);
});
