import { expect } from 'vitest';
import { readPecMessage } from '../../nodes/pec/message.ts';
import { credentialFor } from './flows.ts';
import type { FlowEditor } from './harness.ts';
import { APPROVER, OFFICE, importFirstPart, linkIn, openNotice, startCrm } from './noticeDesk.ts';
import { newest } from './officeDesk.ts';
import { fillIn, readForm } from './webForm.ts';

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

/**
 * A list from the form, its preview, the approval by the link of a mail, the sending, and what follows day by day.
 * @param whileAsked what happens before the approver decides; it is given the flow
 */
export async function sendApprovedList(
	editor: FlowEditor,
	whileAsked: (flow: string) => Promise<void> = async () => undefined,
): Promise<void> {
	const desk = await openNotice(editor);
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

	await whileAsked(id);
	await fillIn(linkIn(asked.html), ['Invia', 'Anna Bianchi']);
	const notSent = await newest(
		() => mail.mails({ to: OFFICE, subject: /: 1 riga non inviata$/ }),
		1,
	);
	expect(notSent.html).toMatch(/niccolo\.rossi: This is no e-mail address[^[]*\(CSV row 6\) <i>/);
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
	expect(report.html).toMatch(
		/Indirizzi da correggere: 1.*sconosciuto@pec\.beta\.test, P3: indirizzo inesistente</s,
	);
	expect(report.html).toMatch(/Caselle piene: 1.*pieno@pec\.beta\.test/s);
	const files = new Map(report.attachments.map(({ filename, content }) => [filename, content]));
	expect([...files.keys()].map((name) => name?.replace(/\d{4}-\d\d-\d\d/, 'DAY')).sort()).toEqual([
		'lettere-cartacee.csv',
		'rapporto-DAY.csv',
		'rapporto-DAY.html',
	]);
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
}

/** Clients of a CRM that takes some changes, written to over days with a password that expires between them. */
export async function writeToClients(editor: FlowEditor): Promise<void> {
	const crm = await startCrm(
		[
			{ id: '11', name: 'Uno', pec: 'cliente01@pec.beta.test' },
			{ id: '12', name: 'Due', pec: 'ignoto@pec.beta.test' },
			{ id: '13', name: 'Tre', pec: 'ignoto2@pec.beta.test' },
			{ id: '14', name: 'Quattro', pec: 'cliente04@pec.beta.test' },
		],
		['13'],
	);
	const desk = await openNotice(editor, { messagesPerDay: 3 }, crm.url);
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
}
