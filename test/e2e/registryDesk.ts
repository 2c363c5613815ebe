import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, onTestFinished } from 'vitest';
import type { OutgoingMail, Sandbox } from '../../sandbox/index.ts';
import type { EditorRest } from '../../scripts/editor/rest.ts';
import { OPENSSH_MISSING, sshdPath, startOpenSsh } from '../servers/openssh.ts';
import { startOrdinaryMail } from '../servers/ordinaryMail.ts';
import { SWIFT_MISSING, startSwift, swiftPath } from '../servers/swift.ts';
import { removeTables } from './dataTables.ts';
import { importExample } from './examples.ts';
import { STUDIO, credentialFor, startSandbox } from './flows.ts';
import type { FlowEditor } from './harness.ts';
import { s3Credential, sftpCredential } from './storages.ts';

/** What the flow stores on, and this machine lacks. */
export const STORAGE_MISSING = [
	...(sshdPath() === undefined ? [OPENSSH_MISSING] : []),
	...(swiftPath() === undefined ? [SWIFT_MISSING] : []),
].join('; ');

/** Of one run, on a machine that has other things to do. */
export const LONGEST_MS = 150_000;

/** Of the SFTP server, in bytes. */
export const LARGEST_FILE = 100_000;

const FLOW = 'inbound-registry';
export const YEAR = new Date().getFullYear();

export interface Row {
	readonly id: number;
	readonly numero: string | null;
	readonly oggetto: string;
	readonly mittente: string;
	readonly ricevuto: string;
	readonly allegati: number;
	readonly avvisato: string | null;
	readonly pecKey: string;
}

/** Runs of the flow that were started so (`trigger`, `retry`) and have ended. */
export async function endedRuns(rest: EditorRest, id: string, mode: string, count: number) {
	const ended = async () =>
		(await rest.listExecutions(id)).filter((run) => run.mode === mode && run.stoppedAt);
	await expect
		.poll(async () => (await ended()).length, { timeout: LONGEST_MS, interval: 200 })
		.toBeGreaterThanOrEqual(count);
	return await ended();
}

export async function openRegistry({ rest }: FlowEditor) {
	await removeTables(rest);
	const [sandbox, sftp, s3, mail] = await Promise.all([
		startSandbox(),
		startOpenSsh({ largestFile: LARGEST_FILE }),
		startSwift(),
		startOrdinaryMail(inject('trustedTls')),
	]);
	onTestFinished(async () => {
		await Promise.all([sftp.stop(), s3.stop(), mail.stop()]);
	});
	const credentials = {
		'PEC account': await rest.createCredential(credentialFor(sandbox)),
		'SFTP storage': await rest.createCredential(sftpCredential(sftp)),
		'S3 storage': await rest.createCredential(s3Credential(s3)),
		'Office mailbox (SMTP)': await rest.createCredential(mail.credential(`SMTP ${sftp.port}`)),
	};
	const folder = join(sftp.storage, 'protocollo');
	const part = await importExample(rest, `${FLOW}/register-message.json`, { credentials });
	await rest.activate(part);
	const id = await importExample(rest, `${FLOW}/workflow.json`, {
		credentials: {
			'PEC account': credentials['PEC account'],
			'Office mailbox (SMTP)': credentials['Office mailbox (SMTP)'],
		},
		settings: {
			registerSince: '2020-01-01',
			quietMinutes: 0,
			folder,
			bucket: s3.bucket,
			office: 'protocollo@studio.test',
			invoices: 'amministrazione@studio.test',
			checker: 'responsabile@studio.test',
			sender: 'n8n@studio.test',
		},
		workflows: { 'PEC example: register one message': part },
	});
	return { rest, sandbox, sftp, s3, mail, folder, id };
}

export const receive = async (
	sandbox: Sandbox,
	mail: Partial<OutgoingMail> & { subject: string },
) => {
	await sandbox.sendAs('cliente01@pec.beta.test', { to: [STUDIO], text: 'x', ...mail });
	await sandbox.settled();
};

/** As no provider would: the last message of the mailbox, its text changed after the seal was put on, as another message. */
export function receiveBroken(sandbox: Sandbox): Buffer {
	const whole = inbox(sandbox).at(-1)?.raw.toString('latin1') ?? '';
	const broken = whole
		.replace(/^Message-ID: </im, 'Message-ID: <altered-')
		.replace('Buongiorno', 'Buonasera!');
	const raw = Buffer.from(broken, 'latin1');
	sandbox.deliverRaw(raw, STUDIO);
	return raw;
}

export const inbox = (sandbox: Sandbox) =>
	sandbox.store.account(STUDIO)?.folder('INBOX')?.messages ?? [];

/** Files below the folder, by path. */
export function filesIn(folder: string): Map<string, Buffer> {
	if (!existsSync(folder)) return new Map();
	const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
	return new Map(
		paths
			.filter((path) => statSync(join(folder, path)).isFile())
			.map((path) => [path, readFileSync(join(folder, path))]),
	);
}
