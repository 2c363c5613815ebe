import { simpleParser } from 'mailparser';
import { afterEach, describe, expect, it } from 'vitest';

import { readPecMessage } from '../../nodes/pec/message.ts';
import type { Dialect, Dialects } from '../../sandbox/index.ts';
import { ANGLED, CLIENTE, PecDesk, SERVICE, STUDIO } from './pecDesk.ts';
import { NOW } from './pecGallery.ts';
import { verify, withoutOpenssl } from './pecOpenssl.ts';

let desk: PecDesk;

afterEach(async () => await desk.sandbox.stop());

interface Message {
	readonly name: string;
	readonly raw: Buffer;
}

/** What STUDIO, its provider and CLIENTE got when STUDIO wrote to CLIENTE and to nobody. */
async function exchanged(dialects: Dialects): Promise<Message[]> {
	desk = await PecDesk.open({ now: () => NOW, dialects });
	await desk.sandbox.sendAs(STUDIO, {
		to: [CLIENTE, 'nessuno@pec.beta.test'],
		subject: 'Prova',
		text: 'ciao',
		messageId: ANGLED,
	});
	await desk.sandbox.settled();
	const { store, serviceStore } = desk.sandbox;
	return desk.ofType('delivery').map(({ mailbox, folder, uid, kind, wireType }) => {
		const account = store.account(mailbox) ?? serviceStore.account(mailbox);
		const found = account?.folder(folder)?.messages.find((message) => message.uid === uid);
		return { name: wireType ?? kind, raw: found?.raw ?? Buffer.of() };
	});
}

/** The provider's own header, after the trace fields of the delivery. */
function headerOf({ raw }: Message): string {
	const [block = ''] = raw.toString('latin1').split('\r\n\r\n');
	const unfolded = block.replace(/\r\n[ \t]+/g, ' ');
	return unfolded.slice(unfolded.search(/^subject:/im));
}

async function certificationOf({ raw }: Message): Promise<string> {
	const { attachments } = await simpleParser(raw, { ignoreEmbedded: true } as object);
	const found = attachments.find(({ filename }) => filename === 'daticert.xml');
	return found?.content.toString('utf8') ?? '';
}

const EVERYTHING = [
	'accettazione',
	'presa-in-carico',
	'transportEnvelope',
	'avvenuta-consegna',
	'errore-consegna',
];

const DIALECTS: readonly [string, Dialect][] = [
	['no msgid in the certification data', { msgid: false }],
	['no X-Riferimento-Message-ID', { reference: false }],
	['a signature over SHA-1', { digest: 'sha1' }],
	['micalg without quotation marks', { quotedMicalg: false, digest: 'sha1' }],
	['parts inline', { disposition: 'inline' }],
	['parts attached', { disposition: 'attachment' }],
	['the original first', { originalFirst: true }],
	['the certification data first', { originalFirst: false }],
	['an HTML alternative', { html: true }],
	['no HTML alternative', { html: false }],
	['identifiers of hexadecimal groups', { identifierShape: 'postecert' }],
	['X-TipoRicevuta as the RFC has it', { headerSpelling: 'rfc' }],
	['header names in small letters', { headerSpelling: 'lower' }],
	['header names in capitals', { headerSpelling: 'upper' }],
	['certification data as text/xml', { certificationType: 'text/xml' }],
	['the older type of the signature part', { signatureType: 'application/x-pkcs7-signature' }],
	['the newer type of the signature part', { signatureType: 'application/pkcs7-signature' }],
];

describe.each(DIALECTS)('%s', (_, dialect) => {
	it.skipIf(withoutOpenssl)('still verifies with openssl, whatever the message', async () => {
		const messages = await exchanged(dialect);
		expect(messages.map(({ name }) => name)).toEqual(EVERYTHING);
		for (const { raw } of messages) {
			const { said, entity } = verify(raw, { pecCa: desk.sandbox.pecCa, at: NOW });
			expect(said).toContain('CMS Verification successful');
			expect(raw.includes(entity)).toBe(true);
		}
	});

	it('still is a message of its kind to a reader, verified', async () => {
		const messages = await exchanged(dialect);
		const trust = { issuers: [desk.sandbox.pecCa] };
		const read = await Promise.all(
			messages.map(async ({ raw }) => await readPecMessage(raw, { trust, now: NOW })),
		);
		expect(read.map(({ kind, receipt }) => receipt?.wireType ?? kind)).toEqual(EVERYTHING);
		for (const { kind, verified, findings } of read) {
			// Then only the header says which message a receipt answers.
			const said = kind === 'receipt' && dialect.msgid === false ? ['messageIdUncertified'] : [];
			expect([verified, findings.map(({ code }) => code)]).toEqual([true, said]);
		}
	});
});

