import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeTransportEnvelope } from '../../../sandbox/pec/envelopes.ts';
import { readSubmission } from '../../../sandbox/pec/mail.ts';
import type { PecMail } from '../../../sandbox/pec/mail.ts';
import { withProviderAdditions } from '../../../sandbox/pec/original.ts';
import { composeSubmission } from '../../../sandbox/pec/outgoing.ts';
import type { Provider } from '../../../sandbox/pec/provider.ts';
import { createProviders, PROVIDER_PLANS } from '../../../sandbox/pec/provisioning.ts';
import { writeAcceptance, writeDelivery, writeNonDelivery } from '../../../sandbox/pec/receipts.ts';
import { createKeyPair, issueCertificate } from '../../../sandbox/pki/certificate.ts';
import { createPki } from '../../../sandbox/pki/hierarchy.ts';
import { seededBytes } from '../random.ts';

/** When all of it was sent and signed. */
export const SENT_AT = new Date('2026-01-31T23:30:12Z');
const SENDER = 'studio@pec.alfa.test';
const RECIPIENT = 'cliente01@pec.beta.test';
const YEAR = 365 * 24 * 60 * 60 * 1000;

/** What a reader has to find in a message. */
export interface Expected {
	readonly kind: 'receipt' | 'transportEnvelope';
	readonly originalMessageId: string;
	/** SHA-256 of the attachments, hexadecimal. */
	readonly attachments: readonly string[];
}

/** Messages of one size. Sizes and shares of real mailboxes: 60, 30 and 10 of a hundred. */
export interface Plan {
	readonly name: string;
	readonly count: number;
	/** Bytes of the attachment, of which base64 makes a third more; 0: receipts, which have none. */
	readonly attachment: number;
	/** Each message by another signer, all below one CA; else the two providers take turns. */
	readonly ownSigners?: boolean;
}

export interface Item {
	readonly raw: Buffer;
	readonly expected: Expected;
}

/** A provider that signs with another certificate; the key is the same, which nothing that reads can tell. */
async function withOwnSigner(provider: Provider, count: number): Promise<readonly Provider[]> {
	const keys = await createKeyPair();
	const { issuing } = provider.signer;
	return Array.from({ length: count }, (_, index) => ({
		...provider,
		signer: {
			issuing,
			own: issueCertificate(keys, {
				subject: { organization: `${provider.name} ${index}`, commonName: 'Posta Certificata' },
				issuer: issuing,
				from: new Date(SENT_AT.getTime() - YEAR),
				to: new Date(SENT_AT.getTime() + YEAR),
				extensions: [
					{ name: 'keyUsage', critical: true, digitalSignature: true, nonRepudiation: true },
					{ name: 'extKeyUsage', emailProtection: true },
					{ name: 'subjectAltName', altNames: [{ type: 1, value: provider.certifiedAddress }] },
				],
			}),
		},
	}));
}

async function writeOriginal(
	provider: Provider,
	plan: Plan,
	index: number,
	random: (bytes: number) => Buffer,
): Promise<{ mail: PecMail; expected: Omit<Expected, 'kind'> }> {
	const messageId = `<${plan.name}.${index}.${random(6).toString('hex')}@pec.alfa.test>`;
	const content = random(plan.attachment);
	const words = random(200).toString('base64').replace(/.{60}/g, '$&\r\n');
	const attachments =
		plan.attachment === 0
			? []
			: [{ filename: `Fattura n. ${index}.pdf`, content, contentType: 'application/pdf' }];
	const submission = await composeSubmission(
		SENDER,
		{
			to: RECIPIENT,
			subject: `Avviso di convocazione n. ${index}`,
			text: `Buongiorno,\r\n${words}\r\n`,
			attachments,
			messageId,
		},
		SENT_AT,
	);
	const mail = readSubmission(submission, {
		providerId: provider.identifiers.envelope(SENT_AT),
		isCertified: () => true,
	});
	const hashes = attachments.map((file) => createHash('sha256').update(file.content).digest('hex'));
	return { mail, expected: { originalMessageId: messageId, attachments: hashes } };
}

/** Receipts of three types in turn, or envelopes. */
async function writeItem(
	provider: Provider,
	plan: Plan,
	index: number,
	random: (bytes: number) => Buffer,
): Promise<Item> {
	const { mail, expected } = await writeOriginal(provider, plan, index, random);
	const at = SENT_AT;
	if (plan.attachment > 0) {
		const received = `Received: from desk ([192.0.2.1]) by ${provider.domain} with ESMTPSA; Sat, 31 Jan 2026 23:30:12 +0000\r\n`;
		const original = withProviderAdditions(mail, received);
		const { raw } = await writeTransportEnvelope(provider, mail, { at, original, received });
		return { raw, expected: { kind: 'transportEnvelope', ...expected } };
	}
	const failure = { error: 'altro', extended: '5.2.2 - Gestore - casella piena' } as const;
	const writers = [
		() => writeAcceptance(provider, mail, at),
		() => writeDelivery(provider, mail, { at, recipient: RECIPIENT, content: 'sintetica' }),
		() => writeNonDelivery(provider, mail, { at, recipient: RECIPIENT, failure }),
	];
	const { raw } = await (writers[index % writers.length] ?? writers[0]!)();
	return { raw, expected: { kind: 'receipt', ...expected } };
}

/**
 * Writes messages, each of its own, with the sandbox's writers. Texts, files and sizes come from the seed; keys,
 * signatures and some boundaries are new each time.
 */
export async function writeCorpora(
	folder: string,
	plans: readonly Plan[],
	seed: string,
): Promise<void> {
	const pki = await createPki({ providers: PROVIDER_PLANS, now: SENT_AT, tls: 'valid' });
	const providers = createProviders(pki, { process: 1, random: seededBytes(seed) });
	writeFileSync(join(folder, 'ca.pem'), pki.pecCa);
	for (const plan of plans) {
		const random = seededBytes(`${seed} ${plan.name}`);
		const [first] = providers;
		const signers = plan.ownSigners && first ? await withOwnSigner(first, plan.count) : providers;
		mkdirSync(join(folder, plan.name));
		for (let index = 0; index < plan.count; index += 1) {
			const provider = signers[index % signers.length];
			if (!provider) throw new Error('There is no provider');
			const { raw, expected } = await writeItem(provider, plan, index, random);
			const file = join(folder, plan.name, String(index).padStart(4, '0'));
			writeFileSync(`${file}.eml`, raw);
			writeFileSync(`${file}.json`, JSON.stringify(expected));
		}
	}
}

/** The files of a plan's messages, in their order. */
export function filesOf(folder: string, name: string): string[] {
	return readdirSync(join(folder, name))
		.filter((file) => file.endsWith('.eml'))
		.sort()
		.map((file) => join(folder, name, file));
}

export function readCorpus(folder: string, name: string): { ca: string; items: readonly Item[] } {
	const items = filesOf(folder, name).map((file) => ({
		raw: readFileSync(file),
		expected: JSON.parse(readFileSync(file.replace(/eml$/, 'json'), 'utf8')) as Expected,
	}));
	return { ca: readFileSync(join(folder, 'ca.pem'), 'utf8'), items };
}
