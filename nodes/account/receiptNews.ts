import type { ImapSession, OpenFolder } from '../mail/types';
import { MailError, unless } from '../mail/errors';
import { mailingMark, OUR_MARK, rowOfMessageId } from '../pec/batch';
import type { ReceiptEvidence, UnnamedReceipt } from '../pec/types';
import { MARGIN_MS, RECEIPTS_WINDOW, receiptsAmong, REFERENCE, uidsOfReceipts } from './evidence';
import { messageFolders } from './messageFolders';

/** Of more mailings than these one search for all of them is quicker. */
const SEARCHES = 16;

/** Whose receipts are followed. */
export interface ReceiptsWanted {
	/** When the first sending of interest was submitted; all when absent. */
	readonly since?: Date;
	/** Of these mailings alone, by their tags; all when absent. */
	readonly tags?: ReadonlySet<string>;
}

/** Receipts that do not name a message in their header, for who can tell otherwise what they are about. */
export interface UnnamedWanted {
	/** Of this time on. */
	readonly from: Date;
	readonly onUnnamed: (receipt: UnnamedReceipt) => void;
}

/** How far a folder was read. */
interface Place {
	readonly uidValidity: string;
	/** What was there at the first look is searched, what came later is read through: an index may lag behind. */
	readonly searchUpTo: number;
	readonly lastUid: number;
}

/**
 * Follows the receipts of this package's sendings through all folders: each call reads what came since the last one,
 * headers and certification data. A message that is moved comes once more.
 */
export class ReceiptNews {
	readonly #since: Date | undefined;
	readonly #terms: readonly string[];
	readonly #isWanted: (originalMessageId: string) => boolean;
	readonly #places = new Map<string, Place>();
	readonly #unnamed: UnnamedWanted | undefined;

	/** @param unnamed then receipts that name a message in their certification data alone are found as well */
	constructor({ since, tags }: ReceiptsWanted = {}, unnamed?: UnnamedWanted) {
		// A receipt is younger than what it is about.
		this.#since = since && new Date(since.getTime() - MARGIN_MS);
		this.#unnamed = unnamed;
		const few = tags && tags.size <= SEARCHES;
		this.#terms = few ? [...tags].map(mailingMark) : [OUR_MARK];
		this.#isWanted = (originalMessageId) => {
			const tag = rowOfMessageId(originalMessageId)?.mailingTag;
			return tag !== undefined && (!tags || tags.has(tag));
		};
	}

	/**
	 * Selects one folder after the other. What was told when it throws MailError is not told again.
	 * @param folders all that can hold messages unless given
	 * @returns why a folder could not be read: the server refuses it, and gives others
	 * @throws MailError
	 */
	async read(
		imap: ImapSession,
		onReceipts: (receipts: readonly ReceiptEvidence[]) => void,
		folders?: readonly string[],
	): Promise<MailError | undefined> {
		let refusal: MailError | undefined;
		for (const path of folders ?? (await messageFolders(imap))) {
			try {
				const folder = await unless('folderMissing', imap.open(path, { readOnly: true }));
				if (folder && folder.messages > 0) await this.#readFolder(folder, onReceipts);
			} catch (error) {
				if (!(error instanceof MailError) || error.code !== 'refused') {
					return await Promise.reject(error);
				}
				refusal = error;
			}
		}
		return refusal;
	}

	async #readFolder(
		folder: OpenFolder,
		onReceipts: (receipts: readonly ReceiptEvidence[]) => void,
	): Promise<void> {
		let place = await this.#placeIn(folder);
		const move = (lastUid: number): void => {
			place = { ...place, lastUid: Math.max(place.lastUid, lastUid) };
			this.#places.set(folder.path, place);
		};
		const readAll = async (uids: readonly number[]): Promise<void> => {
			for (let start = 0; start < uids.length; start += RECEIPTS_WINDOW) {
				const window = uids.slice(start, start + RECEIPTS_WINDOW);
				onReceipts(await receiptsAmong(folder, window, this.#isWanted, this.#unnamed?.onUnnamed));
				move(window.at(-1) ?? 0);
			}
		};
		if (place.lastUid < place.searchUpTo) {
			const found = new Set<number>();
			const uid = `${place.lastUid + 1}:${place.searchUpTo}`;
			for (const term of this.#terms) {
				const uids = await folder.search({
					uid,
					header: { [REFERENCE]: term },
					...(this.#since ? { since: this.#since } : {}),
				});
				for (const uid of uids) found.add(uid);
			}
			if (this.#unnamed) {
				for (const each of await uidsOfReceipts(folder, this.#unnamed, uid)) found.add(each);
			}
			await readAll([...found].sort((one, other) => one - other));
			move(place.searchUpTo);
		}
		await readAll(await folder.search({ uid: `${place.lastUid + 1}:*` }));
	}

	async #placeIn(folder: OpenFolder): Promise<Place> {
		const known = this.#places.get(folder.path);
		if (known?.uidValidity === folder.uidValidity) return known;
		const last = (await folder.search({ uid: '*' })).at(-1) ?? 0;
		return { uidValidity: folder.uidValidity, searchUpTo: last, lastUid: 0 };
	}
}
