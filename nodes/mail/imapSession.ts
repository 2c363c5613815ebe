import type { Appended, ImapSession, OpenFolder, Quota } from './types';
import type { ImapClient } from './imapClient';
import { connectionLost, type ServerName } from './connectionError';
import { MailError, unless } from './errors';
import { folderMissing, imapErrorOf, notSupported, overQuota, refused } from './imapError';
import { noNews, type News } from './folderNews';
import { folderSizesOf } from './folderSizes';
import { folderListingOf } from './folderListing';
import { openFolderOn, type Selection } from './openFolder';
import { QUOTA_UNIT, quotaOf } from './quota';
import { watchSilence } from './silence';

export interface SessionContext {
	readonly server: ServerName;
	/** Also how long a request waits for the one before it. */
	readonly timeoutMs: number;
	readonly signal?: AbortSignal;
	readonly wanted: AbortSignal;
}

/** How long a friendly LOGOUT may take before the socket is closed without it. */
const LOGOUT_MS = 2_000;

/** An ImapSession over a connected client. */
export function sessionOver(client: ImapClient, context: SessionContext): ImapSession {
	const { server, timeoutMs, wanted } = context;
	let selected: { selection: Selection; news: News } | undefined;
	const capabilities = new Set([...client.capabilities.keys()].map((name) => name.toUpperCase()));
	const closed = new Promise<void>((resolve) => {
		client.on('close', () => resolve());
		// It may have gone in the same breath in which it was signed in.
		if (!client.usable) resolve();
	});
	const listing = folderListingOf(client, { server, capabilities });
	const listFolders = async () => await ask(undefined, listing.listFolders);
	const silence = watchSilence(client, timeoutMs);
	void closed.then(silence.end);
	const note = (path: string, arrived: number) => {
		if (selected?.selection.path === path) selected.news.note(arrived);
	};
	client.on('exists', ({ path, prevCount, count }) => note(path, Math.max(0, count - prevCount)));
	client.on('expunge', ({ path }) => note(path, 0));

	/** Every failure leaves as MailError, and nothing is asked of a connection that is gone. */
	async function ask<T>(folder: string | undefined, work: () => Promise<T>): Promise<T> {
		try {
			if (!client.usable) throw connectionLost(server);
			return await work();
		} catch (error) {
			throw imapErrorOf(error, { ...context, ...(folder === undefined ? {} : { folder }) });
		}
	}

	async function select(
		path: string,
		readOnly: boolean,
	): Promise<{ selection: Selection; news: News }> {
		return await ask(path, async () => {
			const before = client.mailbox;
			const lock = await client.getMailboxLock(path, { readOnly, acquireTimeout: timeoutMs });
			try {
				// A lock on the folder that is selected already does not select it again, and would show its old state.
				if (before && client.mailbox === before) await client.mailboxOpen(path, { readOnly });
				const mailbox = client.mailbox;
				if (!mailbox) throw folderMissing(path);
				if (!mailbox.uidValidity) throw notSupported(server, 'lasting message numbers (UIDs)');
				selected = {
					selection: {
						path: mailbox.path,
						uidValidity: String(mailbox.uidValidity),
						uidNext: mailbox.uidNext,
						messages: mailbox.exists,
						readOnly,
					},
					news: noNews(),
				};
				return selected;
			} finally {
				lock.release();
			}
		});
	}

	async function ensureFolder(path: string): Promise<void> {
		await ask(path, async () => {
			const status = await statusOrMissing(path);
			if (status) return;
			const creating = ask(path, async () => {
				const answer = await client.mailboxCreate(path);
				if (!answer) throw connectionLost(server);
				return answer;
			});
			// Another one may have created it meanwhile; Cyrus then refuses without a code.
			const created = await unless('refused', creating);
			if (!created?.created) await client.mailboxSubscribe(created?.path ?? path);
			if (!(await statusOrMissing(path))) throw refused(server);
		});
	}

	async function statusOrMissing(path: string): Promise<boolean> {
		const asked = client.status(path, { messages: true }).catch((error: unknown) => {
			throw imapErrorOf(error, { ...context, folder: path });
		});
		return Boolean(await unless('folderMissing', asked));
	}

	async function append(
		path: string,
		raw: Buffer,
		options: { flags?: readonly string[]; at?: Date } = {},
	): Promise<Appended> {
		return await ask(path, async () => {
			const stored = await client.append(path, raw, [...(options.flags ?? [])], options.at);
			// imapflow answers nothing at all when the connection went away under it.
			if (!stored) throw connectionLost(server);
			if (!stored.uid || !stored.uidValidity) return {};
			return { uid: stored.uid, uidValidity: String(stored.uidValidity) };
		}).catch(async (error: unknown) => {
			throw (await isForWantOfRoom(error, raw.length)) ? overQuota(path, error) : error;
		});
	}

	/** Cyrus 3.6 refuses in words alone, without the code OVERQUOTA: then the figures tell. */
	async function isForWantOfRoom(error: unknown, bytes: number): Promise<boolean> {
		if (!(error instanceof MailError) || error.code !== 'refused') return false;
		const { responseCode } = (error.cause ?? {}) as { responseCode?: string };
		if (responseCode !== undefined) return false;
		const left = await quota().catch(() => undefined);
		// Whether the last unit is rounded up is the server's choice.
		return left !== undefined && left.used + bytes > left.limit - QUOTA_UNIT;
	}

	async function quota(): Promise<Quota | undefined> {
		return await ask(undefined, async () => await quotaOf(client));
	}

	async function open(path: string, { readOnly }: { readOnly: boolean }): Promise<OpenFolder> {
		const opened = await select(path, readOnly);
		return openFolderOn(client, opened.selection, {
			...context,
			capabilities,
			news: opened.news,
			expectSilence: silence.expectSilence,
			isSelected: () => selected === opened,
			ask,
		});
	}

	async function close(): Promise<void> {
		if (!client.usable) {
			client.close();
			return;
		}
		let timer: NodeJS.Timeout | undefined;
		const patience = new Promise<void>((resolve) => {
			timer = setTimeout(resolve, LOGOUT_MS);
		});
		await Promise.race([client.logout().catch(() => undefined), patience]);
		clearTimeout(timer);
		client.close();
	}

	return {
		capabilities,
		wanted,
		listFolders,
		folderStates: async (paths) =>
			await ask(undefined, async () => await listing.folderStates(paths)),
		listStates: async (choose) =>
			await ask(undefined, async () => await listing.listStates(choose)),
		ensureFolder,
		open,
		append,
		quota,
		folderSizes: folderSizesOf(client, { server, capabilities, ask, listFolders, open }),
		closed,
		close,
	};
}
