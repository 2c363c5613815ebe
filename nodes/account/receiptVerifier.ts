import type { ImapSession } from '../mail/types';
import { MailError, unless } from '../mail/errors';
import { evidenceOf } from '../pec/evidence';
import { groupedBy } from '../pec/groups';
import { readPecMessage } from '../pec/message';
import { pecKeyOf, sizeOfPecKey } from '../pec/pecKey';
import type { ReceiptEvidence, Trust } from '../pec/types';
import { sizeWindows } from './sizeWindows';

/**
 * A receipt of 64 kB or more holds the original, with its attachments. Those without it have 5 to 15 kB, most of it the
 * signature.
 */
export const SMALL_BYTES = 64 * 1024;

/** Receipts in memory at one time. */
const WINDOW = { values: 100, bytes: 4 * 1024 * 1024 };

export interface VerifierOptions {
	/** Whose signatures count. */
	readonly trust: Trust;
	readonly now: () => Date;
	/** Reads receipts of any size; only small ones unless given. */
	readonly large?: boolean;
}

/** A receipt that lies in a folder. */
type Placed = ReceiptEvidence & { readonly folder: string; readonly uid: number };

/**
 * Checks the signatures of receipts of which header and certification data were read. Each is fetched once, however often
 * it is asked for.
 */
export class ReceiptVerifier {
	readonly #options: VerifierOptions;
	readonly #seen = new Set<string>();

	constructor(options: VerifierOptions) {
		this.#options = options;
	}

	/**
	 * The verified reading of those among these receipts that were not asked for before and can be had. Selects other folders
	 * of the session.
	 * @param signal ends it between two windows
	 * @throws MailError; what was read until then is handed over, and the rest is read when it is asked for again
	 */
	async verify(
		imap: ImapSession,
		receipts: Iterable<ReceiptEvidence>,
		onVerified: (receipt: ReceiptEvidence) => void,
		signal?: AbortSignal,
	): Promise<void> {
		const sizeOf = ({ pecKey }: Placed): number => sizeOfPecKey(pecKey);
		const wanted = [...receipts].filter((receipt) => this.#isWanted(receipt));
		for (const [path, placed] of groupedBy(wanted, ({ folder }) => folder)) {
			for (const window of sizeWindows(placed, sizeOf, WINDOW)) {
				if (signal?.aborted) return;
				for (const receipt of await this.#read(imap, path, window)) onVerified(receipt);
				for (const { pecKey } of window) this.#seen.add(pecKey);
			}
		}
	}

	#isWanted(receipt: ReceiptEvidence): receipt is Placed {
		if (receipt.folder === undefined || receipt.uid === undefined) return false;
		if (receipt.verified || !receipt.consistent || this.#seen.has(receipt.pecKey)) return false;
		return this.#options.large === true || sizeOfPecKey(receipt.pecKey) < SMALL_BYTES;
	}

	async #read(
		imap: ImapSession,
		path: string,
		window: readonly Placed[],
	): Promise<ReceiptEvidence[]> {
		const { trust, now } = this.#options;
		const folder = await unless('folderMissing', imap.open(path, { readOnly: true }));
		// What the server does not give stays as it is: not verified.
		const fetched = folder?.fetchMany(window.map(({ uid }) => uid)).catch((error: unknown) => {
			if (error instanceof MailError && error.code === 'refused') return [];
			throw error;
		});
		const wanted = new Map(window.map((receipt) => [receipt.uid, receipt]));
		const verified: ReceiptEvidence[] = [];
		for (const { uid, headers, size, raw, receivedAt } of (await fetched) ?? []) {
			const pecKey = pecKeyOf(headers, size);
			// The folder was numbered anew, or another message lies there now.
			const asked = wanted.get(uid);
			if (pecKey !== asked?.pecKey) continue;
			const message = await readPecMessage(raw, { trust, now: now(), receivedAt });
			const receipt = evidenceOf(message, { pecKey, folder: path, uid }, asked);
			if (receipt) verified.push(receipt);
		}
		return verified;
	}
}
