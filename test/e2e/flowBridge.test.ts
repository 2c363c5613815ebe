import { simpleParser, type ParsedMail } from 'mailparser';
import MailComposer from 'nodemailer/lib/mail-composer/index.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Sandbox, SandboxOptions } from '../../sandbox/index.ts';
import type { SavedCredential } from '../../scripts/editor/restTypes.ts';
import { DOVECOT_MISSING, dovecotPath } from '../servers/dovecot.ts';
import { importExample } from './examples.ts';
import { STUDIO, createFlow, credentialFor, folder, pec, startSandbox } from './flows.ts';
import {
	openOffice,
	openOrdinaryMailbox,
	type Office,
	type OrdinaryMailbox,
} from './officeDesk.ts';
import { idling } from './triggerDesk.ts';

const missing = dovecotPath() === undefined;
const OFFICE = 'ufficio@studio.test';
const ONE = 'cliente01@pec.beta.test';
const TWO = 'cliente02@pec.beta.test';
const FULL = 'pieno@pec.beta.test';
const OUTBOX = 'PEC da inviare';
const SENT = 'PEC inviate';
const NOT_SENT = 'PEC non inviate';
const EVERY = 'Every Five Minutes';

interface Bridge extends Office {
	readonly sandbox: Sandbox;
	readonly mailbox: OrdinaryMailbox;
	readonly account: SavedCredential;
	/** "Office mailbox (IMAP)". */
	readonly copies: SavedCredential;
	/** bridge-out. */
	readonly out: string;
	/** What a person does: a draft of hers, moved into the folder. @returns its bytes */
	put(letter: Letter, flags?: string[]): Promise<Buffer>;
	subjectsIn(folder: string): Promise<(string | undefined)[]>;
}

interface Letter {
	readonly id: string;
	readonly to: string;
	readonly cc?: string;
	readonly bcc?: string;
}

function draftOf({ id, ...recipients }: Letter): Promise<Buffer> {
	const node = new MailComposer({
		...recipients,
		from: OFFICE,
		subject: `Lettera ${id}`,
		messageId: `<${id}@studio.test>`,
		text: 'Buongiorno, in allegato è la perizia.',
		html: '<p>Buongiorno, in allegato è la <b>perizia</b>.</p>',
		attachments: [{ filename: 'perizia.pdf', content: Buffer.from('%PDF-1.7 perizia') }],
	}).compile();
	node.keepBcc = true;
	return node.build();
}

async function openBridge(
	settings: Readonly<Record<string, boolean | string>> = {},
	options: SandboxOptions = {},
): Promise<Bridge> {
	const office = await openOffice();
	const { rest, mail, smtpCredential } = office;
	const sandbox = await startSandbox(options);
	const mailbox = await openOrdinaryMailbox(OFFICE);
	await mailbox.asOwner(async (client) => await client.mailboxCreate(OUTBOX));
	const account = await rest.createCredential(credentialFor(sandbox));
	const { email, password, imapHost, imapPort, imapSecurity, tlsCa } = mailbox.archiveData;
	const copies = await rest.createCredential({
		name: 'Office mailbox (IMAP)',
		type: 'archiveMailboxApi',
		data: mailbox.archiveData,
	});
	const folders = await rest.createCredential({
		name: 'Office mailbox (as PEC API)',
		type: 'pecApi',
		data: {
			provider: 'custom',
			...{ email, password, imapHost, imapPort, imapSecurity, tlsCa },
			smtpHost: mail.host,
			smtpPort: mail.port,
		},
	});
	const out = await importExample(rest, 'bridge/bridge-out.json', {
		credentials: {
			'PEC account': account,
			'Office mailbox (as PEC API)': folders,
			'Office mailbox (SMTP)': smtpCredential,
		},
		settings,
	});
	return {
		...office,
		sandbox,
		mailbox,
		account,
		copies,
		out,
		put: async (letter, flags = ['\\Seen', '\\Draft']) => {
			const raw = await draftOf(letter);
			await mailbox.asOwner(async (client) => await client.append(OUTBOX, raw, flags));
			return raw;
		},
		subjectsIn: async (path) => {
			const read = await Promise.all(
				(await mailbox.messagesIn(path)).map(async (raw) => await simpleParser(raw)),
			);
			return read.map(({ subject }) => subject);
		},
	};
}

/** The envelope that came last; mailparser shows the letter in it as if it were the message itself. */
async function receivedBy(sandbox: Sandbox, address: string): Promise<ParsedMail> {
	const envelope = sandbox.store.account(address)?.folder('INBOX')?.messages.at(-1);
	return await simpleParser(envelope?.raw ?? Buffer.alloc(0));
}

/** Publishes a flow with a trigger, and waits until it listens. */
async function publish(bridge: Bridge, path: string): Promise<void> {
	const { rest } = bridge;
	const id = await importExample(rest, path, {
		credentials: { 'PEC account': bridge.account, 'Office mailbox (IMAP)': bridge.copies },
	});
	const idle = idling(bridge.sandbox);
	expect(await rest.activate(id)).toMatchObject({ status: 'published' });
	onTestFinished(async () => await rest.deactivate(id));
	await idle.happened();
	idle.remove();
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
