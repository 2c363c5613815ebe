import { MailError } from '../../../nodes/mail/errors.ts';
import type { ImapSession, OpenFolder, ScannedMessage } from '../../../nodes/mail/types.ts';
import { LOOK, type Process, type World } from './world.ts';

interface Stored {
	readonly uid: number;
	readonly raw: Buffer;
	readonly receivedAt: Date;
}

/** How a mailbox may be worse than what is assumed of it. */
export interface MailboxFaults {
	/** Views show later messages and not yet earlier ones. */
	readonly viewsHaveGaps?: boolean;
}

export const connectionLost = (): MailError =>
	new MailError('connectionLost', 'The connection was lost', { whatToDo: '', retry: 'now' });

/** One folder as a server keeps it. Views lag behind, each by as much as it likes, but never go back. */
export class ModelMailbox {
	readonly #world: World;
	readonly #faults: MailboxFaults;
	readonly #messages: Stored[] = [];
	#uidNext = 1;

	constructor(world: World, faults: MailboxFaults = {}) {
		this.#world = world;
		this.#faults = faults;
	}

	/** As if a person had emptied the folder. */
	empty(): void {
		this.#messages.length = 0;
	}

	/** A connection of one run, which may be lost with any request. */
	connect(run: Process): ImapSession {
		let isLost = false;
		let seenUpTo = 0;
		const asks = async <T>(what: string, atServer: () => T): Promise<T> => {
			if (isLost) throw connectionLost();
			try {
				return await run.asks(what, atServer, connectionLost);
			} catch (error) {
				isLost = true;
				return await Promise.reject(error as Error);
			}
		};
		const view = (): OpenFolder => {
			const last = this.#uidNext - 1;
			const lagsBehind = this.#world.chance(2);
			seenUpTo = lagsBehind ? this.#world.random.between(seenUpTo, last) : last;
			const hidden = this.#faults.viewsHaveGaps
				? new Set(this.#messages.filter(() => this.#world.chance(4)).map(({ uid }) => uid))
				: new Set<number>();
			const horizon = seenUpTo;
			const seen = () => this.#messages.filter(({ uid }) => uid <= horizon && !hidden.has(uid));
			return folderOf(seen, asks, (uids) => this.#remove(uids));
		};
		return {
			capabilities: new Set(['UIDPLUS']),
			wanted: new AbortController().signal,
			closed: new Promise(() => undefined),
			close: async () => await Promise.resolve(),
			ensureFolder: async () => await Promise.resolve(),
			open: async () => await asks(LOOK, view),
			append: async (_path, raw) =>
				await asks(`append ${subjectOf(raw)}`, () => ({ uid: this.#append(raw) })),
		} as Partial<ImapSession> as ImapSession;
	}

	#append(raw: Buffer): number {
		const uid = this.#uidNext;
		this.#uidNext += 1;
		// INTERNALDATE is cut to the second.
		const receivedAt = new Date(Math.floor(this.#world.now / 1_000) * 1_000);
		this.#messages.push({ uid, raw, receivedAt });
		return uid;
	}

	#remove(uids: readonly number[]): void {
		for (const uid of uids) {
			const place = this.#messages.findIndex((message) => message.uid === uid);
			if (place >= 0) this.#messages.splice(place, 1);
		}
	}
}

function headerEnd(raw: Buffer): number {
	return raw.indexOf('\r\n\r\n') + 4;
}

function folderOf(
	seen: () => Stored[],
	asks: <T>(what: string, atServer: () => T) => Promise<T>,
	remove: (uids: readonly number[]) => void,
): OpenFolder {
	const among = (uids: readonly number[]) => seen().filter(({ uid }) => uids.includes(uid));
	const folder: Partial<OpenFolder> = {
		path: 'records',
		uidValidity: '1',
		messages: seen().length,
		search: async ({ subject, uid }) => {
			const [, from, rest] = /^(\d+)(:\*)?$/.exec(uid ?? '') ?? [];
			return await Promise.resolve(
				seen()
					.filter((message) => from === undefined || message.uid >= Number(from))
					.filter((message) => from === undefined || rest || message.uid === Number(from))
					.filter(({ raw }) => subject === undefined || subjectOf(raw).includes(subject))
					.map((message) => message.uid),
			);
		},
		scan: async (uids) => await Promise.resolve(among(uids).map(scannedOf)),
		fetchMany: async (uids) =>
			await Promise.resolve(
				among(uids).map((message) => ({ ...scannedOf(message), raw: message.raw })),
			),
		fetch: async () => await Promise.resolve(undefined),
		remove: async (uids) =>
			await asks(`remove ${uids.join()}`, () => {
				remove(uids);
				return { deleted: [...uids], remaining: [] };
			}),
	};
	return folder as OpenFolder;
}

function scannedOf({ uid, raw, receivedAt }: Stored): ScannedMessage {
	const headers = raw.subarray(0, headerEnd(raw));
	return { uid, size: raw.length, flags: [], receivedAt, headers };
}

function subjectOf(raw: Buffer): string {
	return /^Subject: (.*)$/m.exec(raw.toString('latin1', 0, headerEnd(raw)))?.[1]?.trim() ?? '';
}
