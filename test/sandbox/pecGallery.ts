import { simpleParser, type Attachment, type ParsedMail } from 'mailparser';
import { createTransport } from 'nodemailer';

import { EICAR, start, type OutgoingMail, type Sandbox } from '../../sandbox/index.ts';
import { OWN_MAILBOXES, PEC_ACCOUNTS, type RunningMailboxes } from './pecMailboxes.ts';

export const STUDIO = 'studio@pec.alfa.test';
export const CLIENTE = 'cliente01@pec.beta.test';
/** In Cc. */
export const COPIA = 'cliente02@pec.beta.test';
export const NOW = new Date('2026-01-31T23:30:12Z');
export const SUBJECT = 'Perché "no" & <sì> €';
export const ANGLED = '<prova.1@pec.alfa.test>';

/** One of each kind: what it is, and of whom it speaks or else whose mailbox it is in. */
export const KINDS = [
	`accettazione ${STUDIO}`,
	'accettazione cliente03@pec.beta.test',
	'non-accettazione cliente04@pec.beta.test',
	'presa-in-carico servizio-pec@pec.alfa.test',
	'presa-in-carico servizio-pec@pec.beta.test',
	`transportEnvelope ${CLIENTE}`,
	'transportEnvelope alfa2@pec.alfa.test',
	`avvenuta-consegna ${CLIENTE}`,
	`avvenuta-consegna ${COPIA}`,
	'avvenuta-consegna alfa2@pec.alfa.test',
	'errore-consegna nessuno@pec.beta.test',
	'errore-consegna no@pec.alfa.test',
	'errore-consegna pieno@pec.beta.test',
	'errore-consegna sospeso@pec.beta.test',
	'anomalyEnvelope cliente05@pec.beta.test',
] as const;

export const ALFA2 = 'alfa2@pec.alfa.test';
const CLIENTE3 = 'cliente03@pec.beta.test';
const INFECTED = { filename: 'fattura.com', content: Buffer.from(EICAR) };
const HALF_A_DAY = 12 * 3_600_000;

/** One message of the gallery: what was delivered, and under which CA it was signed at what time. */
export interface Exhibit {
	readonly raw: Buffer;
	readonly pecCa: string;
	readonly at: Date;
	readonly mailbox: string;
	readonly recipient?: string;
}

/** A sandbox that made a message of every kind, by the names in KINDS and in pecKinds.ts. */
export class PecGallery {
	readonly sandbox: Sandbox;
	readonly #messages = new Map<string, Exhibit>();
	readonly #mailboxes: RunningMailboxes;
	#seen = 0;

	constructor(sandbox: Sandbox, mailboxes: RunningMailboxes) {
		this.sandbox = sandbox;
		this.#mailboxes = mailboxes;
	}

	static async open(mailboxes: RunningMailboxes = OWN_MAILBOXES): Promise<PecGallery> {
		const sandbox = await start({
			now: () => NOW,
			virusScan: { alfa: false },
			accounts: PEC_ACCOUNTS,
			...mailboxes.options,
		});
		const gallery = new PecGallery(sandbox, mailboxes);
		try {
			await gallery.#paint();
		} catch (error) {
			await sandbox.stop();
			throw error;
		}
		return gallery;
	}

