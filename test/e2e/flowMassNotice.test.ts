import { describe, expect, it } from 'vitest';
import { useEditor } from './harness.ts';
import { sendApprovedList, writeToClients } from './massNotice.ts';
import { OFFICE, importFirstPart, openNotice } from './noticeDesk.ts';
import { newest } from './officeDesk.ts';
import { fillIn, readForm } from './webForm.ts';

describe('examples/mass-notice', () => {
	it('sends a list from the form after a person approved it, reports who needs what, and tries full mailboxes again', async () => {
		await sendApprovedList(await useEditor());
	}, 240_000);

	it('sends nothing of a list that cannot be read, and says why on the page and by mail', async () => {
		const desk = await openNotice(await useEditor());
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
		expect(await readForm(next)).toMatch(/partono 0 PEC su 1 riga\..*has no names of columns/s);
		await fillIn(next, ['Invia', 'Anna Bianchi']);
		const told = await newest(() => mail.mails({ to: OFFICE, subject: /non partito/ }), 1);
		expect(told.html).toContain('Nessuna riga da inviare');
		expect(told.html).toContain('has no names of columns');
		expect(desk.sent()).toEqual([]);
	}, 120_000);

	it('writes to the clients of a CRM over several days, and writes dead addresses back', async () => {
		await writeToClients(await useEditor());
	}, 240_000);
});
