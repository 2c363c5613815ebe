import { describe, expect, it } from 'vitest';
import { itemsOf } from '../../scripts/editor/workflow.ts';
import { faultsOfBag, unzip } from '../pec/bagChecker.ts';
import {
	STUDIO,
	createFlow,
	credentialFor,
	folder,
	mailing,
	pec,
	rows,
	startSandbox,
} from './flows.ts';
import { useEditor } from './harness.ts';
import { sha256 } from '../sha256.ts';

const CLIENT = 'cliente01@pec.beta.test';

async function setUp() {
	const { rest } = await useEditor();
	const sandbox = await startSandbox();
	const credential = await rest.createCredential(credentialFor(sandbox));
	const run = async (parameters: Readonly<Record<string, unknown>>) => {
		const flow = await createFlow(rest, [pec('pecMailbox', 'Mailbox', credential, parameters)]);
		return itemsOf(await flow.run(), 'Mailbox');
	};
	const bytesOf = async (item: Awaited<ReturnType<typeof run>>[number] | undefined) =>
		await rest.binaryData(item?.binary?.data?.id ?? '');
	const raws = () => sandbox.store.account(STUDIO)?.folder('INBOX')?.messages ?? [];
	return { sandbox, run, bytesOf, raws };
}

describe('PEC Mailbox: preservation, in a real n8n', () => {
	it('exports large and small messages of a period, to the byte', async () => {
		const { sandbox, run, bytesOf, raws } = await setUp();
		const content = Buffer.alloc(5_000_000, 'grande');
		const attachments = [{ filename: 'grande.bin', content }];
		await sandbox.sendAs(CLIENT, { to: [STUDIO], subject: 'Grande', text: '', attachments });
		await sandbox.sendAs(CLIENT, { to: [STUDIO], subject: 'Piccolo', text: '' });
		await sandbox.settled();
		const items = await run({
			resource: 'preservation',
			operation: 'export',
			messagesFrom: 'period',
			folder: folder('INBOX'),
			since: '2020-01-01T00:00:00',
			outputField: 'data',
		});
		const expected = raws().map(({ raw }) => sha256(raw));
		expect(items.map(({ json }) => json.sha256)).toEqual(expected);
		for (const [index, item] of items.entries()) {
			expect(sha256(await bytesOf(item))).toBe(expected[index]);
		}
	});

	it('builds the evidence file of a whole mailing through the form, in parts', async () => {
		const { rest } = await useEditor();
		const sandbox = await startSandbox();
		const credential = await rest.createCredential(credentialFor(sandbox));
		const count = 40;
		const file = pec('pecMailbox', 'Fascicolo', credential, {
			resource: 'thread',
			operation: 'buildFile',
			findBy: 'mailing',
			mailingName: 'Avvisi',
			recipient: '',
			rowKey: '',
			outputField: 'fascicolo',
			options: { splitAt: 2 },
		});
		const clients = Array.from({ length: count }, (_, index) => ({
			pec: `cliente${String((index % 10) + 1).padStart(2, '0')}@pec.beta.test`,
			file: `P${index + 1}`,
		}));
		const sending = await createFlow(rest, [rows(clients), mailing(credential, 'Avvisi')]);
		await sending.run(120_000);
		await sandbox.settled();
		const items = itemsOf(await (await createFlow(rest, [file])).run(120_000), 'Fascicolo');
		expect(items.length).toBeGreaterThan(1);
		const hashes: string[] = [];
		for (const [index, { json, binary }] of items.entries()) {
			const zip = await rest.binaryData(binary?.fascicolo?.id ?? '');
			expect(json).toMatchObject({
				evidenceFile: {
					part: index + 1,
					parts: items.length,
					complete: true,
					file: { sha256: sha256(zip), size: zip.length },
				},
			});
			const files = await unzip(zip);
			expect(files.get('riepilogo.html')?.toString()).toContain(
				`parte ${index + 1} di ${items.length}`,
			);
			for (const [path, bytes] of files) if (path.endsWith('.eml')) hashes.push(sha256(bytes));
		}
		const inbox = sandbox.store.account(STUDIO)?.folder('INBOX')?.messages ?? [];
		expect(inbox).toHaveLength(2 * count);
		expect(hashes.toSorted()).toEqual(inbox.map(({ raw }) => sha256(raw)).toSorted());
	});

	it('builds a package and an evidence file that n8n’s store gives back whole', async () => {
		const { sandbox, run, bytesOf } = await setUp();
		const { messageId } = await sandbox.sendAs(STUDIO, {
			to: [CLIENT],
			subject: 'Avviso',
			text: '',
		});
		await sandbox.settled();
		const [packed] = await run({
			resource: 'preservation',
			operation: 'buildPackage',
			threadsFrom: 'period',
			ownerName: 'Studio',
			outputField: 'data',
			options: {},
		});
		const bag = await bytesOf(packed);
		expect(packed?.json).toMatchObject({
			package: { file: { sha256: sha256(bag), size: bag.length }, parts: 1 },
		});
		expect(faultsOfBag(await unzip(bag))).toEqual([]);
		const [file] = await run({
			resource: 'thread',
			operation: 'buildFile',
			findBy: 'messageId',
			messageId,
			outputField: 'data',
			options: {},
		});
		expect(file?.json).toMatchObject({ evidenceFile: { complete: true } });
		const names = [...(await unzip(await bytesOf(file))).keys()];
		expect(names).toContain(`${CLIENT}/riepilogo.html`);
	});
});
