import { createHash } from 'node:crypto';

import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';

import { titleOf } from '../servers/mailServers.ts';
import { ANGLED, CLIENTE, COPIA, KINDS, PecGallery, STUDIO } from './pecGallery.ts';
import { MAILBOXES, sharedOver } from './pecMailboxes.ts';

describe.each(MAILBOXES)('what is inside', (where) => {
	describe.skipIf(where.missing !== undefined)(titleOf(where), () => {
		let gallery: PecGallery;
		sharedOver(where, async (mailboxes) => (gallery = await PecGallery.open(mailboxes)));

		describe('the original', () => {
			it.each([`transportEnvelope ${CLIENTE}`, `avvenuta-consegna ${CLIENTE}`])(
				'in %s is what was submitted, but for the additions of the provider',
				async (name) => {
					const [submission] = gallery.sandbox.log.submissions();
					const { content } = await gallery.attachment(name, 'postacert.eml');
					const text = content.toString('latin1');
					const additions =
						/^Received: from webmail .*\r\n\tby smtps\.pec\.alfa\.test .*\r\n\tSun, 1 Feb 2026 00:30:12 \+0100\r\n/;
					expect(text).toMatch(additions);
					const before = text
						.replace(additions, '')
						.replace(
							`Message-ID: <${submission?.providerId}>\r\nX-Riferimento-Message-ID: ${ANGLED}\r\n`,
							`Message-ID: ${ANGLED}\r\n`,
						);
					expect(before).toHaveLength(submission?.size ?? 0);
					expect(createHash('sha256').update(before, 'latin1').digest('hex')).toBe(
						submission?.sha256,
					);
				},
			);
		});

		describe('certification data', () => {
			/** The content models of RFC 6109 4.4 as patterns over the names of the children. */
			const MODELS: Readonly<Record<string, RegExp>> = {
				postacert: /^intestazione dati $/,
				intestazione: /^mittente (destinatari )+risposte (oggetto )?$/,
				dati: /^gestore-emittente data identificativo (msgid )?(ricevuta )?(consegna )?(ricezione )*(errore-esteso )?$/,
				data: /^giorno ora $/,
			};

			async function daticert(name: string): Promise<string> {
				return (await gallery.attachment(name, 'daticert.xml')).content.toString('utf8');
			}

			function namesIn(nodes: readonly Record<string, unknown>[]): string {
				return nodes
					.map((node) => Object.keys(node).find((key) => key !== ':@' && key !== '#text'))
					.filter((key) => key !== undefined)
					.map((key) => `${key} `)
					.join('');
			}

			it.each(KINDS.slice(0, -1))('of %s follows the DTD', async (name) => {
				const xml = await daticert(name);
				expect(XMLValidator.validate(xml)).toBe(true);
				const seen: string[] = [];
				const walk = (nodes: readonly Record<string, unknown>[]): void => {
					for (const node of nodes) {
						for (const [element, children] of Object.entries(node)) {
							if (!Array.isArray(children)) continue;
							seen.push(element);
							const model = MODELS[element];
							if (model !== undefined) expect(namesIn(children)).toMatch(model);
							walk(children as Record<string, unknown>[]);
						}
					}
				};
				walk(new XMLParser({ preserveOrder: true, ignoreDeclaration: true }).parse(xml));
				expect(seen).toEqual(expect.arrayContaining(Object.keys(MODELS)));
			});

			it('of a delivery names recipient, receipt and both identifiers', async () => {
				const xml = await daticert(`avvenuta-consegna ${CLIENTE}`);
				expect(xml).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<postacert tipo="avvenuta-consegna" errore="nessuno">
    <intestazione>
        <mittente>${STUDIO}</mittente>
        <destinatari tipo="certificato">${CLIENTE}</destinatari>
        <destinatari tipo="certificato">nessuno@pec.beta.test</destinatari>
        <destinatari tipo="certificato">no@pec.alfa.test</destinatari>
        <destinatari tipo="certificato">pieno@pec.beta.test</destinatari>
        <destinatari tipo="certificato">sospeso@pec.beta.test</destinatari>
        <destinatari tipo="esterno">x@example.com</destinatari>
        <destinatari tipo="certificato">${COPIA}</destinatari>
        <risposte>${STUDIO}</risposte>
        <oggetto>Perché "no" &amp; &lt;sì&gt; €</oggetto>
    </intestazione>
    <dati>
        <gestore-emittente>Gestore Beta S.r.l.</gestore-emittente>
        <data zona="+0100">
            <giorno>01/02/2026</giorno>
            <ora>00:30:12</ora>
        </data>
        <identificativo>${gallery.sandbox.log.submissions()[0]?.providerId}</identificativo>
        <msgid>&lt;prova.1@pec.alfa.test&gt;</msgid>
        <ricevuta tipo="completa" />
        <consegna>${CLIENTE}</consegna>
    </dati>
</postacert>
`);
			});

			it.each([
				[
					'errore-consegna nessuno@pec.beta.test',
					'no-dest',
					'5.1.1 - Gestore Beta S.r.l. - indirizzo non valido',
				],
				[
					'errore-consegna no@pec.alfa.test',
					'altro',
					'5.1.1 - Gestore Alfa S.p.A. - indirizzo non valido',
				],
				[
					'errore-consegna pieno@pec.beta.test',
					'altro',
					'5.2.2 - Gestore Beta S.r.l. - casella piena',
				],
				[
					'errore-consegna sospeso@pec.beta.test',
					'altro',
					'5.2.1 - Gestore Beta S.r.l. - casella disabilitata',
				],
			])('of %s gives errore=%s and the extended error', async (name, error, extended) => {
				const xml = await daticert(name);
				expect(xml).toContain(`<postacert tipo="errore-consegna" errore="${error}">`);
				expect(xml).toContain(`<consegna>${name.split(' ')[1]}</consegna>`);
				expect(xml).toContain(`<errore-esteso>${extended}</errore-esteso>`);
			});
		});
	});
});
