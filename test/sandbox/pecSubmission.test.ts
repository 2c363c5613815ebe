import { createHash } from 'node:crypto';

import { ImapFlow } from 'imapflow';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { titleOf } from '../servers/mailServers.ts';
import { ANGLED, CLIENTE, message, PecDesk, SERVICE, STUDIO } from './pecDesk.ts';
import { MAILBOXES, sharedOver } from './pecMailboxes.ts';

describe.each(MAILBOXES)('the rules', (where) => {
	describe.skipIf(where.missing !== undefined)(titleOf(where), () => {
		let desk: PecDesk;
		sharedOver(where, async (mailboxes) => (desk = await PecDesk.open({}, mailboxes)));

		beforeEach(async () => await desk.startOver());

		describe('a submission over TLS with AUTH', () => {
			it('to a mailbox of the other provider is accepted, taken in charge and delivered', async () => {
				await desk.send({ to: CLIENTE, subject: 'Prova', text: 'ciao' });
				expect(desk.deliveries()).toEqual([
					`${STUDIO} accettazione`,
					`${SERVICE} presa-in-carico`,
					`${CLIENTE} transportEnvelope`,
					`${STUDIO} avvenuta-consegna ${CLIENTE}`,
				]);
				expect(await desk.mails(STUDIO)).toHaveLength(2);
				expect(await desk.mails(CLIENTE)).toHaveLength(1);
			});

			it('works with STARTTLS', async () => {
				await desk.send({ to: CLIENTE, subject: 'Prova', text: 'ciao' }, { startTls: true });
				expect(await desk.mails(CLIENTE)).toHaveLength(1);
			});

			it('within one provider needs no taking in charge', async () => {
				await desk.send({ to: 'alfa2@pec.alfa.test', subject: 'Prova', text: 'ciao' });
				expect(desk.deliveries()).toEqual([
					`${STUDIO} accettazione`,
					'alfa2@pec.alfa.test transportEnvelope',
					`${STUDIO} avvenuta-consegna alfa2@pec.alfa.test`,
				]);
			});

			it.each([
				[
					'an unknown mailbox',
					'nessuno@pec.beta.test',
					'5.1.1 - Gestore Beta S.r.l. - indirizzo non valido',
				],
				[
					'a disabled mailbox',
					'Sospeso@pec.beta.test',
					'5.2.1 - Gestore Beta S.r.l. - casella disabilitata',
				],
				['a full mailbox', 'pieno@pec.beta.test', '5.2.2 - Gestore Beta S.r.l. - casella piena'],
				[
					'a domain without mailboxes',
					'a@dismesso.pec.beta.test',
					'5.1.2 - Gestore Beta S.r.l. - dominio non valido',
				],
			])('to %s comes back as a non-delivery', async (_, to, error) => {
				await desk.send({ to, subject: 'Prova', text: 'ciao' });
				expect(desk.deliveries()).toEqual([
					`${STUDIO} accettazione`,
					`${SERVICE} presa-in-carico`,
					`${STUDIO} errore-consegna ${to}`,
				]);
				expect((await desk.mails(STUDIO))[1]?.toString('latin1')).toContain(`\r\n${error}\r\n`);
			});

			it('logs that a full mailbox did not get its envelope', async () => {
				await desk.send({ to: 'pieno@pec.beta.test', subject: 'Prova', text: 'ciao' });
				expect(desk.ofType('undelivered')).toEqual([
					expect.objectContaining({
						mailbox: 'pieno@pec.beta.test',
						kind: 'transportEnvelope',
						reason: 'overQuota',
					}),
				]);
			});

			it('to an address outside PEC is accepted and leaves, and no delivery receipt comes', async () => {
				await desk.send({ to: 'tizio@example.com', subject: 'Prova', text: 'ciao' });
				expect(desk.deliveries()).toEqual([`${STUDIO} accettazione`]);
				expect(desk.sandbox.outsideWorld).toHaveLength(1);
				expect(desk.sandbox.outsideWorld[0]?.recipient).toBe('tizio@example.com');
				expect(desk.ofType('external')).toEqual([
					expect.objectContaining({ recipient: 'tizio@example.com', originalMessageId: ANGLED }),
				]);
			});

			it('to many gives each recipient one receipt, in the order of RCPT', async () => {
				const to = [CLIENTE, 'nessuno@pec.beta.test', 'CLIENTE02@pec.beta.test'];
				await desk.send({ to, subject: 'Prova', text: 'ciao' });
				expect(desk.deliveries()).toEqual([
					`${STUDIO} accettazione`,
					`${SERVICE} presa-in-carico`,
					`${CLIENTE} transportEnvelope`,
					`${STUDIO} avvenuta-consegna ${CLIENTE}`,
					`${STUDIO} errore-consegna nessuno@pec.beta.test`,
					'cliente02@pec.beta.test transportEnvelope',
					`${STUDIO} avvenuta-consegna CLIENTE02@pec.beta.test`,
				]);
			});
		});

		describe('the formal checks', () => {
			const valid = { From: STUDIO, To: CLIENTE, Subject: 'Prova', 'Message-ID': ANGLED };
			it.each([
				['a Bcc field', { ...valid, Bcc: 'cliente02@pec.beta.test' }, [CLIENTE], 'Bcc'],
				['another From', { ...valid, From: 'alfa2@pec.alfa.test' }, [CLIENTE], 'campo From'],
				[
					'two authors',
					{ ...valid, From: `${STUDIO}, alfa2@pec.alfa.test` },
					[CLIENTE],
					'un solo mittente',
				],
				['no To', { From: STUDIO, Cc: CLIENTE, Subject: 'Prova' }, [CLIENTE], 'campo To'],
				[
					'a recipient not named in To or Cc',
					valid,
					[CLIENTE, 'cliente02@pec.beta.test'],
					'To e Cc',
				],
				['a To that is no address', { ...valid, To: `${CLIENTE}, pippo` }, [CLIENTE], 'To e Cc'],
			])('answer %s with a non-acceptance and deliver nothing', async (_, headers, to, words) => {
				await desk.send({ raw: message(headers), envelope: { from: STUDIO, to } });
				expect(desk.deliveries()).toEqual([`${STUDIO} non-accettazione`]);
				expect(desk.ofType('submission')).toHaveLength(1);
				expect((await desk.mails(STUDIO))[0]?.toString('latin1')).toContain(words);
			});

			it('let an empty Bcc field pass', async () => {
				const raw = message({ ...valid, Bcc: '' });
				await desk.send({ raw, envelope: { from: STUDIO, to: [CLIENTE] } });
				expect(await desk.mails(CLIENTE)).toHaveLength(1);
			});

			it('refuse what is over 30 MB for all recipients together', async () => {
				const to = [1, 2, 3, 4].map((number) => `cliente0${number}@pec.beta.test`);
				const attachments = [{ filename: 'grande.bin', content: Buffer.alloc(6_000_000, 1) }];
				await desk.send({ to, subject: 'Prova', text: 'ciao', attachments });
				expect(desk.deliveries()).toEqual([`${STUDIO} non-accettazione`]);
			});
		});

		describe('the log', () => {
			it('has a submission with client id, provider id and hash; the 250 names it', async () => {
				const raw = message({ From: STUDIO, To: CLIENTE, 'Message-ID': ANGLED });
				const { response } = await desk.send({ raw, envelope: { from: STUDIO, to: [CLIENTE] } });
				const [submission] = desk.ofType('submission');
				expect(submission).toMatchObject({
					account: STUDIO,
					messageId: ANGLED,
					recipients: [CLIENTE],
					size: raw.length,
					sha256: createHash('sha256').update(raw).digest('hex'),
				});
				expect(response).toContain(submission?.providerId);
				expect(submission?.providerId).toMatch(
					/^opec2941\.\d{14}\.\d{5}\.\d+\.1\.\d+@pec\.alfa\.test$/,
				);
			});

			it('counts without a gap and cannot be changed by its readers', async () => {
				await desk.send({ to: CLIENTE, subject: 'Prova', text: 'ciao' });
				const { log } = desk.sandbox;
				const numbers = log.entries().map(({ seq }) => seq);
				expect(numbers).toEqual(numbers.map((_, index) => index + 1));
				log.entries().length = 0;
				expect(log.entries()).toHaveLength(numbers.length);
				expect(Object.isFrozen(log.entries()[0])).toBe(true);
			});

			it('knows a refused sign-in by SMTP, and nothing is submitted', async () => {
				const sending = desk.send(
					{ to: CLIENTE, subject: 'Prova', text: 'ciao' },
					{ password: 'sbagliata' },
				);
				await expect(sending).rejects.toMatchObject({ responseCode: 535 });
				expect(desk.entries()).toMatchObject([
					{ type: 'refusedLogin', protocol: 'smtp', user: STUDIO },
				]);
			});
		});

		describe('held deliveries', () => {
			it('wait behind the acceptance and come in order once released', async () => {
				desk.sandbox.holdDeliveries();
				await desk.send({
					to: CLIENTE,
					subject: 'Uno',
					text: 'ciao',
					messageId: '<1@pec.alfa.test>',
				});
				await desk.send({
					to: CLIENTE,
					subject: 'Due',
					text: 'ciao',
					messageId: '<2@pec.alfa.test>',
				});
				expect(desk.deliveries()).toEqual([`${STUDIO} accettazione`, `${STUDIO} accettazione`]);
				await desk.sandbox.releaseDeliveries();
				expect(
					desk
						.ofType('delivery')
						.filter(({ mailbox }) => mailbox === CLIENTE)
						.map(({ originalMessageId }) => originalMessageId),
				).toEqual(['<1@pec.alfa.test>', '<2@pec.alfa.test>']);
				expect(await desk.mails(STUDIO)).toHaveLength(4);
			});
		});
	});
});