describe('the certification data', () => {
	it('lack msgid where that is the dialect, and the header still refers', async () => {
		const messages = await exchanged({ msgid: false });
		for (const message of messages) {
			expect(await certificationOf(message)).not.toContain('msgid');
			expect(headerOf(message)).toContain(`X-Riferimento-Message-ID: ${ANGLED}`);
		}
	});

	it('may be all that refers', async () => {
		const messages = await exchanged({ reference: false });
		for (const message of messages) {
			expect(await certificationOf(message)).toContain('<msgid>&lt;prova.1@pec.alfa.test&gt;');
			expect(headerOf(message)).not.toMatch(/riferimento/i);
		}
	});

	it('name an unknown mailbox as the provider does', async () => {
		for (const unknownMailbox of ['altro', 'no-dest'] as const) {
			const messages = await exchanged({ unknownMailbox });
			const failure = messages.find(({ name }) => name === 'errore-consegna');
			const certification = failure === undefined ? '' : await certificationOf(failure);
			expect(certification).toContain(`errore="${unknownMailbox}"`);
			expect(certification).toContain('<errore-esteso>5.1.1 - Gestore Beta');
			if (unknownMailbox === 'altro') await desk.sandbox.stop();
		}
	});

	it('have the identifier of the envelope, in groups where that is the dialect', async () => {
		const messages = await exchanged({ identifierShape: 'postecert' });
		const shape = /([\dA-F]{8}\.){4}posta-certificata@pec\.(alfa|beta)\.test/;
		const ids = messages.map((message) => /^Message-ID: <(.*)>$/m.exec(headerOf(message))?.[1]);
		for (const id of ids) expect(id).toMatch(new RegExp(`^${shape.source}$`));
		expect(new Set(ids).size).toBe(EVERYTHING.length);
		const envelope = ids[EVERYTHING.indexOf('transportEnvelope')];
		for (const message of messages) {
			expect(await certificationOf(message)).toContain(
				`<identificativo>${envelope}</identificativo>`,
			);
		}
	});
});

it.each([
	[{ headerSpelling: 'rfc' }, /^X-TipoRicevuta: completa$/m],
	[{ headerSpelling: 'lower' }, /^x-tiporicevuta: completa$/m],
	[{ headerSpelling: 'upper' }, /^X-TIPORICEVUTA: completa$/m],
	[{}, /^X-Tiporicevuta: completa$/m],
	[{ quotedMicalg: false, digest: 'sha1' }, /micalg=sha1;/],
	[{ digest: 'sha1' }, /micalg="sha1";/],
	[{ signatureType: 'application/pkcs7-signature' }, /protocol="application\/pkcs7-signature"/],
	[{ headerSpelling: 'lower' }, /^content-type: multipart\/signed/m],
] as const)('%j gives an envelope with %s', async (dialect: Dialect, expected) => {
	const messages = await exchanged(dialect);
	const envelope = messages.find(({ name }) => name === 'transportEnvelope');
	expect(envelope && headerOf(envelope)).toMatch(expected);
});

it.each([
	[{ html: true }, 'multipart/alternative', true],
	[{ html: false }, 'multipart/alternative', false],
	[{ certificationType: 'text/xml' }, 'Content-Type: text/xml; name="daticert.xml"', true],
	[{ certificationType: 'text/xml' }, 'application/xml', false],
	[{ disposition: 'inline' }, 'attachment; filename="daticert.xml"', false],
	[{ disposition: 'attachment' }, 'inline; filename="daticert.xml"', false],
] as const)('%j: that %s is in every message is %s', async (dialect: Dialect, text, present) => {
	const messages = await exchanged(dialect);
	expect(messages.map(({ raw }) => raw.includes(text))).toEqual(messages.map(() => present));
});

it.each([
	[true, ['postacert.eml', 'daticert.xml']],
	[false, ['daticert.xml', 'postacert.eml']],
])('originalFirst %s gives the order %j', async (originalFirst, order) => {
	const messages = await exchanged({ originalFirst });
	const envelope = messages
		.find(({ name }) => name === 'transportEnvelope')
		?.raw.toString('latin1');
	const places = order.map((name) => envelope?.indexOf(`; filename="${name}"`) ?? -1);
	expect(places[0]).toBeGreaterThan(0);
	expect(places[0]).toBeLessThan(places[1] ?? 0);
});

it('one provider has its dialect while the other keeps its own', async () => {
	const messages = await exchanged({ html: true, beta: { html: false, msgid: false } });
	const seen = await Promise.all(
		messages.map(async (message) => ({
			name: message.name,
			html: message.raw.includes('text/html'),
			msgid: (await certificationOf(message)).includes('<msgid>'),
		})),
	);
	expect(seen).toEqual(
		EVERYTHING.map((name) => {
			const fromAlfa = name === 'accettazione' || name === 'transportEnvelope';
			return { name, html: fromAlfa, msgid: fromAlfa };
		}),
	);
});

it('receipts of one provider only are duplicated and sorted', async () => {
	const dialects = { alfa: { duplicateReceipts: true, receiptsFolder: 'Ricevute' } };
	await exchanged(dialects);
	await desk.sandbox.sendAs(CLIENTE, { to: STUDIO, subject: 'Indietro', text: 'ciao' });
	await desk.sandbox.settled();
	const receipts = desk
		.ofType('delivery')
		.filter(({ kind, mailbox }) => kind === 'receipt' && mailbox !== SERVICE)
		.map(({ mailbox, folder }) => `${mailbox} ${folder}`);
	expect(receipts.filter((line) => line === `${STUDIO} Ricevute`)).toHaveLength(6);
	expect(receipts.filter((line) => line === `${CLIENTE} INBOX`)).toHaveLength(2);
});
