import { simpleParser } from 'mailparser';
import { describe, expect, it } from 'vitest';
import type { CredentialInput, SavedCredential } from '../../scripts/editor/restTypes.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import { itemsOf, type ExecutionData } from '../../scripts/editor/workflow.ts';
import { asOwner } from '../servers/sandboxAccount.ts';
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
import { useEditor } from './harness.ts';

/** Stands for an ordinary mailbox: nothing here asks what kind of mailbox it is. */
const ARCHIVE = 'alfa2@pec.alfa.test';

function archiveCredential(
	sandbox: Sandbox,
	changes: Readonly<Record<string, unknown>> = {},
): CredentialInput {
	const { password } = sandbox.accounts.find(({ address }) => address === ARCHIVE) ?? {};
	return {
		name: `Archive ${sandbox.imap.port}`,
		type: 'archiveMailboxApi',
		data: {
			email: ARCHIVE,
			password,
			imapHost: 'localhost',
			imapPort: sandbox.imap.port,
			imapSecurity: 'tls',
			tlsCa: sandbox.tlsCa,
			...changes,
		},
	};
}

async function setUp() {
	const { rest } = await useEditor();
	const sandbox = await startSandbox();
	const credential = await rest.createCredential(credentialFor(sandbox));
	const archive = await rest.createCredential(archiveCredential(sandbox));
	const node = (name: string, operation: string, parameters: object): NodeSpec =>
		withArchive(
			pec('pecMailbox', name, credential, { resource: 'message', operation, ...parameters }),
			archive,
		);
	const list = (parameters: object = {}) =>
		node('List', 'getMany', {
			folders: 'one',
			folder: folder('INBOX'),
			returnAll: true,
			filters: {},
			options: {},
			...parameters,
		});
	const copy = (form: string) =>
		node('Copy', 'copyToMailbox', {
			pecKey: '={{ $json.pecKey }}',
			archiveSignIn: 'password',
			archiveFolder: 'PEC/{year}',
			form,
			options: {},
		});
	const run = async (...nodes: NodeSpec[]) => await (await createFlow(rest, nodes)).run();
	const held = (address: string, path: string) =>
		sandbox.store.account(address)?.folder(path)?.messages ?? [];
	const receive = async (subject: string) => {
		await sandbox.sendAs('cliente02@pec.beta.test', {
			to: [STUDIO],
			subject,
			text: 'Buongiorno',
			attachments: [{ filename: 'elenco.csv', content: Buffer.from('a;b\r\n1;2\r\n') }],
		});
		await sandbox.settled();
	};
	return { rest, sandbox, credential, node, list, copy, run, held, receive };
}

function withArchive(node: NodeSpec, { id, name }: SavedCredential): NodeSpec {
	return { ...node, credentials: { ...node.credentials, archiveMailboxApi: { id, name } } };
}

const json = (execution: ExecutionData, node: string) => {
	expect(execution.error?.message).toBeUndefined();
	return itemsOf(execution, node).map((item) => item.json);
};

