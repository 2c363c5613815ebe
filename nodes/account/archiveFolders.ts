import type { FolderInfo, ImapSession, OpenFolder } from '../mail/types';
import { unless } from '../mail/errors';
import type { CopyForm } from '../pec/copyMessage';
import { ArchiveIndex, findCopy, type FoundCopy, type WantedCopy } from './archiveSearch';

export interface FoundIn {
	readonly folder: OpenFolder;
	readonly copy: FoundCopy;
}

/** The folders of an archive over one connection: what is known of them is read once. */
export class ArchiveFolders {
	readonly session: ImapSession;
	readonly #named = new Map<string, string>();
	readonly #indexes = new Map<string, ArchiveIndex>();
	#listed: FolderInfo[] | undefined;

	constructor(session: ImapSession) {
		this.session = session;
	}

	/**
	 * Created when it is missing.
	 * @param wanted levels separated by "/"
	 * @returns its path as the server has it
	 * @throws MailError
	 */
	async pathOf(wanted: string): Promise<string> {
		const known = this.#named.get(wanted);
		if (known !== undefined) return known;
		const delimiter = await this.#delimiter();
		const levels = wanted.split('/').map((level) => level.trim());
		const path = levels.filter((level) => level !== '').join(delimiter);
		await this.session.ensureFolder(path);
		const { path: named } = await this.session.open(path, { readOnly: true });
		this.#named.set(wanted, named);
		return named;
	}

	/** In the folder itself, then where a person may have sorted it below the same first level. @throws MailError */
	async find(
		wanted: WantedCopy,
		target: string,
		forms: readonly CopyForm[],
	): Promise<FoundIn | undefined> {
		const there = await this.#findIn(target, wanted, forms);
		if (there) return there;
		for (const path of await this.#related(target)) {
			const index = this.#indexes.get(path) ?? (await this.#read(path));
			const moved = index?.mayHold(wanted.pecKey, forms)
				? await this.#findIn(path, wanted, forms)
				: undefined;
			if (moved) return moved;
		}
		return undefined;
	}

	/** In all folders. @throws MailError */
	async findAnywhere(wanted: WantedCopy, forms: readonly CopyForm[]): Promise<FoundIn | undefined> {
		for (const { path, selectable } of await this.#list()) {
			const found = selectable ? await this.#findIn(path, wanted, forms) : undefined;
			if (found) return found;
		}
		return undefined;
	}

	async #findIn(
		path: string,
		wanted: WantedCopy,
		forms: readonly CopyForm[],
	): Promise<FoundIn | undefined> {
		const folder = await unless('folderMissing', this.session.open(path, { readOnly: true }));
		const copy = folder && (await findCopy(folder, wanted, forms));
		return copy && { folder, copy };
	}

	async #read(path: string): Promise<ArchiveIndex | undefined> {
		const folder = await unless('folderMissing', this.session.open(path, { readOnly: true }));
		const index = folder && (await ArchiveIndex.of(folder));
		if (index) this.#indexes.set(path, index);
		return index;
	}

	async #related(target: string): Promise<string[]> {
		const delimiter = await this.#delimiter();
		const levels = target.split(delimiter);
		const isBelowInbox = levels[0]?.toUpperCase() === 'INBOX';
		if (isBelowInbox && levels.length === 1) return [];
		// Where all folders lie below INBOX (RFC 2342), the first level says nothing.
		const root = levels.slice(0, isBelowInbox ? 2 : 1).join(delimiter);
		return (await this.#list())
			.filter(({ path, selectable }) => selectable && path !== target)
			.filter(({ path }) => path === root || path.startsWith(`${root}${delimiter}`))
			.map(({ path }) => path);
	}

	async #list(): Promise<FolderInfo[]> {
		return (this.#listed ??= await this.session.listFolders());
	}

	async #delimiter(): Promise<string> {
		return (await this.#list()).find(({ delimiter }) => delimiter)?.delimiter ?? '/';
	}
}
