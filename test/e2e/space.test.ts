import { describe, expect, it } from 'vitest';
import { itemsOf } from '../../scripts/editor/workflow.ts';
import { useEditor } from './harness.ts';
import {
	STUDIO,
	createFlow,
	credentialFor,
	mailing,
	pec,
	rows,
	startSandbox,
	type NodeSpec,
} from './flows.ts';

async function setUp() {
	const { rest } = await useEditor();
	const sandbox = await startSandbox();
	const credential = await rest.createCredential(credentialFor(sandbox));
	const run = async (...nodes: NodeSpec[]) => await (await createFlow(rest, nodes)).run();
	const space = (parameters: Readonly<Record<string, unknown>>) =>
		pec('pecMailbox', 'Space', credential, { resource: 'space', threshold: 80, ...parameters });
	return { rest, sandbox, credential, run, space };
}

interface ReportItem {
	report: {
		total: { messages: number; size: number };
		kinds: Array<{ kind: string; messages: number }>;
		policies?: Array<{ olderThanDays: number; now: object; afterCopy: { messages: number } }>;
		space: { limit: number; source: string };
	};
}

describe('PEC Mailbox: space', () => {
	it('reports what fills the mailbox, with a page whose charts come with the package', async () => {
		const { rest, sandbox, credential, run, space } = await setUp();
		await run(
			rows([{ pec: 'cliente01@pec.beta.test', file: 'A1' }]),
			mailing(credential, 'Spazio'),
		);
		await sandbox.sendAs('cliente02@pec.beta.test', { to: [STUDIO], subject: 'x', text: 'x' });
		await sandbox.settled();
		const held = sandbox.store.account(STUDIO)?.folder('INBOX')?.messages ?? [];

		const got = await run(
			space({ operation: 'report', olderThanDays: '0, 30', language: 'it', options: {} }),
		);
		const [item] = itemsOf(got, 'Space');
		const { report } = item?.json as unknown as ReportItem;
		expect(report.total).toEqual({
			messages: held.length,
			size: held.reduce((sum, { raw }) => sum + raw.length, 0),
		});
		expect(report.kinds.map(({ kind, messages }) => [kind, messages]).sort()).toEqual([
			['receipt', 2],
			['transportEnvelope', 1],
		]);
		// Both receipts of the sending that was delivered; the envelope is unread.
		expect(report.policies).toMatchObject([
			{ olderThanDays: 0, now: { messages: 0 }, afterCopy: { messages: 2 } },
			{ olderThanDays: 30, afterCopy: { messages: 0 } },
		]);
		const page = (await rest.binaryData(item?.binary?.report?.id ?? '')).toString();
		expect(item?.binary?.report?.mimeType).toBe('text/html');
		expect(page).toContain('Spazio della casella PEC');
		expect(page.match(/<svg role="img"/g)?.length).toBeGreaterThan(3);
	});

	it('tells how full a mailbox is of which the server says nothing, by the size given', async () => {
		const { sandbox, run, space } = await setUp();
		sandbox.withoutCapabilities(['QUOTA', 'QUOTA=RES-STORAGE', 'STATUS=SIZE']);
		await sandbox.sendAs('cliente02@pec.beta.test', {
			to: [STUDIO],
			subject: 'Grande',
			text: 'x',
			attachments: [{ filename: 'a.bin', content: Buffer.alloc(1_000_000, 7) }],
		});
		await sandbox.settled();
		const got = await run(space({ operation: 'get', options: { mailboxSize: 1 } }));
		expect(itemsOf(got, 'Space')[0]?.json).toMatchObject({
			space: {
				used: sandbox.store.account(STUDIO)?.usedBytes,
				limit: 1024 * 1024,
				source: 'sum',
				limitSource: 'given',
				overThreshold: true,
			},
		});
	});
});
