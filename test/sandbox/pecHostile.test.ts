import { randomBytes } from 'node:crypto';

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';

import { certificationData } from '../../sandbox/pec/certificationData.ts';
import { writeAnomalyEnvelope, writeTransportEnvelope } from '../../sandbox/pec/envelopes.ts';
import { headerField } from '../../sandbox/pec/headers.ts';
import { readSubmission, type PecMail } from '../../sandbox/pec/mail.ts';
import { withProviderAdditions } from '../../sandbox/pec/original.ts';
import type { Provider } from '../../sandbox/pec/provider.ts';
import { createProviders, PROVIDER_PLANS } from '../../sandbox/pec/provisioning.ts';
import { writeAcceptance } from '../../sandbox/pec/receipts.ts';
import { createPki } from '../../sandbox/pki/hierarchy.ts';
import { titleOf } from '../servers/mailServers.ts';
import { ANGLED, CLIENTE, message, PecDesk, STUDIO } from './pecDesk.ts';
import { MAILBOXES, sharedOver } from './pecMailboxes.ts';

const NOW = new Date('2026-07-01T10:00:00Z');
const RECEIVED = 'Received: from a\r\n\tby b\r\n';
let provider: Provider;

beforeAll(async () => {
	const pki = await createPki({ providers: PROVIDER_PLANS, now: NOW, tls: 'valid' });
	const [first] = createProviders(pki, { process: 1, random: randomBytes });
	if (first === undefined) throw new Error('no provider');
	provider = first;
});

function read(raw: string): PecMail {
	return readSubmission(
		{
			account: STUDIO,
			mailFrom: STUDIO,
			rcptTo: [CLIENTE],
			raw: Buffer.from(raw, 'latin1'),
			client: { name: 'a', address: '127.0.0.1', protocol: 'ESMTPSA' },
		},
		{ providerId: 'id@pec.alfa.test', isCertified: () => true },
	);
}

/** What can stand on a line that came by SMTP: any byte but CR and LF. */
const line = fc.uint8Array({ maxLength: 60 }).map((bytes) =>
	Buffer.from(bytes)
		.toString('latin1')
		.replace(/[\r\n]/g, ''),
);
const fold = fc.array(line, { minLength: 1, maxLength: 3 }).map((lines) => lines.join('\r\n '));

function topLevelNames(raw: Buffer): string[] {
	const [block = ''] = raw.toString('latin1').split('\r\n\r\n');
	return block
		.split('\r\n')
		.filter((each) => !/^[ \t]/.test(each))
		.map((each) => each.slice(0, each.indexOf(':')));
}

describe('whatever a client writes into its header', () => {
	const headers = fc.record({
		From: fold,
		To: fold,
		Subject: fold,
		'Message-ID': fold,
		'Reply-To': fold,
		'X-TipoRicevuta': fold,
	});

	it('adds no field to a receipt or an envelope', async () => {
		await fc.assert(
			fc.asyncProperty(headers, async (fields) => {
				const mail = read(message(fields));
				const reference = mail.clientId === undefined ? [] : ['X-Riferimento-Message-ID'];
				const original = withProviderAdditions(mail, RECEIVED);
				const envelope = await writeTransportEnvelope(provider, mail, {
					at: NOW,
					original,
					received: '',
				});
				expect(topLevelNames(envelope.raw)).toEqual([
					...['Subject', ...reference, 'Date', 'Message-ID', 'Reply-To', 'X-Trasporto', 'To'],
					...['From', 'X-Tiporicevuta', 'MIME-Version', 'Content-Type'],
				]);
				const acceptance = await writeAcceptance(provider, mail, NOW);
				expect(topLevelNames(acceptance.raw)).toEqual([
					...['Subject', ...reference, 'Date', 'Message-ID', 'To', 'From', 'X-Ricevuta'],
					...['MIME-Version', 'Content-Type'],
				]);
			}),
			{ numRuns: 300 },
		);
	});

	it('adds no field to an anomaly envelope', async () => {
		await fc.assert(
			fc.asyncProperty(headers, async (fields) => {
				const mail = Buffer.from(message(fields), 'latin1');
				const options = { at: NOW, recipient: CLIENTE, error: 'errore' };
				const envelope = await writeAnomalyEnvelope(provider, mail, options);
				expect(topLevelNames(envelope.raw)).toEqual([
					...['Subject', 'Date', 'Message-ID', 'Reply-To', 'X-Trasporto', 'To', 'From'],
					...['MIME-Version', 'Content-Type'],
				]);
			}),
			{ numRuns: 300 },
		);
	});

	it('leaves certification data an XML text of its own elements', () => {
		fc.assert(
			fc.property(headers, (fields) => {
				const mail = read(message(fields));
				const xml = certificationData(mail, { type: 'accettazione', provider: 'A & B', at: NOW });
				// eslint-disable-next-line no-control-regex
				expect(xml).not.toMatch(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/);
				expect(xml.match(/<\/?(?:mittente|oggetto|risposte)>/g)).toEqual([
					...['<mittente>', '</mittente>', '<risposte>', '</risposte>'],
					...['<oggetto>', '</oggetto>'],
				]);
			}),
			{ numRuns: 300 },
		);
	});

	it.each(['a\r\nX-Ricevuta: accettazione', 'a\nb', 'a\rb', 'a\0b'])(
		'a field is never written with %j',
		(value) => {
			expect(() => headerField('Subject', value)).toThrow('control character');
		},
	);

	it('is folded at its spaces and nowhere else', () => {
		fc.assert(
			fc.property(fc.string({ unit: fc.constantFrom('a', ' ', '\t', 'è') }), (value) => {
				const written = headerField('Subject', value);
				expect(written.replace(/\r\n(?=[ \t])/g, '').trim()).toBe(
					`Subject: ${value.trim()}`.trim(),
				);
				for (const folded of written.slice(0, -2).split('\r\n').slice(1)) {
					expect(folded).toMatch(/^[ \t]\s*\S/);
				}
			}),
		);
	});
});

