import { simpleParser, type ParsedMail } from 'mailparser';
import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../sandbox/index.ts';
import { DOVECOT_MISSING, dovecotPath } from '../servers/dovecot.ts';
import { RECORDS } from '../servers/recordsRead.ts';
import { OUTBOX, openBridge, publish } from './bridgeDesk.ts';
import { STUDIO, createFlow, credentialFor, folder, pec } from './flows.ts';

const missing = dovecotPath() === undefined;
const ONE = 'cliente01@pec.beta.test';
const TWO = 'cliente02@pec.beta.test';
const FULL = 'pieno@pec.beta.test';
const SENT = 'PEC inviate';
const NOT_SENT = 'PEC non inviate';
const EVERY = 'Every Five Minutes';

/** The envelope that came last; mailparser shows the letter in it as if it were the message itself. */
async function receivedBy(sandbox: Sandbox, address: string): Promise<ParsedMail> {
	const envelope = sandbox.store.account(address)?.folder('INBOX')?.messages.at(-1);
	return await simpleParser(envelope?.raw ?? Buffer.alloc(0));
}

describe.skipIf(missing)(`the flow "bridge"${missing ? ` (${DOVECOT_MISSING})` : ''}`, () => {
	it('sends what a person put into the folder, once, and says of the rest why not', async () => {
		const bridge = await openBridge();
		const { rest, mail, sandbox, mailbox, put, subjectsIn } = bridge;
		const good = await put({ id: 'buona', to: `Rossi <${ONE}>`, cc: TWO });
		await put({ id: 'nascosta', to: ONE, bcc: TWO });
		await put({ id: 'vuota', to: '' });
		await put({ id: 'tolta', to: ONE }, ['\\Deleted']);
		const first = await rest.runWorkflow(bridge.out, EVERY);
		expect(first.error).toBeUndefined();
		await sandbox.settled();

		expect(sandbox.log.submissions()).toMatchObject([{ recipients: [ONE, TWO] }]);
		const letter = await receivedBy(sandbox, TWO);
		expect(letter.text).toContain('Buongiorno, in allegato è la perizia.');
		expect(letter.html).toContain('<b>perizia</b>');
		const files = letter.attachments.map(({ filename, content }) => [filename, String(content)]);
		expect(files).toContainEqual(['perizia.pdf', '%PDF-1.7 perizia']);
		expect(await mailbox.messagesIn(SENT)).toEqual([good]);
		expect((await subjectsIn(NOT_SENT)).sort()).toEqual(['Lettera nascosta', 'Lettera vuota']);
		expect(await subjectsIn(OUTBOX)).toEqual(['Lettera tolta']);
		const folders = await mailbox.asOwner(async (client) => await client.list());
		expect(folders.map(({ path }) => path)).not.toContain(RECORDS);
		expect(
			mail
				.mails()
				.map(({ subject }) => subject)
				.sort(),
		).toEqual(['PEC NON inviata: Lettera nascosta', 'PEC NON inviata: Lettera vuota']);
		const told = mail.mails().map(({ text }) => text);
		expect(told.find((text) => text?.includes('nascosta'))).toContain('Ccn');
		expect(told.find((text) => text?.includes('vuota'))).toContain('There is no recipient');

		await put({ id: 'buona', to: `Rossi <${ONE}>`, cc: TWO });
		expect((await rest.runWorkflow(bridge.out, EVERY)).error).toBeUndefined();
		expect(sandbox.log.submissions()).toHaveLength(1);
		expect(mail.mails().at(-1)?.subject).toBe('PEC già inviata: Lettera buona');
		expect(await subjectsIn(SENT)).toEqual(['Lettera buona', 'Lettera buona']);
	});

	it('sends one message to each recipient if asked to, and none twice when it fails before the letter is moved', async () => {
		const bridge = await openBridge({ onePerRecipient: true });
		const { rest, mail, sandbox, mailbox, put, subjectsIn } = bridge;
		await put({ id: 'due', to: `${ONE}, ${TWO}` });
		await sandbox.goDown();
		expect((await rest.runWorkflow(bridge.out, EVERY)).status).toBe('error');
		expect(await subjectsIn(OUTBOX)).toEqual(['Lettera due']);
		await sandbox.comeBack();

		let accepted = 0;
		const kill = sandbox.faults.add({
			at: 'smtp.accepted',
			times: 'always',
			action: {
				do: 'call',
				run: async () => {
					accepted += 1;
					if (accepted === 2) await mailbox.server.kill();
				},
			},
		});
		expect((await rest.runWorkflow(bridge.out, EVERY)).status).toBe('error');
		kill.remove();
		await mailbox.server.start();
		await sandbox.settled();
		expect(sandbox.log.submissions().map(({ recipients }) => recipients)).toEqual([[ONE], [TWO]]);
		expect(await subjectsIn(OUTBOX)).toEqual(['Lettera due']);
		expect(mail.mails()).toEqual([]);

		expect((await rest.runWorkflow(bridge.out, EVERY)).error).toBeUndefined();
		expect(sandbox.log.submissions()).toHaveLength(2);
		expect(await subjectsIn(SENT)).toEqual(['Lettera due']);
		expect(await subjectsIn(OUTBOX)).toEqual([]);
	});

	it('leaves a letter of which nobody knows whether it went out, tells it once, and moves it when its acceptance comes', async () => {
		const HOUR = 3_600_000;
		const bridge = await openBridge({}, { dialects: { acceptance: { delayMs: HOUR } } });
		const { rest, mail, sandbox, put, subjectsIn } = bridge;
		await put({ id: 'incerta', to: ONE });
		sandbox.faults.add({ at: 'smtp.accepted', action: { do: 'drop' } });
		for (const run of ['the first', 'the second']) {
			expect((await rest.runWorkflow(bridge.out, EVERY)).error, run).toBeUndefined();
			expect(await subjectsIn(OUTBOX)).toEqual(['Lettera incerta']);
			expect(mail.mails().map(({ subject }) => subject)).toEqual([
				'PEC con esito incerto: Lettera incerta',
			]);
		}
		await sandbox.advance(HOUR);
		await sandbox.settled();
		expect((await rest.runWorkflow(bridge.out, EVERY)).error).toBeUndefined();
		expect(await subjectsIn(SENT)).toEqual(['Lettera incerta']);
		expect(sandbox.log.submissions()).toHaveLength(1);
	});

	it('brings receipts and answers back into the conversation of the letter', async () => {
		const bridge = await openBridge();
		const { rest, sandbox, mailbox, put } = bridge;
		await publish(bridge, 'bridge/bridge-receipts.json');
		await publish(bridge, 'bridge/bridge-in.json');
		// Another's sending: its receipts are not for the office.
		await sandbox.sendAs(STUDIO, { to: ONE, subject: 'Dalla webmail', text: 'x' });
		await put({ id: 'conversazione', to: ONE, cc: FULL });
		expect((await rest.runWorkflow(bridge.out, EVERY)).error).toBeUndefined();
		await sandbox.settled();
		const id = '<conversazione@studio.test>';
		const readIn = async (path: string) =>
			await Promise.all(
				(await mailbox.messagesIn(path)).map(async (raw) => await simpleParser(raw)),
			);
		const answersIn = async (path: string) =>
			(await readIn(path))
				.filter(({ inReplyTo }) => inReplyTo === id)
				.map(({ subject }) => subject)
				.sort();
		await expect
			.poll(async () => await answersIn(SENT), { timeout: 60_000, interval: 200 })
			.toEqual(['ACCETTAZIONE: Lettera conversazione', 'CONSEGNA: Lettera conversazione']);
		await expect
			.poll(async () => await answersIn('INBOX'), { timeout: 60_000, interval: 200 })
			.toEqual(['AVVISO DI MANCATA CONSEGNA: Lettera conversazione']);

		const client = await rest.createCredential(credentialFor(sandbox, {}, ONE));
		const answering = await createFlow(rest, [
			pec('pecMailbox', 'List', client, {
				resource: 'message',
				operation: 'getMany',
				folder: folder('INBOX'),
				filters: { subject: 'conversazione' },
			}),
			pec('pecSend', 'Reply', client, {
				resource: 'message',
				operation: 'reply',
				pecKey: '={{ $json.pecKey }}',
				text: 'Grazie, ricevuto.',
				options: {},
			}),
		]);
		expect((await answering.run()).error).toBeUndefined();
		await sandbox.deliverOrdinary(
			Buffer.from(`From: a@posta.test\r\nTo: ${STUDIO}\r\nSubject: Ordinaria\r\n\r\nCiao\r\n`),
			STUDIO,
		);
		await expect
			.poll(async () => await answersIn('PEC ricevute'), { timeout: 60_000, interval: 200 })
			.toEqual(['Re: Lettera conversazione']);
		const [answer] = await readIn('PEC ricevute');
		expect(answer).toMatchObject({ from: { value: [{ address: ONE }] } });
		expect(answer?.text).toContain('Grazie, ricevuto.');
		await expect
			.poll(async () => (await readIn('PEC da verificare')).map(({ subject }) => subject), {
				timeout: 60_000,
				interval: 200,
			})
			.toEqual(['Ordinaria']);
		const webmail = [...(await readIn(SENT)), ...(await readIn('INBOX'))].filter(
			({ subject = '' }) => subject.includes('Dalla webmail'),
		);
		expect(webmail).toEqual([]);
	});
});