describe('PEC Mailbox: Message', () => {
	it('copies to an ordinary mailbox once, and finds the copy when the message has left', async () => {
		const { sandbox, node, list, copy, run, held, receive } = await setUp();
		await receive('Documenti');
		const year = new Date().toLocaleDateString('en-CA', { timeZone: 'Europe/Rome' }).slice(0, 4);
		const [first] = json(await run(list(), copy('exact')), 'Copy');
		expect(first).toMatchObject({
			copied: {
				account: ARCHIVE,
				location: `imap:${ARCHIVE}/PEC/${year}`,
				form: 'exact',
				wasThere: false,
				compared: 'equal',
			},
			copy: { level: 'checked', method: 'readBack' },
		});
		const [again] = json(await run(list(), copy('exact')), 'Copy');
		expect(again).toMatchObject({ copied: { wasThere: true } });
		const [original] = held(STUDIO, 'INBOX');
		expect(held(ARCHIVE, `PEC/${year}`).map(({ raw }) => raw.equals(original?.raw ?? raw))).toEqual(
			[true],
		);
		await asOwner(sandbox, STUDIO, async (client) => {
			await client.mailboxOpen('INBOX');
			await client.messageDelete('1:*', { uid: true });
		});
		expect(held(STUDIO, 'INBOX')).toEqual([]);
		const found = await run(node('Find', 'find', { findBy: { subject: 'documenti' }, limit: 10 }));
		expect(json(found, 'Find')).toMatchObject([
			{
				where: 'copy',
				pecKey: first?.pecKey,
				kind: 'transportEnvelope',
				location: `imap:${ARCHIVE}/PEC/${year}`,
				level: 'checked',
			},
		]);
	});

	it('copies in a form that any mail program shows, with the envelope inside', async () => {
		const { list, copy, run, held, receive } = await setUp();
		await receive('Leggibile è');
		const [copied] = json(await run(list(), copy('readable')), 'Copy');
		expect(copied).toMatchObject({ copied: { form: 'readable', compared: 'equal' } });
		const { folder: path } = (copied?.copied ?? {}) as { folder: string };
		const [message] = held(ARCHIVE, path);
		const read = await simpleParser(message?.raw ?? Buffer.alloc(0));
		expect(read.subject).toBe('Leggibile è');
		expect(read.from?.value[0]?.address).toBe('cliente02@pec.beta.test');
		expect(read.text).toContain('Buongiorno');
		expect(read.attachments.map(({ filename }) => filename)).toEqual([
			'elenco.csv',
			expect.stringMatching(/^busta-[0-9a-f]{24}\.eml$/),
		]);
		expect(read.attachments[1]?.content.equals(held(STUDIO, 'INBOX')[0]?.raw ?? message!.raw)).toBe(
			true,
		);
	});

	it('marks a message and moves it to a folder that it makes', async () => {
		const { node, list, run, held, receive } = await setUp();
		await receive('Pratica 12');
		const bytes = held(STUDIO, 'INBOX')[0]?.raw;
		const update = node('Update', 'update', {
			pecKey: '={{ $json.pecKey }}',
			mark: 'read',
			flag: 'flagged',
			place: 'move',
			targetFolder: folder('Pratiche/12'),
			options: { missingFolder: 'create' },
		});
		expect(json(await run(list(), update), 'Update')).toMatchObject([
			{ mailbox: { account: STUDIO, folder: 'Pratiche/12' } },
		]);
		expect(held(STUDIO, 'INBOX')).toEqual([]);
		const [moved] = held(STUDIO, 'Pratiche/12');
		expect(moved?.raw.equals(bytes ?? Buffer.alloc(0))).toBe(true);
		expect([...(moved?.flags ?? [])]).toEqual(expect.arrayContaining(['\\Seen', '\\Flagged']));
	});

	it('lists what a mailing brought, by row, page by page, and what has no copy yet', async () => {
		const { sandbox, credential, list, copy, run } = await setUp();
		const people = ['A1', 'A2', 'A3'].map((file, index) => ({
			pec: `cliente0${index + 1}@pec.beta.test`,
			file,
		}));
		await run(rows(people), mailing(credential, 'Elenco'));
		await run(rows([{ pec: 'cliente01@pec.beta.test', file: 'B1' }]), mailing(credential, 'Altro'));
		await sandbox.settled();
		const ofMailing = { folders: 'all', filters: { mailing: 'Elenco' } };
		const all = json(await run(list(ofMailing)), 'List');
		expect(all).toHaveLength(6);
		const paged: unknown[] = [];
		let after = '';
		for (let pages = 0; pages < 2; pages += 1) {
			const page = json(
				await run(list({ ...ofMailing, returnAll: false, limit: 4, options: { after } })),
				'List',
			);
			paged.push(...page.map(({ pecKey }) => pecKey));
			after = String(page.at(-1)?.cursor);
		}
		expect(paged).toEqual(all.map(({ pecKey }) => pecKey));
		const ofRow = { filters: { rowKey: 'A2' } };
		const receipts = json(await run(list(ofRow), copy('exact')), 'Copy');
		expect(receipts).toHaveLength(2);
		const left = await run(list({ filters: { mailing: 'Elenco', copy: 'without' } }));
		expect(json(left, 'List')).toHaveLength(4);
	});

	it('the Test button of an ordinary mailbox says whether it opens', async () => {
		const { rest, sandbox } = await setUp();
		expect(await rest.testCredential(archiveCredential(sandbox))).toMatchObject({ status: 'OK' });
		const wrong = await rest.testCredential(archiveCredential(sandbox, { password: 'sbagliata' }));
		expect(wrong.status).toBe('Error');
		expect(wrong.message).not.toContain('sbagliata');
	});
});
