import { MailError } from '../../nodes/mail/errors.ts';
import type {
	ImapSession,
	OpenFolder,
	ScannedMessage,
	SearchCriteria,
} from '../../nodes/mail/types.ts';
import type { Run, World } from './world.ts';

export const RECORDS = 'n8n PEC (do not delete)';

export interface Stored {
	readonly uid: number;
	readonly raw: Buffer;
	readonly receivedAt: Date;
	readonly flags: Set<string>;
}

export interface ServerFolder {
	uidValidity: number;
	uidNext: number;
	messages: Stored[];
}

/** What the server of a model may get wrong, each now and then. */
export const FAULTS = [
	'lostBefore',
	'lostAfter',
	'removeDoesNothing',
	'removeLies',
	'appendDoesNothing',
	'uidValidity',
	'uidsReused',
	'overQuota',
	'otherBytes',
	'truncatedBytes',
	'errorPage',
	'storeLost',
	'killed',
] as const;

export type Fault = (typeof FAULTS)[number];

const failure = (code: 'connectionLost' | 'overQuota' | 'folderMissing' | 'folderChanged') =>
	new MailError(code, code, { whatToDo: '', retry: 'now' });

/** A mailbox as a server keeps it. */
export class ModelServer {
	readonly folders = new Map<string, ServerFolder>();
	quotaLimit = 10_000_000;
	readonly #world: World;
	#uidValidities = 1;

	constructor(world: World) {
		this.#world = world;
		for (const path of ['INBOX', 'Archivio']) this.ensure(path);
	}

