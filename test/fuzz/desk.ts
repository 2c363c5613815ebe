import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certified } from '../../sandbox/pki/certificate.ts';
import { signDetached } from '../../sandbox/pki/cms.ts';
import { createPki, type SignerCertificates } from '../../sandbox/pki/hierarchy.ts';
import { authority, issue, mailSigner, SIGNED_AT } from '../pec/testSigners.ts';
import { CLIENTE, PecGallery, STUDIO } from '../sandbox/pecGallery.ts';
import { WRITTEN } from '../sandbox/pecKinds.ts';
import { base64Lines, readEntity, writeEntity, type Entity } from './entity.ts';
import type { Random } from './random.ts';

/** What a message is made from. One character a byte. */
export interface Seed {
	readonly name: string;
	readonly text: string;
	/** What its provider signed; absent where nobody did. */
	readonly signed?: string;
}

/** Where messages are made: seeds, signers of every sort, and whom a reader is to trust. */
export interface Desk {
	readonly seeds: readonly Seed[];
	readonly signers: readonly SignerCertificates[];
	/** PEM. */
	readonly issuers: readonly string[];
}

const DAY = 24 * 60 * 60 * 1000;
const ALFA = 'pec.alfa.test';
const BETA = 'pec.beta.test';

const PLAIN: readonly (readonly [string, string])[] = [
	[
		'ordinary',
		'From: Mario <a@b.it>\r\nTo: c@d.it\r\nSubject: =?utf-8?Q?citt=C3=A0?=\r\nDate: x\r\n\r\nciao\r\n',
	],
	['empty', ''],
	['a header alone', 'From: a@b.it\r\nX-Trasporto: errore'],
	[
		'an ordinary report',
		'From: a@b.it\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=r\r\n\r\n--r\r\n\r\nx\r\n--r\r\nContent-Type: message/delivery-status\r\n\r\nA: b\r\n--r--\r\n',
	],
	[
		'flowed text and a file',
		'From: a@b.it\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: text/plain; format=flowed; charset=utf-8\r\n\r\nuno \r\ndue\r\n--m\r\nContent-Type: application/pkcs7-mime; name=a.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\nMAAA\r\n--m--\r\n',
	],
];

/** Signed content, when the message is made of it and a signature. */
export function signedIn(root: Entity): string | undefined {
	const [content, signature] = root.parts;
	return /multipart\/signed/i.test(root.head) && content && signature
		? writeEntity(content)
		: undefined;
}

function seedOf(name: string, raw: Buffer | string): Seed {
	const text = typeof raw === 'string' ? raw : raw.toString('latin1');
	const signed = signedIn(readEntity(text));
	return { name, text, ...(signed === undefined ? {} : { signed }) };
}

function samplesIn(folder: string | undefined): Seed[] {
	if (!folder) return [];
	const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
	return files
		.filter((file) => file.endsWith('.eml'))
		.map((file, index) => {
			// Some were stored with LF line ends, which are not taken apart here.
			const text = readFileSync(join(folder, file), 'latin1').replace(/\r?\n/g, '\r\n');
			return seedOf(`real message ${index}`, text);
		});
}

async function signersOf(): Promise<{ signers: SignerCertificates[]; pecCa: string }> {
	const providers = [ALFA, BETA].map((domain) => ({ name: domain, domain }));
	const pki = await createPki({ providers, now: SIGNED_AT, tls: 'valid' });
	const good = [...pki.signers.values()];
	const issuing = good[0]?.issuing;
	if (!issuing) throw new Error('There is no CA');
	const email = `posta-certificata@${ALFA}`;
	const by = async (name: string, issuer: Certified, more: Parameters<typeof mailSigner>[0]) => {
		const own = await issue({ name, issuer, extensions: mailSigner(more) });
		return { own, issuing: issuer };
	};
	const other = await issue({ name: 'Another CA', extensions: authority() });
	const odd = await Promise.all([
		by('Unknown', other, { email }),
		by('Web server', issuing, { email, extended: { name: 'extKeyUsage', serverAuth: true } }),
		by('Elsewhere', issuing, { email: 'posta-certificata@pec.gamma.test' }),
	]);
	return { signers: [...good, ...good, ...good, ...odd], pecCa: pki.pecCa };
}

/** @param samples a folder with real messages, which are read and stay where they are */
export async function openDesk(samples: string | undefined): Promise<Desk> {
	const gallery = await PecGallery.open();
	try {
		const names = WRITTEN.flatMap(({ alfa, beta }) => [alfa, beta]);
		const exhibits = names.map((name) => gallery.exhibit(name));
		await gallery.sandbox.sendRem(STUDIO, { to: [CLIENTE], subject: 'REM', text: 'ciao' });
		const inbox = gallery.sandbox.store.account(CLIENTE)?.folder('INBOX')?.messages ?? [];
		const { signers, pecCa } = await signersOf();
		const seeds = [
			...exhibits.map(({ raw }, index) => seedOf(names[index] ?? '', raw)),
			...inbox.slice(-1).map(({ raw }) => seedOf('REM', raw)),
			...PLAIN.map(([name, text]) => seedOf(name, text)),
			...samplesIn(samples),
		];
		const issuers = new Set([pecCa, ...exhibits.map((each) => each.pecCa)]);
		return { seeds, signers, issuers: [...issuers] };
	} finally {
		await gallery.sandbox.stop();
	}
}

/** Signs the first part again, into the second; most by a good signer and at the right time. Returns what was signed. */
export function signAgain(root: Entity, desk: Desk, random: Random): string | undefined {
	const content = signedIn(root);
	const signature = root.parts[1];
	if (content === undefined || !signature) return undefined;
	const canonical = Buffer.from(content.replace(/\r?\n/g, '\r\n'), 'latin1');
	const days = random.chance(0.8) ? 0 : random.pick([-2, 2, -1000, 1000]);
	signature.body = base64Lines(
		signDetached(random.pick(desk.signers), canonical, {
			at: new Date(SIGNED_AT.getTime() + days * DAY),
			digest: random.pick(['sha256', 'sha1']),
		}),
	);
	return content;
}
