import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { itemsOf, type ExecutionData } from '../../scripts/editor/workflow.ts';
import { OPENSSH_MISSING, sshdPath, startOpenSsh } from '../servers/openssh.ts';
import type { OpenSshOptions } from '../servers/openssh.ts';
import { STUDIO, createFlow, credentialFor, folder, pec, startSandbox } from './flows.ts';
import type { NodeSpec } from './flows.ts';
import { useEditor } from './harness.ts';
import { sftpCredential } from './storages.ts';
import { sha256 } from '../sha256.ts';

const missing = sshdPath() === undefined;
const LARGE = 5_000_000;

/** A mailbox with a small message and a large one, and nodes between it and an SFTP server. */
async function setUp(options: OpenSshOptions = {}) {
	const { rest } = await useEditor();
	const sandbox = await startSandbox();
	const server = await startOpenSsh(options);
	onTestFinished(async () => await server.stop());
	const credential = await rest.createCredential(credentialFor(sandbox));
	const { id, name } = await rest.createCredential(sftpCredential(server));
	const archive = join(server.storage, 'pec', '2026');
	await sandbox.sendAs('cliente01@pec.beta.test', { to: [STUDIO], subject: 'Piccolo', text: 'x' });
	await sandbox.sendAs('cliente02@pec.beta.test', {
		to: [STUDIO],
		subject: 'Grande',
		text: 'x',
		attachments: [{ filename: 'grande.bin', content: Buffer.alloc(LARGE, 'grande') }],
	});
	await sandbox.settled();

	const storage = (node: string, parameters: Readonly<Record<string, unknown>>): NodeSpec => ({
		name: node,
		type: 'n8n-nodes-base.ftp',
		typeVersion: 1.1,
		parameters: { protocol: 'sftp', options: {}, ...parameters },
		credentials: { sftp: { id, name } },
		onError: 'continueErrorOutput',
	});
	const mailbox = (node: string, parameters: Readonly<Record<string, unknown>>) =>
		pec('pecMailbox', node, credential, parameters);
	const list = mailbox('List', {
		resource: 'message',
		operation: 'getMany',
		folder: folder('INBOX'),
		returnAll: true,
		filters: {},
	});
	const exported = mailbox('Export', {
		resource: 'preservation',
		operation: 'export',
		pecKey: '={{ $json.pecKey }}',
		outputField: 'data',
	});
	const path = `=${archive}/{{ $json.fileName }}`;
	const upload = storage('Upload', { operation: 'upload', path, binaryPropertyName: 'data' });
	const download = storage('Download', { operation: 'download', path, binaryPropertyName: 'data' });
	const check: NodeSpec = {
		...mailbox('Check', {
			resource: 'preservation',
			operation: 'checkCopy',
			binaryField: 'data',
			location: '=sftp:{{ $json.fileName }}',
		}),
		onError: 'continueErrorOutput',
	};
	/** For all items once. */
	const cleanUp: readonly NodeSpec[] = [
		{ name: 'Once', type: 'n8n-nodes-base.limit', typeVersion: 1, parameters: {} },
		mailbox('Clean', {
			resource: 'cleanUp',
			operation: 'delete',
			folders: 'INBOX',
			olderThanDays: 0,
			keepUnread: false,
		}),
	];
	return {
		archive,
		list,
		exported,
		upload,
		download,
		check,
		cleanUp,
		held: () => sandbox.store.account(STUDIO)?.folder('INBOX')?.messages ?? [],
		run: async (...nodes: readonly NodeSpec[]) => await (await createFlow(rest, nodes)).run(),
	};
}

const json = (execution: ExecutionData, node: string, output = 0) =>
	itemsOf(execution, node, { output }).map((item) => item.json);

const deletions = (execution: ExecutionData) =>
	json(execution, 'Clean').flatMap(({ deletion }) => (deletion ? [deletion] : [])) as Array<
		Record<string, string>
	>;

describe(`PEC Mailbox with an SFTP server as storage${missing ? ` (${OPENSSH_MISSING})` : ''}`, () => {
	it.skipIf(missing)('deletes what the server gave back to the byte', async () => {
		const desk = await setUp();
		const originals = desk.held().map(({ raw }) => sha256(raw));
		const { list, exported, upload, download, check, cleanUp } = desk;
		const done = await desk.run(list, exported, upload, download, check, ...cleanUp);
		const deleted = deletions(done);
		expect(deleted.map((one) => one.sha256).sort()).toEqual([...originals].sort());
		for (const { location = '', sha256: hash } of deleted) {
			expect(sha256(readFileSync(join(desk.archive, location.replace('sftp:', ''))))).toBe(hash);
		}
		expect(desk.held()).toEqual([]);
	});

	it.skipIf(missing)('deletes nothing that the server gives back changed or cut off', async () => {
		const desk = await setUp();
		const { list, exported, upload, download, check, cleanUp } = desk;
		await desk.run(list, exported, upload);
		const [one = '', other = ''] = readdirSync(desk.archive).map((name) =>
			join(desk.archive, name),
		);
		const bytes = readFileSync(one);
		bytes[bytes.length - 20] = (bytes[bytes.length - 20] ?? 0) ^ 1;
		writeFileSync(one, bytes);
		writeFileSync(other, readFileSync(other).subarray(0, 2_000));
		const checked = await desk.run(list, exported, download, check);
		expect(json(checked, 'Check')).toEqual([]);
		expect(
			json(checked, 'Check', 1)
				.map(({ error }) => String(error))
				.sort(),
		).toMatchObject([
			expect.stringContaining('copy differs from the message'),
			expect.stringContaining('holds no message with these bytes'),
		]);
		expect(deletions(await desk.run(...cleanUp))).toEqual([]);
		expect(desk.held()).toHaveLength(2);
	});

	// n8n's FTP node (2.40.5) takes a file for written although the server refused the rest of it.
	it.skipIf(missing)('keeps the message of which the server took only a part', async () => {
		const desk = await setUp({ largestFile: LARGE / 2 });
		const { list, exported, upload, download, check, cleanUp } = desk;
		const done = await desk.run(list, exported, upload, download, check, ...cleanUp);
		const sizes = readdirSync(desk.archive).map((name) => statSync(join(desk.archive, name)).size);
		expect(sizes.every((size) => size <= LARGE / 2)).toBe(true);
		expect(json(done, 'Check', 1)).toMatchObject([
			{ error: expect.stringContaining('holds no message with these bytes') },
		]);
		expect(deletions(done)).toHaveLength(1);
		expect(desk.held().map(({ raw }) => raw.length > LARGE)).toEqual([true]);
	});
});
