import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readPecMessage } from '../../nodes/pec/message.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import { credentialFor, startSandbox } from './flows.ts';
import { importExample, type ExampleParts } from './examples.ts';
import { newest, openOffice, type Office } from './officeDesk.ts';
import { fillIn, readForm } from './webForm.ts';

const APPROVER = 'responsabile@studio.test';
const OFFICE = 'ufficio@studio.test';
const FROM = 'n8n@studio.test';

/** As Excel saves it in Italy: semicolons, Windows-1252. The fifth row is a mistake. */
const LIST = Buffer.from(
	[
		'Nome;PEC;Pratica;Indirizzo',
		'Perù & Figli S.r.l.;cliente01@pec.beta.test;P1;Via Roma 1, Forlì',
		'Casella piena;pieno@pec.beta.test;P2;Via Roma 2',
		'Casella chiusa;sconosciuto@pec.beta.test;P3;Via Roma 3',
		'Niccolò Rossi;niccolo.rossi@posta.test;P4;Via Città 4, Forlì',
		'Senza PEC;niccolo.rossi;P5;Via Roma 5',
		'',
	].join('\r\n'),
	'latin1',
);
const PDF = Buffer.from('%PDF-1.4\nordine del giorno\n');

interface Notice extends Office {
	readonly sandbox: Sandbox;
	readonly parts: ExampleParts;
	/** Recipients of what the provider took, in order of their addresses. */
	sent(): string[];
	/** Runs the second part by hand. */
	follow(settings?: Readonly<Record<string, number>>): Promise<void>;
}

interface Crm {
	readonly url: string;
	readonly changes: ReadonlyArray<{ readonly id: string; readonly body: unknown }>;
}

