import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../sandbox/index.ts';
import { RECORDS } from '../servers/recordsRead.ts';
import { asOwner } from '../servers/sandboxAccount.ts';
import {
	createFlow,
	createTriggerFlow,
	credentialFor,
	mailing,
	pec,
	rows,
	startSandbox,
	STUDIO,
} from './flows.ts';
import { importExample } from './examples.ts';
import { newest, openOffice, type Office } from './officeDesk.ts';
import { arrive } from './triggerDesk.ts';

const TABLE = 'PEC alarms';
const ALARMS = 'ufficio@studio.test, responsabile@studio.test';
const SETTINGS = { alarmTo: ALARMS, mailFrom: 'n8n@studio.test' };

/** Half an hour cannot be waited for: what the mailbox says of the sendings is said of so much earlier. */
async function sentEarlier(sandbox: Sandbox, minutes: number): Promise<void> {
	await asOwner(sandbox, STUDIO, async (client) => {
		const lock = await client.getMailboxLock(RECORDS);
		const moved: Array<{ uid: number; raw: Buffer }> = [];
		for await (const { uid, source } of client.fetch('1:*', { uid: true, source: true })) {
			const [head = '', body = ''] = (source ?? Buffer.alloc(0))
				.toString('latin1')
				.split('\r\n\r\n');
			if (!/^Subject: n8n PEC record 1 submissions /m.test(head)) continue;
			const earlier = Buffer.from(body, 'base64')
				.toString('utf8')
				.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (at) =>
					new Date(Date.parse(at) - minutes * 60_000).toISOString(),
				);
			const lines = Buffer.from(earlier).toString('base64').replace(/.{76}/g, '$&\r\n');
			moved.push({ uid, raw: Buffer.from(`${head}\r\n\r\n${lines}\r\n`, 'latin1') });
		}
		lock.release();
		for (const { raw } of moved) await client.append(RECORDS, raw, ['\\Seen']);
		const again = await client.getMailboxLock(RECORDS);
		await client.messageDelete(moved.map(({ uid }) => uid).join(','), { uid: true });
		again.release();
	});
}

async function importWatch({ rest, smtpCredential }: Office, sandbox: Sandbox) {
	const credential = await rest.createCredential(credentialFor(sandbox));
	const id = await importExample(rest, 'deadline-watch/workflow.json', {
		credentials: { 'PEC account': credential, 'Office mailbox (SMTP)': smtpCredential },
		settings: SETTINGS,
	});
	return {
		id,
		credential,
		tell: async () => await rest.runWorkflow(id, 'Every 10 Minutes', 90_000),
	};
}

/** As a user who also wants to know of what was sent before. */
async function fromTheBeginning({ rest }: Office, id: string): Promise<void> {
	const { nodes } = await rest.getWorkflow(id);
	await rest.updateWorkflow(id, {
		nodes: nodes.map((node) =>
			node.type === 'n8n-nodes-pec.pecTrigger'
				? { ...node, parameters: { ...node.parameters, startFrom: 'beginning' } }
				: node,
		),
	});
}

