import { mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { itemsOf, type ExecutionData } from '../../scripts/editor/workflow.ts';
import { useEditor } from './harness.ts';
import {
	STUDIO,
	createFlow,
	credentialFor,
	folder,
	mailing,
	pec,
	rows,
	startSandbox,
	type NodeSpec,
} from './flows.ts';
import { sha256 } from '../sha256.ts';

async function setUp() {
	const { rest, dataFolder } = await useEditor();
	const sandbox = await startSandbox();
	const credential = await rest.createCredential(credentialFor(sandbox));
	mkdirSync(dataFolder, { recursive: true });
	const archive = mkdtempSync(join(dataFolder, 'archive-'));
	const run = async (...nodes: NodeSpec[]) => await (await createFlow(rest, nodes)).run();
	const held = () => sandbox.store.account(STUDIO)?.folder('INBOX')?.messages ?? [];

	const list = pec('pecMailbox', 'List', credential, {
		resource: 'message',
		operation: 'getMany',
		folder: folder('INBOX'),
		returnAll: true,
		filters: {},
	});
	const exported = pec('pecMailbox', 'Export', credential, {
		resource: 'preservation',
		operation: 'export',
		pecKey: '={{ $json.pecKey }}',
		outputField: 'data',
	});
	const write: NodeSpec = {
		name: 'Write',
		type: 'n8n-nodes-base.readWriteFile',
		typeVersion: 1.1,
		parameters: {
			operation: 'write',
			fileName: `=${archive}/{{ $json.fileName }}`,
			dataPropertyName: 'data',
			options: {},
		},
	};
	const checkFiles = [
		rows([{}]),
		{
			name: 'Read',
			type: 'n8n-nodes-base.readWriteFile',
			typeVersion: 1.1,
			parameters: { operation: 'read', fileSelector: `${archive}/*.eml`, options: {} },
		},
		pec(
			'pecMailbox',
			'Check',
			credential,
			{
				resource: 'preservation',
				operation: 'checkCopy',
				binaryField: 'data',
				location: `=${archive}/{{ $json.fileName }}`,
			},
			{ onError: 'continueErrorOutput' },
		),
	];
	const cleanUp = (operation: 'plan' | 'delete') =>
		pec('pecMailbox', 'Clean', credential, {
			resource: 'cleanUp',
			operation,
			folders: 'INBOX',
			olderThanDays: 0,
			keepUnread: false,
		});
	return {
		rest,
		sandbox,
		credential,
		archive,
		run,
		held,
		list,
		exported,
		write,
		checkFiles,
		cleanUp,
	};
}

/** What went, without the summary that comes last. */
const deletions = (execution: ExecutionData) =>
	json(execution, 'Clean').flatMap(({ deletion }) => (deletion ? [deletion] : [])) as Array<
		Record<string, string>
	>;

const json = (execution: ExecutionData, node: string, output = 0) =>
	itemsOf(execution, node, { output }).map((item) => item.json);

describe('PEC Mailbox: copy, check, delete', () => {
	it('deletes what has a checked copy, and nothing else', async () => {
		const { sandbox, credential, archive, run, held, list, exported, write, checkFiles, cleanUp } =
			await setUp();
		await run(rows([{ pec: 'cliente01@pec.beta.test', file: 'A1' }]), mailing(credential, 'Copia'));
		await sandbox.settled();
		const originals = held().map(({ raw }) => sha256(raw));
		expect(originals).toHaveLength(2);

		const before = await run(cleanUp('delete'));
		expect(json(before, 'Clean')).toMatchObject([
			{ cleanUp: { deleted: { messages: 0 }, kept: 2 } },
		]);
		expect(held()).toHaveLength(2);

		const copied = await run(list, exported, write);
		expect(
			json(copied, 'Export')
				.map((one) => one.sha256)
				.sort(),
		).toEqual([...originals].sort());
		const files = readdirSync(archive).map((name) => sha256(readFileSync(join(archive, name))));
		expect(files.sort()).toEqual([...originals].sort());

		const checked = await run(...checkFiles);
		expect(json(checked, 'Check')).toMatchObject([
			{ copy: { level: 'checked', method: 'readBack' } },
			{ copy: { level: 'checked', method: 'readBack' } },
		]);
		await sandbox.sendAs('cliente02@pec.beta.test', { to: [STUDIO], subject: 'Nuova', text: '' });
		await sandbox.settled();

		const planned = json(await run(cleanUp('plan')), 'Clean') as Array<{
			plan: { verdict: string; blockedBy: string[] };
		}>;
		expect(planned.map(({ plan }) => [plan.verdict, plan.blockedBy])).toEqual([
			['keep', ['noCopy']],
			['delete', []],
			['delete', []],
		]);
		const deleted = deletions(await run(cleanUp('delete')));
		expect(deleted.map((one) => one.sha256).sort()).toEqual([...originals].sort());
		for (const { location, sha256: hash } of deleted) {
			expect(sha256(readFileSync(location ?? ''))).toBe(hash);
		}
		expect(deleted[1]?.previous).toBe(deleted[0]?.hash);
		expect(held()).toHaveLength(1);
	});

	it('still knows the outcome of a mailing whose receipts were deleted, and sends nothing again', async () => {
		const { sandbox, credential, run, held, list, exported, write, checkFiles, cleanUp } =
			await setUp();
		const people = [{ pec: 'cliente01@pec.beta.test', file: 'A1' }];
		await run(rows(people), mailing(credential, 'Memoria'));
		await sandbox.settled();
		await run(list, exported, write);
		await run(...checkFiles);
		await run(cleanUp('delete'));
		expect(held()).toEqual([]);
		const again = await run(rows(people), mailing(credential, 'Memoria'));
		expect(json(again, 'Send')).toMatchObject([{ action: 'alreadySent', state: 'delivered' }]);
		expect(sandbox.log.submissions()).toHaveLength(1);
	});

	it('refuses a copy that the storage changed, cut off or replaced, and deletes nothing for it', async () => {
		const { sandbox, archive, run, held, list, exported, write, checkFiles, cleanUp } =
			await setUp();
		for (const name of ['01', '02', '03']) {
			await sandbox.sendAs(`cliente${name}@pec.beta.test`, {
				to: [STUDIO],
				subject: `Documenti ${name}`,
				text: 'Buongiorno',
			});
		}
		await sandbox.settled();
		await run(list, exported, write);
		const [changed, cut, replaced] = readdirSync(archive).map((name) => join(archive, name));
		const bytes = readFileSync(changed ?? '');
		bytes[bytes.length - 20] = (bytes[bytes.length - 20] ?? 0) ^ 1;
		writeFileSync(changed ?? '', bytes);
		writeFileSync(cut ?? '', readFileSync(cut ?? '').subarray(0, 2_000));
		writeFileSync(replaced ?? '', '<html>502 Bad Gateway</html>');
		const checked = await run(...checkFiles);
		expect(json(checked, 'Check')).toEqual([]);
		const errors = json(checked, 'Check', 1).map(({ error }) => String(error));
		expect(errors).toHaveLength(3);
		expect(errors.filter((error) => /differs/.test(error))).toHaveLength(1);
		expect(errors.filter((error) => /holds no message/.test(error))).toHaveLength(2);
		expect(deletions(await run(cleanUp('delete')))).toEqual([]);
		expect(held()).toHaveLength(3);
	});

	it('keeps the receipts of sendings that are pending or failed, though copied and checked', async () => {
		const { sandbox, credential, run, held, list, exported, write, checkFiles, cleanUp } =
			await setUp();
		sandbox.holdDeliveries();
		await run(
			rows([{ pec: 'cliente01@pec.beta.test', file: 'pending' }]),
			mailing(credential, 'In attesa'),
		);
		await sandbox.settled();
		await run(list, exported, write);
		await run(...checkFiles);
		expect(deletions(await run(cleanUp('delete')))).toEqual([]);
		await sandbox.releaseDeliveries();
		await run(
			rows([{ pec: 'nessuno@pec.beta.test', file: 'failed' }]),
			mailing(credential, 'Fallita'),
		);
		await sandbox.settled();
		await run(list, exported, write);
		await run(...checkFiles);
		expect(deletions(await run(cleanUp('delete')))).toHaveLength(2);
		const wireTypes = held().map(({ raw }) => /^X-Ricevuta: (.*)$/im.exec(raw.toString())?.[1]);
		expect(wireTypes).toEqual(['accettazione', 'errore-consegna']);

		const failed = sandbox.log.submissions().at(-1)?.messageId ?? '';
		const acknowledged = await run(
			pec('pecMailbox', 'Acknowledge', credential, {
				resource: 'thread',
				operation: 'acknowledge',
				messageId: failed,
				recipient: '',
				note: 'Sentito per telefono (M. Bianchi)',
				closeAwaited: false,
			}),
		);
		expect(json(acknowledged, 'Acknowledge')).toMatchObject([
			{ acknowledgement: { state: 'complete', failures: [{ type: 'nonDelivery' }] } },
		]);
		expect(deletions(await run(cleanUp('delete')))).toHaveLength(2);
		expect(held()).toEqual([]);
	});

	it('copies into an ordinary mailbox, checks, deletes, and says where each is', async () => {
		const { rest, sandbox, credential, run, held } = await setUp();
		for (const name of ['01', '02']) {
			await sandbox.sendAs(`cliente${name}@pec.beta.test`, {
				to: [STUDIO],
				subject: `Documenti ${name}`,
				text: 'Buongiorno',
			});
		}
		await sandbox.settled();
		const originals = held().map(({ raw }) => sha256(raw));
		const ordinary = 'alfa2@pec.alfa.test';
		const { password } = sandbox.accounts.find(({ address }) => address === ordinary) ?? {};
		const archive = await rest.createCredential({
			name: `Archive ${sandbox.imap.port}`,
			type: 'archiveMailboxApi',
			data: {
				email: ordinary,
				password,
				imapHost: 'localhost',
				imapPort: sandbox.imap.port,
				imapSecurity: 'tls',
				tlsCa: sandbox.tlsCa,
			},
		});
		const node = pec('pecMailbox', 'Clean', credential, {
			resource: 'cleanUp',
			operation: 'copyAndDelete',
			archiveSignIn: 'password',
			archiveFolder: 'PEC',
			folders: '',
			olderThanDays: 0,
			keepUnread: false,
			options: { maxMessages: 1 },
		});
		const { id, name } = archive;
		const withArchive = {
			...node,
			credentials: { ...node.credentials, archiveMailboxApi: { id, name } },
		};
		const first = await run(withArchive);
		expect(json(first, 'Clean').at(-1)).toMatchObject({
			cleanUp: { copied: { messages: 1 }, left: { messages: 1 }, stopped: { because: 'budget' } },
		});
		const second = await run(withArchive);
		const deleted = [...deletions(first), ...deletions(second)];
		expect(deleted.map((one) => one.sha256).sort()).toEqual([...originals].sort());
		expect(deleted.map(({ location }) => location)).toEqual([
			`imap:${ordinary}/PEC`,
			`imap:${ordinary}/PEC`,
		]);
		expect(held()).toEqual([]);
		const copies = sandbox.store.account(ordinary)?.folder('PEC')?.messages ?? [];
		expect(copies.map(({ raw }) => sha256(raw)).sort()).toEqual([...originals].sort());
	});

	it('names a folder that does not exist', async () => {
		const { credential, run } = await setUp();
		const stopped = await run(
			pec('pecMailbox', 'List', credential, {
				resource: 'message',
				operation: 'getMany',
				folder: folder('INBOX/Nessuna'),
				returnAll: true,
				filters: {},
			}),
		);
		expect(stopped.status).toBe('error');
		expect(stopped.error?.message).toMatch(/INBOX\/Nessuna.*\[item 0\]/s);
	});

	it('gets a whole message with its attachments and its bytes', async () => {
		const { rest, sandbox, credential, run, held } = await setUp();
		await sandbox.sendAs('cliente02@pec.beta.test', {
			to: [STUDIO],
			subject: 'Documenti è',
			text: 'Buongiorno',
			attachments: [{ filename: 'elenco.csv', content: Buffer.from('a;b\r\n1;2\r\n') }],
		});
		await sandbox.settled();
		const got = await run(
			pec('pecMailbox', 'List', credential, {
				resource: 'message',
				operation: 'getMany',
				folder: folder('INBOX'),
				limit: 1,
				filters: { kinds: ['transportEnvelope'] },
			}),
			pec('pecMailbox', 'Get', credential, {
				resource: 'message',
				operation: 'get',
				pecKey: '={{ $json.pecKey }}',
				include: ['attachments', 'message'],
			}),
		);
		const [item] = itemsOf(got, 'Get');
		expect(item?.json).toMatchObject({
			kind: 'transportEnvelope',
			consistent: true,
			verified: true,
			signature: { integrity: 'intact', signer: 'trusted' },
			original: {
				subject: 'Documenti è',
				attachments: [{ fileName: 'elenco.csv', size: 10, binaryField: 'attachment_0' }],
			},
			mailbox: { folder: 'INBOX', account: STUDIO },
		});
		expect(JSON.stringify(item?.json)).not.toContain('"content"');
		const whole = await rest.binaryData(item?.binary?.data?.id ?? '');
		expect(sha256(whole)).toBe(sha256(held()[0]?.raw ?? Buffer.alloc(0)));
		const attachment = await rest.binaryData(item?.binary?.attachment_0?.id ?? '');
		expect(attachment.toString()).toBe('a;b\r\n1;2\r\n');
	});

	it('shows the space as the server counts it', async () => {
		const { sandbox, credential, run } = await setUp();
		await sandbox.sendAs('cliente02@pec.beta.test', { to: [STUDIO], subject: 'x', text: 'x' });
		await sandbox.settled();
		const got = await run(
			pec('pecMailbox', 'Space', credential, {
				resource: 'space',
				operation: 'get',
				threshold: 80,
			}),
		);
		const account = sandbox.store.account(STUDIO);
		const [{ space } = { space: undefined }] = json(got, 'Space') as Array<{
			space: { used: number; limit: number; source: string; folders: object[] };
		}>;
		expect(space).toMatchObject({
			limit: account?.quotaLimit,
			source: 'quota',
			overThreshold: false,
		});
		expect(Math.abs((space?.used ?? 0) - (account?.usedBytes ?? 0))).toBeLessThan(1024);
		expect(space?.folders).toContainEqual({
			path: 'INBOX',
			messages: 1,
			size: account?.usedBytes,
		});
	});
});