/** A CRM on this machine: gives its clients, and takes what is written of one, but for those that it refuses. */
async function startCrm(
	clients: ReadonlyArray<Readonly<Record<string, string>>>,
	refused: readonly string[],
): Promise<Crm> {
	const changes: Array<{ id: string; body: unknown }> = [];
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			const json = (status: number, body: unknown) =>
				response
					.writeHead(status, { 'content-type': 'application/json' })
					.end(JSON.stringify(body));
			if (request.headers['x-api-key'] !== 'crm-key') return json(401, { message: 'no key' });
			if (request.method === 'GET') return json(200, clients);
			const id = request.url?.split('/').at(-1) ?? '';
			if (refused.includes(id)) return json(409, { message: 'the client is locked' });
			changes.push({ id, body: JSON.parse(Buffer.concat(chunks).toString()) });
			return json(200, {});
		});
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	onTestFinished(() => {
		server.close();
		server.closeAllConnections();
	});
	return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/clients`, changes };
}

async function openNotice(
	credential: Readonly<Record<string, unknown>> = {},
	crmUrl = 'http://127.0.0.1:9/clients',
): Promise<Notice & { readonly saved: { id: string; name: string } }> {
	const desk = await openOffice('PEC mailings');
	const sandbox = await startSandbox();
	const saved = await desk.rest.createCredential(credentialFor(sandbox, credential));
	const crm = await desk.rest.createCredential({
		name: 'CRM',
		type: 'httpHeaderAuth',
		data: { name: 'X-Api-Key', value: 'crm-key' },
	});
	const parts: ExampleParts = {
		credentials: { 'PEC account': saved, 'Office mailbox (SMTP)': desk.smtpCredential, CRM: crm },
		settings: { office: OFFICE, mailFrom: FROM, crmUrl },
	};
	return {
		...desk,
		sandbox,
		saved,
		parts,
		sent: () =>
			sandbox.log
				.submissions()
				.flatMap(({ recipients }) => recipients)
				.toSorted(),
		follow: async (settings = {}) => {
			const id = await importExample(desk.rest, 'mass-notice/follow.json', {
				...parts,
				settings: { ...parts.settings, ...settings },
			});
			const run = await desk.rest.runWorkflow(id, 'Every Hour', 90_000);
			expect(run.error).toBeUndefined();
		},
	};
}

async function importFirstPart({ rest, parts }: Notice, settings = {}): Promise<string> {
	return await importExample(rest, 'mass-notice/workflow.json', {
		...parts,
		settings: { ...parts.settings, approver: APPROVER, ...settings },
	});
}

/** The address of the page that a mail leads to. */
function linkIn(html: unknown): string {
	return (/href="([^"]+)"/.exec(String(html))?.[1] ?? '').replaceAll('&amp;', '&');
}

describe('examples/mass-notice', () => {
	it('sends a list from the form after a person approved it, reports who needs what, and tries full mailboxes again', async () => {
		const desk = await openNotice();
		const { mail, rest, sandbox, url } = desk;
		const id = await importFirstPart(desk);
		await rest.activate(id);
		const { nodes } = await rest.getWorkflow(id);
		const { webhookId } = nodes.find(({ name }) => name === 'Upload Form') ?? {};
		const uploaded = await fillIn(`${url}/form/${webhookId}`, [
			'Assemblea 2026-03',
			'Convocazione, pratica [[Pratica]]',
			'Gentile [[Nome]],\n\nè convocata l’assemblea.',
			new File([LIST], 'clienti.csv'),
			'Pratica',
			[new File([PDF], 'ordine.pdf')],
		]);

		const page = await readForm(uploaded.next ?? '');
		expect(page).toContain('partono 4 PEC su 5 righe');
		expect(page).toMatch(/niccolo\.rossi, P5: .*address/);
		expect(page).toContain('Gentile Perù &amp; Figli S.r.l.');
		expect(page).toContain('ordine.pdf');
		const asked = await newest(() => mail.mails({ to: APPROVER }), 1);
		expect(asked.html).toContain('partono 4 PEC su 5 righe');
		expect(linkIn(asked.html)).toBe(uploaded.next);
		expect(desk.sent()).toEqual([]);

		await fillIn(linkIn(asked.html), ['Invia', 'Anna Bianchi']);
		const notSent = await newest(() => mail.mails({ to: OFFICE, subject: /non inviate/ }), 1);
		expect(notSent.html).toContain('niccolo.rossi');
		expect(desk.sent()).toEqual([
			'cliente01@pec.beta.test',
			'niccolo.rossi@posta.test',
			'pieno@pec.beta.test',
			'sconosciuto@pec.beta.test',
		]);
		await sandbox.settled();
		const [received] =
			sandbox.store.account('cliente01@pec.beta.test')?.folder('INBOX')?.messages ?? [];
		const trust = { issuers: [sandbox.pecCa] };
		const letter = await readPecMessage(received!.raw, { trust, now: new Date() });
		expect(letter.original?.subject).toBe('Convocazione, pratica P1');
		expect(letter.original?.attachments.map(({ content }) => content)).toEqual([PDF]);

		await desk.follow();
		const report = await newest(() => mail.mails({ to: OFFICE, subject: /esito/ }), 1);
		expect(report.subject).toBe(
			'Invio PEC «Assemblea 2026-03»: esito, caselle piene da ritentare, 1 consegnate su 5',
		);
		expect(report.html).toMatch(/Indirizzi da correggere: 1.*sconosciuto@pec\.beta\.test/s);
		expect(report.html).toMatch(/Caselle piene: 1.*pieno@pec\.beta\.test/s);
		const files = new Map(report.attachments.map(({ filename, content }) => [filename, content]));
		expect([...files.keys()].map((name) => name?.replace(/\d{4}-\d\d-\d\d/, 'DAY')).sort()).toEqual(
			['lettere-cartacee.csv', 'rapporto-DAY.csv', 'rapporto-DAY.html'],
		);
		const paper = files.get('lettere-cartacee.csv')?.toString('utf8').replace('\uFEFF', '').trim();
		expect(paper?.split(/\r?\n/)).toEqual([
			'Nome;PEC;Pratica;Indirizzo',
			'Niccolò Rossi;niccolo.rossi@posta.test;P4;Via Città 4, Forlì',
		]);

		await desk.follow();
		expect(mail.mails({ to: OFFICE, subject: /esito/ })).toHaveLength(1);
		expect(desk.sent()).toHaveLength(4);

		sandbox.store.account('pieno@pec.beta.test')!.quotaLimit = 2 ** 30;
		await desk.follow({ retryAfterDays: 0 });
		expect(desk.sent().filter((to) => to === 'pieno@pec.beta.test')).toHaveLength(2);
		expect(desk.sent()).toHaveLength(5);
		await sandbox.settled();
		await desk.follow();
		const last = await newest(() => mail.mails({ to: OFFICE, subject: /esito/ }), 2);
		expect(last.subject).toBe('Invio PEC «Assemblea 2026-03»: esito finale, 2 consegnate su 5');

		await desk.follow({ retryAfterDays: 0 });
		expect(mail.mails({ to: OFFICE })).toHaveLength(3);
		expect(desk.sent()).toHaveLength(5);
	}, 240_000);

	it('sends nothing of a list that cannot be read, and says why on the page and by mail', async () => {
		const desk = await openNotice();
		const { mail, rest, url } = desk;
		const id = await importFirstPart(desk);
		await rest.activate(id);
		const { nodes } = await rest.getWorkflow(id);
		const { webhookId } = nodes.find(({ name }) => name === 'Upload Form') ?? {};
		const { next = '' } = await fillIn(`${url}/form/${webhookId}`, [
			'Avviso',
			'Avviso',
			'Buongiorno',
			new File(['cliente01@pec.beta.test\r\ncliente02@pec.beta.test\r\n'], 'lista.csv'),
			'',
		]);
		expect(await readForm(next)).toMatch(/partono 0 PEC.*has no names of columns/s);
		await fillIn(next, ['Invia', 'Anna Bianchi']);
		const told = await newest(() => mail.mails({ to: OFFICE, subject: /non partito/ }), 1);
		expect(told.html).toContain('Nessuna riga da inviare');
		expect(told.html).toContain('has no names of columns');
		expect(desk.sent()).toEqual([]);
	}, 120_000);

	it('writes to the clients of a CRM over several days, and writes dead addresses back', async () => {
		const crm = await startCrm(
			[
				{ id: '11', name: 'Uno', pec: 'cliente01@pec.beta.test' },
				{ id: '12', name: 'Due', pec: 'ignoto@pec.beta.test' },
				{ id: '13', name: 'Tre', pec: 'ignoto2@pec.beta.test' },
				{ id: '14', name: 'Quattro', pec: 'cliente04@pec.beta.test' },
			],
			['13'],
		);
		const desk = await openNotice({ messagesPerDay: 3 }, crm.url);
		const { mail, rest, sandbox, saved } = desk;
		const id = await importFirstPart(desk, { crmMailing: 'Avviso 2026' });
		const execution = await rest.startRun(id, 'Every Year');
		const asked = await newest(() => mail.mails({ to: APPROVER }), 1);
		expect(asked.html).toContain('partono 4 PEC su 4 righe');
		const link = linkIn(asked.html);
		await readForm(link);
		await fillIn(link, ['Invia', 'Anna Bianchi']);
		await rest.waitForExecution(execution);
		expect(desk.sent()).toHaveLength(3);

		await rest.replaceCredential(saved.id, credentialFor(sandbox, { password: 'expired' }));
		await desk.follow();
		const fault = await newest(() => mail.mails({ to: OFFICE }), 1);
		expect(fault.subject).toBe('Invio PEC «Avviso 2026»: non si riesce a seguirlo');
		expect(fault.html).toMatch(/password/i);
		expect(desk.sent()).toHaveLength(3);

		await rest.replaceCredential(saved.id, credentialFor(sandbox, { messagesPerDay: 100 }));
		await desk.follow();
		expect(desk.sent()).toEqual([
			'cliente01@pec.beta.test',
			'cliente04@pec.beta.test',
			'ignoto2@pec.beta.test',
			'ignoto@pec.beta.test',
		]);
		await sandbox.settled();
		await desk.follow();
		const report = await newest(() => mail.mails({ to: OFFICE, subject: /Avviso 2026.*esito/ }), 1);
		expect(report.subject).toContain('esito finale, 2 consegnate su 4');
		expect(crm.changes).toEqual([
			{
				id: '12',
				body: {
					pecStatus: 'dead',
					pecReason: 'addressUnknown',
					pec: 'ignoto@pec.beta.test',
					pecCheckedOn: expect.stringMatching(/^\d\d\/\d\d\/\d{4}$/),
				},
			},
		]);
		const byHand = await newest(() => mail.mails({ to: OFFICE, subject: /a mano nel CRM/ }), 1);
		expect(byHand.html).toContain('ignoto2@pec.beta.test, 13');
	}, 240_000);
});