describe('examples/deadline-watch', () => {
	it('tells several events in one mail that says what to do, loses none while the mail server refuses, and tells each once', async () => {
		const desk = await openOffice(TABLE);
		const { mail, rest } = desk;
		const late = { to: 'cliente05@pec.beta.test', acceptance: { delayMs: 3_600_000 } };
		const sandbox = await startSandbox({ dialects: { alfa: { slow: [late] } } });
		const { id, credential, tell } = await importWatch(desk, sandbox);
		const people = ['cliente01', 'ignoto1', 'ignoto2', 'cliente05'].map((name) => ({
			pec: `${name}@pec.beta.test`,
			file: name,
		}));
		people.push({ pec: 'mario.rossi@posta.test', file: 'carta' });
		await (await createFlow(rest, [rows(people), mailing(credential, 'Avviso 2026')])).run(120_000);
		await sandbox.settled();
		await sentEarlier(sandbox, 31);
		await fromTheBeginning(desk, id);
		await rest.activate(id);
		const events = await rest.waitForExecutions(id, 5, 120_000);
		expect(events.map(({ status }) => status)).toEqual(events.map(() => 'success'));

		mail.refuse(true);
		expect((await tell()).error?.message).toBeDefined();
		expect(mail.mails()).toHaveLength(0);
		mail.refuse(false);
		expect((await tell()).error).toBeUndefined();
		const told = await newest(() => mail.mails(), 1);
		expect(told.subject).toBe('PEC: 4 da guardare (Ufficio protocollo)');
		expect(told.html).toMatch(
			/Non consegnata \(indirizzo inesistente\)<\/b>: 2<br>Da fare: Cercare la nuova PEC[^<]*<\/p><ul><li>ignoto\d@pec\.beta\.test, ignoto\d, Avviso 2026<\/li><li>ignoto\d/,
		);
		expect(told.html).toMatch(
			/30 minuti senza accettazione<\/b><br>Da fare: Guardare nella webmail[^<]*<\/p><ul><li>cliente05/,
		);
		expect(told.html).toMatch(
			/<b>Inviata a posta ordinaria: nessuna ricevuta di consegna<\/b><br>[^]*raccomandata[^]*mario\.rossi@posta\.test/,
		);
		expect(told.html).not.toContain('cliente01');
		await tell();
		expect(mail.mails()).toHaveLength(1);

		await sandbox.advance(3_600_000);
		await rest.waitForExecutions(id, 9, 120_000);
		await tell();
		const relief = await newest(() => mail.mails(), 2);
		expect(relief.html).toMatch(/Consegnata dopo tutto<\/b><br>Da fare: Nulla[^]*cliente05/);
		expect(relief.subject).toContain('1 da guardare');
	}, 300_000);

	it('tells failed runs of other flows, and what the trigger itself gives up, in the same one mail', async () => {
		const desk = await openOffice(TABLE);
		const { mail, rest, smtpCredential } = desk;
		const sandbox = await startSandbox();
		const { credential, tell } = await importWatch(desk, sandbox);
		const errors = await importErrorWorkflow(desk);
		const { id } = await createTriggerFlow(
			rest,
			[
				pec('pecTrigger', 'New PEC', credential, { watchFor: 'newPec', attempts: 2 }),
				failing('il registro è chiuso'),
			],
			{ errorWorkflow: errors },
		);
		await rest.activate(id);
		await arrive(sandbox, 'una PEC');
		await rest.waitForExecutions(errors, 3, 120_000);
		expect(mail.mails()).toHaveLength(0);
		await tell();
		const told = await newest(() => mail.mails(), 1);
		expect(told.subject).toBe('PEC: 3 da guardare (Assistenza informatica)');
		expect(told.html).toMatch(/il registro è chiuso<\/b>: 2/);
		expect(told.html).toMatch(
			/is not offered again: the workflow failed 2 times<\/b><br>Da fare: Look at the failed executions, mend the workflow/,
		);
		expect(smtpCredential.name).toBe('Office mailbox (SMTP)');
	}, 300_000);

	it('mails a failed run at once when the table does not take it', async () => {
		const desk = await openOffice(TABLE);
		const { mail, rest } = desk;
		// A table of this name that somebody made for something else.
		const { id: project } = await rest.request<{ id: string }>('GET', '/projects/personal');
		await rest.request('POST', `/projects/${project}/data-tables`, {
			name: TABLE,
			columns: [{ name: 'other', type: 'string' }],
		});
		const errors = await importErrorWorkflow(desk);
		const sandbox = await startSandbox();
		const credential = await rest.createCredential(credentialFor(sandbox));
		const { id } = await createTriggerFlow(
			rest,
			[
				pec('pecTrigger', 'New PEC', credential, { watchFor: 'newPec', ifFlowFails: 'goOn' }),
				failing('la stampante manca'),
			],
			{ errorWorkflow: errors },
		);
		await rest.activate(id);
		await arrive(sandbox, 'una PEC');
		const told = await newest(() => mail.mails(), 1);
		expect(told.subject).toContain('la stampante manca');
		expect(told.html).toContain('Assistenza informatica');
	}, 300_000);
});

async function importErrorWorkflow({ rest, smtpCredential }: Office): Promise<string> {
	const id = await importExample(rest, 'deadline-watch/error-workflow.json', {
		credentials: { 'Office mailbox (SMTP)': smtpCredential },
		settings: SETTINGS,
	});
	await rest.activate(id);
	return id;
}

function failing(errorMessage: string) {
	const type = 'n8n-nodes-base.stopAndError';
	return { name: 'Register', type, typeVersion: 1, parameters: { errorMessage } };
}
