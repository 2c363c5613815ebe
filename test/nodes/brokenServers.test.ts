import { expect, it, onTestFinished } from 'vitest';
import type { IDataObject } from 'n8n-workflow';
import { PecSend } from '../../nodes/PecSend/PecSend.node.ts';
import { openRecords } from '../../nodes/account/records.ts';
import { openImap } from '../../nodes/mail/imap.ts';
import type { ImapSession } from '../../nodes/mail/types.ts';
import { openAccount } from '../../nodes/n8n/account.ts';
import { readCredential } from '../../nodes/n8n/credential.ts';
import { messageIdOf, planMailing } from '../../nodes/pec/batch.ts';
import { start } from '../../sandbox/index.ts';
import { createPki } from '../../sandbox/pki/hierarchy.ts';
import { executeFunctions } from './executeFunctions.ts';
import { startScripted } from '../servers/scriptedServer.ts';

const account = 'studio@pec.alfa.test';
const LETTER = { resource: 'message', operation: 'send', subject: 'Diffida', text: 'x' };

async function setUp() {
	const sandbox = await start();
	onTestFinished(async () => await sandbox.stop());
	const credential: IDataObject = {
		provider: 'sandbox',
		email: account,
		password: 'prova-alfa',
		imapHost: sandbox.imap.host,
		imapPort: sandbox.imap.port,
		imapSecurity: 'tls',
		smtpHost: sandbox.smtp.host,
		smtpPort: sandbox.smtp.port,
		smtpSecurity: 'tls',
		tlsCa: sandbox.tlsCa,
	};
	return { sandbox, credential, read: readCredential(credential as never) };
}

it('says which of two recipients the provider refused, also when it is run again', async () => {
	const { sandbox, credential } = await setUp();
	const pki = await createPki({ providers: [], now: new Date(), tls: 'valid' });
	let inBody = false;
	const smtp = await startScripted({
		tls: pki.tls,
		greet: ({ say }) => say('220 hi'),
		answer: (line, { say }) => {
			if (inBody) {
				if (line !== '.') return;
				inBody = false;
				say('250 taken');
			} else if (line.startsWith('EHLO')) say('250-x\r\n250 AUTH PLAIN');
			else if (line.startsWith('AUTH')) say('235 ok');
			else if (line.startsWith('RCPT TO:<bianchi')) say('550 5.1.1 no such user');
			else if (line.startsWith('DATA')) {
				inBody = true;
				say('354 go');
			} else say('250 ok');
		},
	});
	onTestFinished(async () => await smtp.stop());
	const execution = {
		credential: {
			...credential,
			smtpHost: 'localhost',
			smtpPort: smtp.port,
			tlsCa: `${sandbox.tlsCa}\n${pki.tlsCa}`,
		},
		parameters: { ...LETTER, to: 'rossi@pec.beta.test, bianchi@pec.beta.test' },
	};
	for (const action of ['sent', 'alreadySent']) {
		const [output] = await new PecSend().execute.call(executeFunctions(execution));
		expect(output?.[0]?.json).toMatchObject({
			action,
			error: {
				reason: 'partlyRefused',
				message: expect.stringContaining('bianchi@pec.beta.test'),
			},
		});
	}
});

it('gives one error item per input item when a run breaks that was told to continue', async () => {
	const { credential } = await setUp();
	const [output] = await new PecSend().execute.call(
		executeFunctions({
			credential: { ...credential, smtpPort: 1 },
			parameters: {
				resource: 'mailing',
				operation: 'send',
				mailingName: 'M',
				subject: 's',
				text: 't',
				recipient: ['cliente01@pec.beta.test', 'cliente02@pec.beta.test'],
			},
			items: [{ json: {} }, { json: {} }],
			continueOnFail: true,
		}),
	);
	expect(output?.map(({ pairedItem, json }) => [pairedItem, json.error !== undefined])).toEqual([
		[{ item: 0 }, true],
		[{ item: 1 }, true],
	]);
});

it('sends a letter that another n8n happens to run under the same execution number', async () => {
	const { sandbox, credential } = await setUp();
	const parameters = { ...LETTER, to: 'cliente01@pec.beta.test' };
	for (const instanceId of ['instance-1', 'instance-2', 'instance-2']) {
		await new PecSend().execute.call(
			executeFunctions({ credential, parameters, executionId: '12', instanceId }),
		);
	}
	expect(sandbox.log.submissions()).toHaveLength(2);
});

it.each(['search', 'scan'] as const)(
	'never plans a recorded row again when a server shows a part of the records only (%s)',
	async (shortened) => {
		const { read } = await setUp();
		const imap = await openImap(read.settings);
		onTestFinished(async () => await imap.close());
		const now = () => new Date();
		const rows = ['a@x.it', 'b@x.it'].map((recipient) => ({ recipient, rowKey: '', attempt: 1 }));
		const records = await openRecords(imap, { account, now });
		for (const row of rows) {
			const entry = { row, messageId: messageIdOf({ account, mailing: 'M', row }) };
			const at = now().toISOString();
			await records.writeSubmissions('M', { intents: [{ ...entry, at }], results: [] });
			await records.writeSubmissions('M', {
				intents: [],
				results: [{ ...entry, submission: { verdict: 'submitted', at } }],
			});
		}
		const partial: ImapSession = {
			...imap,
			open: async (...args) => {
				const folder = await imap.open(...args);
				if (shortened === 'scan') {
					return {
						...folder,
						scan: async (uids) => (await folder.scan(uids)).slice(0, 2),
						fetchMany: async (uids) => (await folder.fetchMany(uids)).slice(0, 2),
					};
				}
				return {
					...folder,
					search: async (criteria) => {
						const found = await folder.search(criteria);
						return criteria.subject === undefined ? found : found.slice(0, 2);
					},
				};
			},
		};
		const reading = (await openRecords(partial, { account, now })).readMailing('M');
		if (shortened === 'scan') {
			await expect(reading).rejects.toThrow(/cannot be read/);
			return;
		}
		const plan = planMailing({
			account,
			mailing: 'M',
			rows,
			records: await reading,
			receipts: [],
			now: now(),
		});
		expect(plan.map(({ why }) => why)).toEqual(['submitted', 'submitted']);
	},
);

it('opens IMAP again for the next item when the connection was lost', async () => {
	const { sandbox, read } = await setUp();
	const session = openAccount(read, () => new Date());
	onTestFinished(async () => await session.close());
	const first = await session.imap();
	await sandbox.goDown();
	await first.closed;
	await sandbox.comeBack();
	await expect((await session.imap()).listFolders()).resolves.toBeInstanceOf(Array);
});
