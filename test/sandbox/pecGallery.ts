import { simpleParser, type Attachment, type ParsedMail } from 'mailparser';

import { start, type OutgoingMail, type Sandbox } from '../../sandbox/index.ts';

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
];

/** A sandbox that made a message of every kind, by the name it has in KINDS. */
export class PecGallery {
	readonly sandbox: Sandbox;
	readonly #messages: ReadonlyMap<string, Buffer>;

	constructor(sandbox: Sandbox, messages: ReadonlyMap<string, Buffer>) {
		this.sandbox = sandbox;
		this.#messages = messages;
	}

	static async open(): Promise<PecGallery> {
		const sandbox = await start({ now: () => NOW });
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
		await sandbox.sendAs('cliente03@pec.beta.test', {
			...mail,
			to: ['alfa2@pec.alfa.test'],
			cc: [],
		});
		await sandbox.sendAs('cliente04@pec.beta.test', { ...mail, to: 'senza chiocciola', cc: [] });
		await sandbox.deliverOrdinary(
			Buffer.from(
				'From: Tizio <t@example.com>\nTo: s\nSubject: Offerta\nMessage-ID: <o@e>\n\nciao',
			),
			'cliente05@pec.beta.test',
		);
		const messages = new Map<string, Buffer>();
		for (const entry of sandbox.log.deliveries()) {
			const account =
				sandbox.store.account(entry.mailbox) ?? sandbox.serviceStore.account(entry.mailbox);
			const stored = account?.folder(entry.folder)?.messages.find(({ uid }) => uid === entry.uid);
			const name = [entry.wireType ?? entry.kind, entry.recipient ?? entry.mailbox].join(' ');
			if (stored !== undefined) messages.set(name, stored.raw);
		}
		return new PecGallery(sandbox, messages);
	}

	raw(name: string): Buffer {
		const found = this.#messages.get(name);
		if (found === undefined) throw new Error(`there is no ${name}`);
		return found;
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
