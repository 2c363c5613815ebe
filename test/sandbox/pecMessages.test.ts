import { describe, expect, it } from 'vitest';

import { titleOf } from '../servers/mailServers.ts';
import { ANGLED, CLIENTE, COPIA, KINDS, NOW, PecGallery, STUDIO, SUBJECT } from './pecGallery.ts';
import { MAILBOXES, sharedOver } from './pecMailboxes.ts';
import { verify, withoutOpenssl } from './pecOpenssl.ts';

const TRACE = ['Return-Path', 'Delivered-To', 'Received'];
const MIME = ['MIME-Version', 'Content-Type'];
const RECEIPT = [
	...TRACE,
	...['Subject', 'X-Riferimento-Message-ID', 'Date', 'Message-ID', 'To', 'From', 'X-Ricevuta'],
	...MIME,
];

describe.each(MAILBOXES)('what a provider writes', (where) => {
	describe.skipIf(where.missing !== undefined)(titleOf(where), () => {
		let gallery: PecGallery;
		sharedOver(where, async (mailboxes) => (gallery = await PecGallery.open(mailboxes)));

		describe('every message', () => {
			it.skipIf(withoutOpenssl).each(KINDS)(
				'verifies with openssl, if that is installed: %s',
				(name) => {
					const { said, entity } = verify(gallery.raw(name), {
						pecCa: gallery.sandbox.pecCa,
						at: NOW,
					});
					expect(said).toContain('CMS Verification successful');
					// what openssl verified is the multipart/mixed entity, byte for byte
					expect(gallery.raw(name).includes(entity)).toBe(true);
					expect(entity.subarray(0, 30).toString()).toContain('Content-Type: multipart/mixed');
				},
			);

			it.each(KINDS)('has only CRLF line ends, and no line beyond 998 characters: %s', (name) => {
				const lines = gallery.raw(name).toString('latin1').split('\r\n');
				expect(lines.filter((line) => /[\r\n]/.test(line))).toEqual([]);
				expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(998);
			});

			it.each(KINDS)(
				'comes from the certified address of its provider, dated in Rome: %s',
				(name) => {
					const fields = new Map(gallery.headers(name));
					expect(fields.get('From')).toMatch(/posta-certificata@pec\.(alfa|beta)\.test>?$/);
					expect(fields.get('Date')).toBe('Sun, 1 Feb 2026 00:30:12 +0100');
				},
			);
		});

		describe('the header', () => {
			it.each(KINDS.filter((name) => /^(?!transport|anomaly)/.test(name)))('of %s', (name) => {
				expect(gallery.headers(name).map(([field]) => field)).toEqual(RECEIPT);
				const fields = new Map(gallery.headers(name));
				expect(fields.get('X-Riferimento-Message-ID')).toBe(ANGLED);
				expect(fields.get('X-Ricevuta')).toBe(name.split(' ')[0]);
				expect(fields.get('Message-ID')).toMatch(
					/^<opec\d+\.20260201003012\.\d{5}\.1\.1\.\d+\.1@pec\./,
				);
			});

			it('of a transport envelope', () => {
				const name = `transportEnvelope ${CLIENTE}`;
				expect(gallery.headers(name).map(([field]) => field)).toEqual([
					...[...TRACE, 'Received', 'Subject', 'X-Riferimento-Message-ID', 'Date', 'Message-ID'],
					...['Reply-To', 'X-Trasporto', 'To', 'Cc', 'From', 'X-Tiporicevuta'],
					...MIME,
				]);
				const fields = new Map(gallery.headers(name));
				expect(fields.get('From')).toBe(
					`"Per conto di: ${STUDIO}" <posta-certificata@pec.alfa.test>`,
				);
				expect(fields.get('Reply-To')).toBe(STUDIO);
				expect(fields.get('X-Trasporto')).toBe('posta-certificata');
				expect(fields.get('Message-ID')).toBe(
					`<${gallery.sandbox.log.submissions()[0]?.providerId}>`,
				);
			});

			it('of an anomaly envelope', () => {
				const name = 'anomalyEnvelope cliente05@pec.beta.test';
				expect(new Map(gallery.headers(name))).toEqual(
					new Map([
						['Return-Path', '<t@example.com>'],
						['Delivered-To', 'cliente05@pec.beta.test'],
						['Received', expect.any(String)],
						['Subject', 'ANOMALIA MESSAGGIO: Offerta'],
						['Date', 'Sun, 1 Feb 2026 00:30:12 +0100'],
						['Message-ID', '<o@e>'],
						['Reply-To', 't@example.com'],
						['X-Trasporto', 'errore'],
						['To', 's'],
						['From', '"Per conto di: t@example.com" <posta-certificata@pec.beta.test>'],
						['MIME-Version', '1.0'],
						['Content-Type', expect.stringContaining('multipart/signed')],
					]),
				);
			});

			it.each([
				[`accettazione ${STUDIO}`, 'ACCETTAZIONE: '],
				['non-accettazione cliente04@pec.beta.test', 'AVVISO DI NON ACCETTAZIONE: '],
				[`transportEnvelope ${CLIENTE}`, 'POSTA CERTIFICATA: '],
				[`avvenuta-consegna ${CLIENTE}`, 'CONSEGNA: '],
				['errore-consegna pieno@pec.beta.test', 'AVVISO DI MANCATA CONSEGNA: '],
			])('of %s has the subject prefix %s', async (name, prefix) => {
				expect((await gallery.parsed(name)).subject).toBe(prefix + SUBJECT);
			});
		});

		describe('the parts', () => {
			/** Content types with file name and disposition, depth first. */
			function outline(name: string): string[] {
				return [
					...gallery
						.raw(name)
						.toString('latin1')
						.matchAll(/^Content-Type: ([\w/-]+).*\r\n(?:.+\r\n)*/gm),
				]
					.map(([block, type]) => {
						const [, disposition] = /^Content-Disposition: (\w+)/m.exec(block) ?? [];
						return disposition === undefined ? `${type}` : `${type} ${disposition}`;
					})
					.slice(1);
			}

			it('of a provider that writes HTML and puts certification data first', () => {
				expect(outline('avvenuta-consegna alfa2@pec.alfa.test')).toEqual([
					'multipart/mixed',
					'multipart/alternative',
					'text/plain inline',
					'text/html inline',
					'application/xml inline',
					'message/rfc822 inline',
					...['multipart/mixed', 'text/plain', 'application/pdf attachment'],
					'application/x-pkcs7-signature attachment',
				]);
			});

			it('of a provider that writes plain text and puts the original first', () => {
				expect(outline(`avvenuta-consegna ${CLIENTE}`)).toEqual([
					'multipart/mixed',
					'text/plain inline',
					'message/rfc822 attachment',
					...['multipart/mixed', 'text/plain', 'application/pdf attachment'],
					'application/xml attachment',
					'application/pkcs7-signature attachment',
				]);
			});

			it.each([
				[`accettazione ${STUDIO}`, ['daticert.xml', 'smime.p7s']],
				['non-accettazione cliente04@pec.beta.test', ['daticert.xml', 'smime.p7s']],
				['errore-consegna pieno@pec.beta.test', ['daticert.xml', 'smime.p7s']],
				// a recipient in Cc gets a concise receipt
				[`avvenuta-consegna ${COPIA}`, ['daticert.xml', 'smime.p7s']],
				['anomalyEnvelope cliente05@pec.beta.test', ['postacert.eml', 'smime.p7s']],
			])('attached to %s', async (name, files) => {
				expect((await gallery.parsed(name)).attachments.map(({ filename }) => filename)).toEqual(
					files,
				);
			});

			it('say in Italian what happened', async () => {
				const mail = await gallery.parsed(`accettazione ${STUDIO}`);
				expect(mail.text).toContain(
					`Il giorno 01/02/2026 alle ore 00:30:12 (+0100) il messaggio con Oggetto\n"Perché "no" & <sì> ?" inviato da "${STUDIO}"`,
				);
				expect(mail.text).toContain('x@example.com ("posta ordinaria")\n');
				expect(mail.text).toContain('è stato accettato dal sistema ed inoltrato.');
				expect(mail.html).toContain(
					'&quot;Perch\u00e9 &quot;no&quot; &amp; &lt;s\u00ec&gt; ?&quot;',
				);
			});
		});
	});
});