	ensure(path: string): ServerFolder {
		const known = this.folders.get(path);
		if (known) return known;
		this.#uidValidities += 1;
		const made = { uidValidity: this.#uidValidities, uidNext: 1, messages: [] };
		this.folders.set(path, made);
		return made;
	}

	get used(): number {
		return [...this.folders.values()]
			.flatMap(({ messages }) => messages)
			.reduce((sum, { raw }) => sum + raw.length, 0);
	}

	put(path: string, raw: Buffer, receivedAt: Date, flags: Iterable<string> = []): number {
		const folder = this.ensure(path);
		const uid = folder.uidNext;
		folder.uidNext += 1;
		folder.messages.push({ uid, raw, receivedAt, flags: new Set(flags) });
		return uid;
	}

	take(path: string, uids: ReadonlySet<number>): Stored[] {
		const folder = this.ensure(path);
		const taken = folder.messages.filter(({ uid }) => uids.has(uid));
		folder.messages = folder.messages.filter(({ uid }) => !uids.has(uid));
		return taken;
	}

	/** @param isTold whether UIDVALIDITY moves, as it must */
	renumber(path: string, isTold: boolean): void {
		const folder = this.ensure(path);
		if (isTold) {
			this.#uidValidities += 1;
			folder.uidValidity = this.#uidValidities;
		}
		const order = this.#world.random.shuffled(folder.messages);
		folder.messages = order.map((message, index) => ({ ...message, uid: index + 1 }));
		folder.uidNext = folder.messages.length + 1;
	}

	connect(run: Run): ImapSession {
		const world = this.#world;
		let isLost = false;
		let selected: object | undefined;
		const asks = async <T>(name: string, atServer: () => T): Promise<T> => {
			if (isLost) throw failure('connectionLost');
			await world.turn(run, name);
			const isBefore = world.strikes('lostBefore');
			if (isBefore || (world.strikes('lostAfter') && (atServer(), true))) {
				isLost = true;
				throw failure('connectionLost');
			}
			return atServer();
		};
		const open = (path: string, readOnly: boolean): OpenFolder => {
			const folder = this.folders.get(path);
			if (!folder) throw failure('folderMissing');
			const mark = {};
			selected = mark;
			const { uidValidity } = folder;
			const inFolder = async <T>(name: string, work: () => T): Promise<T> =>
				await asks(`${name} ${path}`, () => {
					if (selected !== mark || folder.uidValidity !== uidValidity)
						throw failure('folderChanged');
					return work();
				});
			return this.#openFolder(run, path, { folder, readOnly }, inFolder);
		};
		return {
			capabilities: new Set(['UIDPLUS']),
			wanted: new AbortController().signal,
			closed: new Promise(() => undefined),
			close: async () => await Promise.resolve(),
			listFolders: async () =>
				await asks('list', () =>
					[...this.folders.keys()].map((path) => ({ path, selectable: true })),
				),
			ensureFolder: async (path) => await asks('create', () => void this.ensure(path)),
			open: async (path, { readOnly }) => await asks(`open ${path}`, () => open(path, readOnly)),
			append: async (path, raw) =>
				await asks(`append ${path}`, () => {
					if (this.used + raw.length > this.quotaLimit) throw failure('overQuota');
					const { uidNext, uidValidity } = this.ensure(path);
					if (world.strikes('appendDoesNothing'))
						return { uid: uidNext, uidValidity: String(uidValidity) };
					return { uid: this.put(path, raw, world.date), uidValidity: String(uidValidity) };
				}),
			quota: async () => await asks('quota', () => ({ used: this.used, limit: this.quotaLimit })),
		} as Partial<ImapSession> as ImapSession;
	}

	#openFolder(
		run: Run,
		path: string,
		{ folder, readOnly }: { folder: ServerFolder; readOnly: boolean },
		inFolder: <T>(name: string, work: () => T) => Promise<T>,
	): OpenFolder {
		const among = (uids: readonly number[]) =>
			folder.messages.filter(({ uid }) => uids.includes(uid));
		const uidsOf = (messages: readonly Stored[]) =>
			messages.map(({ uid }) => uid).sort((a, b) => a - b);
		const opened: Partial<OpenFolder> = {
			path,
			uidValidity: String(folder.uidValidity),
			uidNext: folder.uidNext,
			messages: folder.messages.length,
			search: async (criteria) =>
				await inFolder('search', () =>
					uidsOf(folder.messages.filter((each) => fits(each, criteria))),
				),
			scan: async (uids) =>
				await inFolder('scan', () => {
					run.scannedAt.set(path, this.#world.step);
					if (!readOnly && path !== RECORDS) run.isAboutToRemove = true;
					return among(uids).map(scannedOf);
				}),
			fetch: async (uid) =>
				await inFolder('fetch', () => {
					const [found] = among([uid]);
					return found && { ...scannedOf(found), raw: found.raw };
				}),
			fetchMany: async (uids) =>
				await inFolder('fetch', () =>
					among(uids).map((each) => ({ ...scannedOf(each), raw: each.raw })),
				),
			fetchNamedParts: async (uids, name) =>
				await inFolder(
					'parts',
					() => new Map(among(uids).flatMap(({ uid, raw }) => partOf(uid, raw, name))),
				),
			remove: async (uids) =>
				await inFolder('remove', () => {
					const asked = uidsOf(among(uids));
					if (path !== RECORDS) run.isAboutToRemove = false;
					if (path !== RECORDS && this.#world.strikes('removeDoesNothing'))
						return { deleted: [], remaining: asked };
					if (path !== RECORDS && this.#world.strikes('removeLies'))
						return { deleted: asked, remaining: [] };
					const going =
						this.#world.bug === 'expungesAllMarked'
							? [...asked, ...uidsOf(folder.messages.filter(({ flags }) => flags.has('\\Deleted')))]
							: asked;
					this.#world.onRemoved(run, path, this.take(path, new Set(going)));
					return { deleted: asked, remaining: [] };
				}),
		};
		return opened as OpenFolder;
	}
}

function headersOf(raw: Buffer): Buffer {
	return raw.subarray(0, raw.indexOf('\r\n\r\n') + 4);
}

function scannedOf({ uid, raw, receivedAt, flags }: Stored): ScannedMessage {
	return { uid, size: raw.length, flags: [...flags], receivedAt, headers: headersOf(raw) };
}

function fits(
	{ uid, raw }: Stored,
	{ uid: set, subject, header, larger, smaller }: SearchCriteria,
): boolean {
	const headers = headersOf(raw).toString('latin1').toLowerCase();
	const [, first, rest] = /^(\d+)(:\*)?$/.exec(set ?? '') ?? [];
	if (first !== undefined && (rest ? uid < Number(first) : uid !== Number(first))) return false;
	const line = /^subject: (.*)$/m.exec(headers)?.[1] ?? '';
	if (subject !== undefined && !line.includes(subject.toLowerCase())) return false;
	const wanted = Object.entries(header ?? {});
	if (!wanted.every(([, value]) => headers.includes(value.toLowerCase()))) return false;
	return raw.length > (larger ?? -1) && raw.length < (smaller ?? Infinity);
}

function partOf(uid: number, raw: Buffer, name: string): Array<[number, Buffer]> {
	const text = raw.toString('latin1');
	const at = text.indexOf(`filename="${name}"`);
	if (at < 0) return [];
	const begin = text.indexOf('\r\n\r\n', at) + 4;
	const end = text.indexOf('\r\n--', begin);
	return [[uid, Buffer.from(text.slice(begin, end < 0 ? undefined : end), 'base64')]];
}
