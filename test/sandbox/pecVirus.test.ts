import { simpleParser } from 'mailparser';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { readPecMessage } from '../../nodes/pec/message.ts';
import { EICAR, type OutgoingMail, type SandboxOptions } from '../../sandbox/index.ts';
import { findVirus } from '../../sandbox/pec/virusScan.ts';
import { titleOf } from '../servers/mailServers.ts';
import { ANGLED, CLIENTE, message, PecDesk, SERVICE, STUDIO } from './pecDesk.ts';
import { NOW } from './pecGallery.ts';
import { MAILBOXES, type RunningMailboxes } from './pecMailboxes.ts';
import { verify, withoutOpenssl } from './pecOpenssl.ts';

const OTHER = 'cliente02@pec.beta.test';
const INFECTED: OutgoingMail = {
	to: [CLIENTE, OTHER],
	subject: 'Perché no',
	text: 'ciao',
	attachments: [{ filename: 'fattura.com', content: Buffer.from(EICAR) }],
	messageId: ANGLED,
};

describe.each(MAILBOXES)('viruses', (where) => {
	describe.skipIf(where.missing !== undefined)(titleOf(where), () => {
		let mailboxes: RunningMailboxes;
		let desk: PecDesk;

		beforeAll(async () => {
			mailboxes = await where.start();
		});

		afterAll(async () => await mailboxes?.stop());

		async function sendInfected(virusScan: SandboxOptions['virusScan']): Promise<void> {
			desk = await PecDesk.open({ now: () => NOW, virusScan }, mailboxes);
			await desk.sandbox.sendAs(STUDIO, INFECTED);
			await desk.sandbox.settled();
		}

		/** The bytes of the first delivery of that type. */
		async function received(wireType: string): Promise<Buffer> {
			const entry = desk.ofType('delivery').find((each) => each.wireType === wireType);
			const { mailbox = '', messageId = '' } = entry ?? {};
			const service = desk.sandbox.serviceStore.account(mailbox)?.folder('INBOX')?.messages;
			const stored = service?.map(({ raw }) => raw) ?? (await desk.mails(mailbox));
			const found = stored.find((raw) => raw.includes(`\r\nMessage-ID: ${messageId}\r\n`));
			if (found === undefined) throw new Error(`there is no ${wireType}`);
			return found;
		}

		describe('a message with a virus', () => {
			afterEach(async () => await desk.close());

			it("is not accepted when the sender's provider finds it, and nobody gets it", async () => {
				await sendInfected({});
				expect(desk.deliveries()).toEqual([`${STUDIO} non-accettazione`]);
				expect(desk.ofType('submission')).toHaveLength(1);
			});

			it("is refused for each recipient when only the recipient's provider finds it", async () => {
				await sendInfected({ alfa: false });
				expect(desk.deliveries()).toEqual([
					`${STUDIO} accettazione`,
					// RFC 6109 2.2.2: an envelope with a virus is still a correct one
					`${SERVICE} presa-in-carico`,
					`${SERVICE} rilevazione-virus ${CLIENTE}`,
					`${STUDIO} errore-consegna ${CLIENTE}`,
					`${SERVICE} rilevazione-virus ${OTHER}`,
					`${STUDIO} errore-consegna ${OTHER}`,
				]);
				await desk.sandbox.advance(48 * 3_600_000);
				expect(desk.deliveries()).toHaveLength(6);
			});

			it('is refused for the recipients of the provider that looks, and delivered to the others', async () => {
				desk = await PecDesk.open({ now: () => NOW, virusScan: { alfa: false } }, mailboxes);
				const to = ['alfa2@pec.alfa.test', CLIENTE, 'nessuno@pec.beta.test', 'x@example.com'];
				await desk.sandbox.sendAs(STUDIO, { ...INFECTED, to });
				await desk.sandbox.settled();
				expect(desk.deliveries()).toEqual([
					`${STUDIO} accettazione`,
					'alfa2@pec.alfa.test transportEnvelope',
					`${STUDIO} avvenuta-consegna alfa2@pec.alfa.test`,
					`${SERVICE} presa-in-carico`,
					`${SERVICE} rilevazione-virus ${CLIENTE}`,
					`${STUDIO} errore-consegna ${CLIENTE}`,
					`${SERVICE} rilevazione-virus nessuno@pec.beta.test`,
					`${STUDIO} errore-consegna nessuno@pec.beta.test`,
				]);
				expect(desk.sandbox.outsideWorld).toHaveLength(1);
				expect(await desk.mails(CLIENTE)).toEqual([]);
			});

			it('is delivered when nobody looks', async () => {
				await sendInfected({ alfa: false, beta: false });
				expect(await desk.mails(CLIENTE)).toHaveLength(1);
				expect(await desk.mails(OTHER)).toHaveLength(1);
			});

			it('is delivered within a provider that does not look', async () => {
				desk = await PecDesk.open({ virusScan: { alfa: false } }, mailboxes);
				await desk.sandbox.sendAs(STUDIO, { ...INFECTED, to: 'alfa2@pec.alfa.test' });
				await desk.sandbox.settled();
				expect(await desk.mails('alfa2@pec.alfa.test')).toHaveLength(1);
			});
		});

		describe('the notice', () => {
			afterEach(async () => await desk.close());

			const NOTICES = [
				{
					wireType: 'non-accettazione',
					scan: {},
					issuer: 'alfa',
					to: STUDIO,
					prefix: 'AVVISO DI NON ACCETTAZIONE PER VIRUS: ',
					type: 'nonAcceptance',
					own: ['x-verificasicurezza', 'errore'],
					recipient: undefined,
					words: 'Il messaggio non è stato accettato.',
				},
				{
					wireType: 'rilevazione-virus',
					scan: { alfa: false },
					issuer: 'beta',
					to: SERVICE,
					prefix: 'PROBLEMA DI SICUREZZA: ',
					type: 'virusDetected',
					own: ['x-mittente', STUDIO],
					recipient: CLIENTE,
					words: `"${CLIENTE}"`,
				},
				{
					wireType: 'errore-consegna',
					scan: { alfa: false },
					// RFC 6109 3.2.4: not from the provider that found it
					issuer: 'alfa',
					to: STUDIO,
					prefix: 'AVVISO DI MANCATA CONSEGNA PER VIRUS: ',
					type: 'nonDelivery',
					own: ['x-verificasicurezza', 'errore'],
					recipient: CLIENTE,
					words: 'Il messaggio non è stato consegnato.',
				},
			] as const;

			it.skipIf(withoutOpenssl).each(NOTICES)(
				'$wireType verifies with openssl',
				async ({ wireType, scan }) => {
					await sendInfected(scan);
					const raw = await received(wireType);
					const { said, entity } = verify(raw, { pecCa: desk.sandbox.pecCa, at: NOW });
					expect(said).toContain('CMS Verification successful');
					expect(raw.includes(entity)).toBe(true);
				},
			);

			it.each(NOTICES)('$wireType tells a reader of a virus', async (notice) => {
				await sendInfected(notice.scan);
				const raw = await received(notice.wireType);
				const trust = { issuers: [desk.sandbox.pecCa] };
				const read = await readPecMessage(raw, { trust, now: NOW });
				expect(read).toMatchObject({
					kind: 'receipt',
					consistent: true,
					verified: true,
					findings: [],
					envelope: {
						subject: `${notice.prefix}Perché no`,
						from: `posta-certificata@pec.${notice.issuer}.test`,
						to: [notice.to],
					},
					receipt: {
						type: notice.type,
						wireType: notice.wireType,
						originalMessageId: ANGLED,
						error: { code: 'virus', reason: 'virus' },
					},
				});
				expect(read.receipt?.deliveredTo).toBe(notice.recipient);
				expect(read.original).toBeUndefined();
			});

			it.each(NOTICES)(
				'$wireType has its own header field, and never the virus',
				async (notice) => {
					await sendInfected(notice.scan);
					const raw = await received(notice.wireType);
					const { headers, text, attachments } = await simpleParser(raw);
					const [name, value] = notice.own;
					expect(headers.get(name)).toBe(value);
					const others = ['x-verificasicurezza', 'x-mittente'].filter((other) => other !== name);
					expect(others.filter((other) => headers.has(other))).toEqual([]);
					expect(text).toContain(
						'è stato rilevato un problema di sicurezza [Eicar-Test-Signature].',
					);
					expect(text).toContain(notice.words);
					expect(attachments.map(({ filename }) => filename)).toEqual([
						'daticert.xml',
						'smime.p7s',
					]);
					expect(findVirus(raw)).toBeUndefined();
				},
			);
		});
	});
});

