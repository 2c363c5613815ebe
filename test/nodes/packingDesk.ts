import type { INodeExecutionData } from 'n8n-workflow';
import { pecKeyOf } from '../../nodes/pec/pecKey.ts';
import type { FaultAction } from '../../sandbox/faults/rules.ts';
import { start } from '../../sandbox/index.ts';
import { faultsOfBag, unzip } from '../pec/bagChecker.ts';
import { MailboxDesk, ONE, STUDIO, type MailboxRun } from './mailboxDesk.ts';
import { sha256 } from '../sha256.ts';

export const keyOf = (raw: Buffer) => pecKeyOf(raw, raw.length);

/** Listed after INBOX and Sent, so that what is moved from there to INBOX is moved from before to behind a look. */
export const LAST_FOLDER = 'Zeta';

export type Packing = 'Build File' | 'Build Package of a period' | 'Build Package of items';
export const PACKINGS: readonly Packing[] = [
	'Build File',
	'Build Package of a period',
	'Build Package of items',
];

/** What came out of one run, read by other programs than wrote it. */
export interface Packed {
	/** Of the .eml files, of those of the mailbox; sorted. */
	readonly hashes: readonly string[];
	/** What is wrong with the ZIPs themselves. */
	readonly faults: readonly string[];
	/** Says that something is missing. */
	readonly tellsMissing: boolean;
}

/** A sending with its copy and receipts in two folders, and a received message. */
export class PackingDesk {
	readonly desk: MailboxDesk;
	#placed: ReadonlyArray<readonly [folder: string, raw: Buffer]> = [];
	#messageId = '';

	private constructor(desk: MailboxDesk) {
		this.desk = desk;
	}

	static async open(): Promise<PackingDesk> {
		const own = new PackingDesk(new MailboxDesk(await start()));
		const { sandbox } = own.desk;
		const attachments = [{ filename: 'atto.pdf', content: Buffer.from('contenuto') }];
		const mail = { to: [ONE], subject: 'Diffida', text: 'Buongiorno', attachments };
		own.#messageId = (await sandbox.sendAs(STUDIO, mail)).messageId ?? '';
		await sandbox.settled();
		await sandbox.sendAs(ONE, { to: [STUDIO], subject: 'Risposta', text: 'Grazie' });
		await sandbox.settled();
		const [acceptance, delivery, received] = own.desk.raws() as [Buffer, Buffer, Buffer];
		sandbox.store.account(STUDIO)?.createFolder(LAST_FOLDER);
		own.#placed = [
			['INBOX', acceptance],
			[LAST_FOLDER, delivery],
			[LAST_FOLDER, received],
		];
		own.restore();
		return own;
	}

	/** Of all messages that belong into what is packed; sorted. */
	hashesOf(packing: Packing): string[] {
		const raws = this.#placed.map(([, raw]) => raw);
		return (packing === 'Build File' ? raws.slice(0, 2) : raws).map(sha256).sort();
	}

	/** As it was at the beginning. */
	restore(): void {
		const { sandbox } = this.desk;
		sandbox.faults.clear();
		const account = sandbox.store.account(STUDIO);
		for (const folder of account?.folders() ?? []) {
			folder.expunge(folder.messages.map(({ uid }) => uid));
		}
		for (const [folder, raw] of this.#placed) {
			account?.folder(folder)?.append(raw, { internalDate: new Date('2026-11-01T10:00:00Z') });
		}
	}

	uids(folder: string): number[] {
		const messages = this.desk.sandbox.store.account(STUDIO)?.folder(folder)?.messages ?? [];
		return messages.map(({ uid }) => uid);
	}

	/** From now on its header can be read alone: the server fails at every other byte of it. */
	withholdBody(folder: string, uid: number): void {
		const messages = this.desk.sandbox.store.account(STUDIO)?.folder(folder)?.messages ?? [];
		const message = messages.find((one) => one.uid === uid);
		if (!message) throw new Error(`There is no message ${uid}`);
		const { bytes } = message;
		const slice = (start: number, end: number): Buffer => {
			// a header is read by more than a small message has
			if (end > bytes.size) return bytes.slice(start, end);
			throw new Error('the disk fails');
		};
		Object.assign(message, { bytes: { size: bytes.size, slice } });
	}

	async run(packing: Packing): Promise<MailboxRun> {
		return await this.desk.run(...this.asked(packing));
	}

	/** Operation, parameters and items. */
	asked(
		packing: Packing,
	): [string, Readonly<Record<string, unknown>>, { readonly items?: INodeExecutionData[] }] {
		const outputField = 'data';
		if (packing === 'Build File') {
			const asked = { findBy: 'messageId', messageId: this.#messageId, outputField };
			return ['thread:buildFile', asked, {}];
		}
		const asked = { ownerName: 'Studio', outputField };
		const operation = 'preservation:buildPackage';
		if (packing === 'Build Package of a period') {
			return [operation, { ...asked, threadsFrom: 'period' }, {}];
		}
		const pecKey = this.#placed.map(([, raw]) => keyOf(raw)).slice(1);
		const [, uid = 0] = this.uids(LAST_FOLDER);
		const items = [{ json: {} }, { json: { mailbox: { folder: LAST_FOLDER, uid } } }];
		return [operation, { ...asked, threadsFrom: 'items', pecKey }, { items }];
	}

	/** How many IMAP commands an undisturbed run takes. */
	async commandsOf(packing: Packing): Promise<number> {
		this.restore();
		let commands = 0;
		this.desk.sandbox.faults.add({
			at: 'imap.command',
			times: 'always',
			action: { do: 'call', run: () => (commands += 1) },
		});
		await this.run(packing);
		return commands;
	}

	/** One run for each command of an undisturbed one, each with this fault at it. */
	async *disturbed(
		packing: Packing,
		action: FaultAction,
		at: 'imap.command' | 'imap.done' = 'imap.command',
	): AsyncGenerator<{ readonly command: number; readonly packed: Packed | Error }, void> {
		const commands = await this.commandsOf(packing);
		for (let command = 0; command < commands; command += 1) {
			this.restore();
			this.desk.sandbox.faults.add({ at, skip: command, action });
			const packed = await this.run(packing).then(packedOf, (error: Error) => error);
			yield { command, packed };
		}
	}
}

export async function packedOf({ outputs }: MailboxRun): Promise<Packed> {
	const hashes = new Set<string>();
	const faults: string[] = [];
	let tellsMissing = false;
	for (const { json, files } of outputs) {
		const about = (json.evidenceFile ?? json.package) as {
			complete?: boolean;
			leftOut?: object[];
			file?: { sha256: string };
			files: Array<{ path: string; sha256: string }>;
		};
		tellsMissing ||= about.complete === false || (about.leftOut ?? []).length > 0;
		const zip = files.get('data')?.bytes;
		if (!zip) continue;
		if (about.file?.sha256 !== sha256(zip)) faults.push('other bytes than the item says');
		const inside = await unzip(zip);
		if (json.package) faults.push(...faultsOfBag(inside));
		for (const { path, sha256: hash } of about.files) {
			const bytes = [...inside].find(([name]) => name === path || name.endsWith(`/${path}`))?.[1];
			if (!bytes || sha256(bytes) !== hash) faults.push(`not what the item says: ${path}`);
		}
		for (const [path, bytes] of inside) if (path.endsWith('.eml')) hashes.add(sha256(bytes));
	}
	return { hashes: [...hashes].sort(), faults, tellsMissing };
}