describe('postacert.eml', () => {
	it('gives back what was submitted once the additions are taken away', () => {
		const rest = fc.array(line, { maxLength: 8 }).map((lines) => `${lines.join('\r\n')}\r\n`);
		const ids = fc.constantFrom(undefined, ANGLED, '<>', 'senza', '<due> <due>');
		fc.assert(
			fc.property(rest, ids, rest, (before, id, body) => {
				const head = id === undefined ? before : `${before}Message-ID: ${id}\r\n`;
				const raw = `${head}\r\n${body}`;
				const mail = read(raw);
				const text = withProviderAdditions(mail, RECEIVED).toString('latin1');
				const own = 'Message-ID: <id@pec.alfa.test>\r\n';
				const reference =
					mail.clientId === undefined ? '' : `X-Riferimento-Message-ID: ${mail.clientId}\r\n`;
				const replaced = mail.headers.fields.find(({ name }) => name === 'message-id')?.raw ?? '';
				expect(text.startsWith(RECEIVED)).toBe(true);
				expect(text.slice(RECEIVED.length).replace(own + reference, () => replaced)).toBe(raw);
			}),
			{ numRuns: 500 },
		);
	});
});

describe.each(MAILBOXES)('postacert.eml', (where) => {
	describe.skipIf(where.missing !== undefined)(titleOf(where), () => {
		describe('by SMTP', () => {
			let desk: PecDesk;
			sharedOver(where, async (mailboxes) => (desk = await PecDesk.open({}, mailboxes)));

			it.each<readonly [string, string]>([
				['lines of dots', '.\r\n..\r\n.a\r\n\r\n.\r\n'],
				['spaces at line ends and tabs', 'a \r\n\t\r\n  \r\nb\t\r\n'],
				['bytes beyond ASCII', 'perch\xe9 \xff\x80\r\n'],
				// no IMAP literal can hold one (RFC 3501 9): Dovecot gives 0x80 for it
				...(where.name === 'Dovecot by LMTP' ? [] : [['a NUL', 'a\x00b\r\n'] as const]),
				['a copy of the delimiters of a provider', '------------=_1\r\n--\r\n------AB--\r\n'],
				['a long line', `${'x'.repeat(5000)}\r\n`],
				['nothing', '\r\n'],
			])('has %s as they were sent', async (_, body) => {
				await desk.startOver();
				const headers = { from: STUDIO, TO: ` =?utf-8?q?Ditta?=\r\n <${CLIENTE}>`, 'X-A': '  b  ' };
				const raw = message(headers, body);
				await desk.send({
					raw: Buffer.from(raw, 'latin1'),
					envelope: { from: STUDIO, to: [CLIENTE] },
				});
				const [submission] = desk.ofType('submission');
				const stored = (await desk.mails(CLIENTE))[0]?.toString('latin1') ?? '';
				expect(submission?.size).toBe(raw.length);
				// this client sent no Message-ID: the provider's stands at the end of the header
				const [head = ''] = raw.split('\r\n\r\n');
				const own = `Message-ID: <${submission?.providerId}>`;
				expect(stored).toContain(`${head}\r\n${own}\r\n\r\n${body}\r\n------------=_`);
			});
		});
	});
});