describe('the scanner', () => {
	const part = (encoding: string, body: string): string =>
		message({ 'Content-Type': 'text/plain', 'Content-Transfer-Encoding': encoding }, body);
	const base64 = Buffer.from(`prima ${EICAR} dopo`).toString('base64');
	const mixed = (inner: string): string =>
		message(
			{ 'Content-Type': 'multipart/mixed; boundary=b' },
			`--b\r\n\r\nciao\r\n--b\r\n${inner}\r\n--b--\r\n`,
		);

	it.each([
		['as it stands', part('7bit', EICAR)],
		['in base64', part('base64', base64)],
		['in base64 broken into lines', part('BASE64', base64.replace(/.{20}/g, '$&\r\n'))],
		['in quoted-printable', part('quoted-printable', EICAR.replace('7CC)', '7=43C=\r\n)'))],
		['in an attachment', mixed(part('base64', base64))],
		[
			'in a message that is attached',
			mixed(message({ 'Content-Type': 'message/rfc822' }, mixed(part('base64', base64)))),
		],
	])('finds the test file %s', (_, raw) => {
		expect(findVirus(Buffer.from(raw))).toBe('Eicar-Test-Signature');
	});

	it.each([
		['half of it', part('7bit', EICAR.slice(0, 40))],
		['base64 of something else', part('base64', btoa('ciao'))],
		['its name', part('7bit', 'EICAR')],
	])('passes %s', (_, raw) => {
		expect(findVirus(Buffer.from(raw))).toBeUndefined();
	});
});