	async #paint(): Promise<void> {
		const { sandbox } = this;
		const mail: OutgoingMail = {
			to: [
				CLIENTE,
				'nessuno@pec.beta.test',
				'no@pec.alfa.test',
				'pieno@pec.beta.test',
				'sospeso@pec.beta.test',
				'x@example.com',
			],
			cc: [COPIA],
			subject: SUBJECT,
			text: 'ciao',
			attachments: [{ filename: 'atto.pdf', content: Buffer.from('%PDF contenuto') }],
			messageId: ANGLED,
		};
		await sandbox.sendAs(STUDIO, mail);
		await sandbox.settled();
		await sandbox.sendAs(CLIENTE3, { ...mail, to: [ALFA2], cc: [] });
		await sandbox.sendAs('cliente04@pec.beta.test', { ...mail, to: 'senza chiocciola', cc: [] });
		await sandbox.settled();
		await sandbox.sendAs(STUDIO, { ...mail, to: 'senza chiocciola', cc: [] });
		for (const recipient of ['cliente05@pec.beta.test', ALFA2]) {
			await sandbox.deliverOrdinary(
				Buffer.from(
					'From: Tizio <t@example.com>\nTo: s\nSubject: Offerta\nMessage-ID: <o@e>\n\nciao',
				),
				recipient,
			);
		}
		await this.#hang('');
		await sandbox.sendAs(STUDIO, {
			...mail,
			to: [
				...['x@dismesso.pec.beta.test', 'x@dismesso.pec.alfa.test'],
				...['pieno@pec.alfa.test', 'sospeso@pec.alfa.test'],
			],
		});
		await this.#hang('errori');
		for (const content of ['completa', 'breve', 'sintetica']) {
			await this.#submit(STUDIO, content, { ...mail, to: [CLIENTE] });
			await this.#submit(CLIENTE3, content, { ...mail, to: [ALFA2], cc: [STUDIO] });
			await this.#hang(content);
		}
		// Alfa does not look: Beta finds what comes from there, and what its own users send
		const infected = { ...mail, cc: [], attachments: [INFECTED] };
		await sandbox.sendAs(STUDIO, { ...infected, to: [CLIENTE] });
		await sandbox.sendAs('cliente04@pec.beta.test', { ...infected, to: [ALFA2] });
		await this.#hang('virus');
		await this.#paintOtherWayRound(infected);
		sandbox.holdDeliveries();
		await sandbox.sendAs(STUDIO, { ...mail, to: [CLIENTE], cc: [] });
		await sandbox.sendAs(CLIENTE3, { ...mail, to: [ALFA2], cc: [] });
		await this.#hang('attesa');
		for (const hours of ['12h', '24h']) {
			await sandbox.advance(HALF_A_DAY);
			await this.#hang(hours);
		}
	}

	/** As Alfa would find a virus that Beta lets pass. */
	async #paintOtherWayRound(infected: OutgoingMail): Promise<void> {
		const sandbox = await start({ now: () => NOW, virusScan: { beta: false } });
		const other = new PecGallery(sandbox, OWN_MAILBOXES);
		try {
			await sandbox.sendAs(STUDIO, { ...infected, to: [CLIENTE] });
			await sandbox.sendAs(CLIENTE3, { ...infected, to: [ALFA2] });
			await other.#hang('virus');
		} finally {
			await sandbox.stop();
		}
		for (const [name, exhibit] of other.#messages) this.#messages.set(name, exhibit);
	}

	/** Names what was delivered since the last time; `label` tells scenes apart. */
	async #hang(label: string): Promise<void> {
		const { sandbox } = this;
		await sandbox.settled();
		const deliveries = sandbox.log.deliveries();
		const folders = new Map<string, readonly Buffer[]>();
		for (const { mailbox, folder, messageId, recipient, ...entry } of deliveries.slice(
			this.#seen,
		)) {
			const place = `${mailbox} ${folder}`;
			const stored = folders.get(place) ?? (await this.#read(mailbox, folder));
			folders.set(place, stored);
			const raw = stored.find((each) => each.includes(`\r\nMessage-ID: ${messageId}\r\n`));
			if (raw === undefined) continue;
			const name = [entry.wireType ?? entry.kind, recipient ?? mailbox, label].join(' ').trim();
			const at = new Date(entry.at);
			this.#messages.set(name, { raw, pecCa: sandbox.pecCa, at, mailbox, recipient });
		}
		this.#seen = deliveries.length;
	}

	async #read(mailbox: string, folder: string): Promise<readonly Buffer[]> {
		const service = this.sandbox.serviceStore.account(mailbox)?.folder(folder)?.messages;
		return (
			service?.map(({ raw }) => raw) ?? (await this.#mailboxes.read(this.sandbox, mailbox, folder))
		);
	}

	/** By SMTP: a webmail would not let everything be asked for. */
	async #submit(from: string, receipt: string, mail: OutgoingMail): Promise<void> {
		const { smtp, tlsCa, accounts } = this.sandbox;
		const pass = accounts.find(({ address }) => address === from)?.password;
		const transport = createTransport({ ...smtp, auth: { user: from, pass }, tls: { ca: tlsCa } });
		try {
			await transport.sendMail({
				...mail,
				from,
				to: [...mail.to],
				cc: [...(mail.cc ?? [])],
				attachments: mail.attachments?.map((attachment) => ({ ...attachment })),
				headers: { 'X-TipoRicevuta': receipt },
			});
			await this.sandbox.settled();
		} finally {
			transport.close();
		}
	}

	exhibit(name: string): Exhibit {
		const found = this.#messages.get(name);
		if (found === undefined) throw new Error(`there is no ${name}`);
		return found;
	}

	raw(name: string): Buffer {
		return this.exhibit(name).raw;
	}

	async parsed(name: string): Promise<ParsedMail> {
		return await simpleParser(this.raw(name), { ignoreEmbedded: true } as object);
	}

	async attachment(name: string, fileName: string): Promise<Attachment> {
		const { attachments } = await this.parsed(name);
		const found = attachments.find(({ filename }) => filename === fileName);
		if (found === undefined) throw new Error(`there is no ${fileName}`);
		return found;
	}

	/** Name and value of the top-level fields in order, unfolded. */
	headers(name: string): [string, string][] {
		const [block = ''] = this.raw(name).toString('latin1').split('\r\n\r\n');
		const lines = block.replace(/\r\n[ \t]/g, ' ').split('\r\n');
		return lines.map((line) => [
			line.slice(0, line.indexOf(':')),
			line.slice(line.indexOf(':') + 1).trim(),
		]);
	}
}