describe("the log of the sandbox's own mailboxes", () => {
	let desk: PecDesk;
	beforeEach(async () => {
		desk = await PecDesk.open();
	});
	afterEach(async () => await desk.sandbox.stop());

	it('names each delivery by the UID and hash it has in the mailbox', async () => {
		await desk.send({ to: CLIENTE, subject: 'Prova', text: 'ciao' });
		const [entry] = desk.ofType('delivery').filter(({ mailbox }) => mailbox === CLIENTE);
		const folder = desk.sandbox.store.account(CLIENTE)?.folder('INBOX');
		const stored = folder?.messages[0];
		expect(stored).toBeDefined();
		expect(entry).toMatchObject({
			folder: 'INBOX',
			uid: stored?.uid,
			uidValidity: folder?.uidValidity,
			size: stored?.raw.length,
			sha256: createHash('sha256')
				.update(stored?.raw ?? '')
				.digest('hex'),
			originalMessageId: ANGLED,
		});
	});

	it('knows a refused sign-in by IMAP', async () => {
		const client = new ImapFlow({
			...desk.sandbox.imap,
			tls: { ca: desk.sandbox.tlsCa },
			auth: { user: STUDIO, pass: 'sbagliata' },
			logger: false,
		});
		client.on('error', () => undefined);
		await expect(client.connect()).rejects.toMatchObject({ authenticationFailed: true });
		expect(desk.entries()).toMatchObject([{ type: 'refusedLogin', protocol: 'imap' }]);
	});
});
