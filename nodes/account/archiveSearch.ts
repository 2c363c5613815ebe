import type { OpenFolder } from '../mail/types';
import {
	copyMessageIdOf,
	enclosedMessageOf,
	type ComposedForm,
	type CopyForm,
} from '../pec/copyMessage';
import { readPecHeaders } from '../pec/message';
import { pecKeyOf, sizeOfPecKey } from '../pec/pecKey';

/** A copy as a folder holds it, looked at to the last byte. */
export interface FoundCopy {
	readonly uid: number;
	readonly form: CopyForm;
	/** The message that was copied. */
	readonly bytes: Buffer;
}

export interface WantedCopy {
	readonly pecKey: string;
	/** Of the message that was copied: finds it also where a server tells sizes that are not those of the bytes (Exchange). */
	readonly headers?: Buffer;
}

/** The copy with the lowest UID: of two runs that store at the same time both find the same one. @throws MailError */
export async function findCopy(
	folder: OpenFolder,
	wanted: WantedCopy,
	forms: readonly CopyForm[],
): Promise<FoundCopy | undefined> {
	if (folder.messages === 0) return undefined;
	for (const form of forms) {
		const found =
			form === 'exact'
				? await findExact(folder, wanted)
				: await findComposed(folder, wanted.pecKey, form);
		if (found) return found;
	}
	return undefined;
}

async function findExact(folder: OpenFolder, wanted: WantedCopy): Promise<FoundCopy | undefined> {
	const size = sizeOfPecKey(wanted.pecKey);
	const bySize = await folder.search({ larger: size - 1, smaller: size + 1 });
	const found = await firstExact(folder, bySize, wanted.pecKey);
	const { messageId } = wanted.headers ? readPecHeaders(wanted.headers).envelope : {};
	if (found || messageId === undefined) return found;
	const byId = await folder.search({ header: { 'Message-ID': bare(messageId) } });
	const others = byId.filter((uid) => !bySize.includes(uid));
	return await firstExact(folder, others, wanted.pecKey);
}

async function firstExact(
	folder: OpenFolder,
	uids: readonly number[],
	pecKey: string,
): Promise<FoundCopy | undefined> {
	const size = sizeOfPecKey(pecKey);
	for (const { uid, headers } of await folder.scan(uids)) {
		if (pecKeyOf(headers, size) !== pecKey) continue;
		const raw = (await folder.fetch(uid))?.raw;
		if (raw && pecKeyOf(raw, raw.length) === pecKey) return { uid, form: 'exact', bytes: raw };
	}
	return undefined;
}

async function findComposed(
	folder: OpenFolder,
	pecKey: string,
	form: ComposedForm,
): Promise<FoundCopy | undefined> {
	const messageId = bare(copyMessageIdOf(pecKey, form));
	for (const uid of await folder.search({ header: { 'Message-ID': messageId } })) {
		const raw = (await folder.fetch(uid))?.raw;
		const bytes = raw && enclosedMessageOf(raw, pecKey);
		if (bytes) return { uid, form, bytes };
	}
	return undefined;
}

function bare(messageId: string): string {
	return messageId.replace(/^<|>$/g, '');
}

/**
 * What other folders of an archive might hold, read once a connection: enough to tell that a copy is not there. What it
 * does not rule out is searched for. A few bytes a message.
 */
export class ArchiveIndex {
	readonly #sizes = new Set<number>();
	readonly #composed = new Set<string>();

	/** @throws MailError */
	static async of(folder: OpenFolder): Promise<ArchiveIndex> {
		const index = new ArchiveIndex();
		if (folder.messages === 0) return index;
		const sizes = await folder.sizes(await folder.search({}));
		for (const size of sizes.values()) index.#sizes.add(size);
		for (const word of ['pec-copy.', 'pec-readable.']) {
			const uids = await folder.search({ header: { 'Message-ID': word } });
			for (const { headers } of await folder.scan(uids)) {
				const { messageId } = readPecHeaders(headers).envelope;
				if (messageId !== undefined) index.#composed.add(messageId);
			}
		}
		return index;
	}

	mayHold(pecKey: string, forms: readonly CopyForm[]): boolean {
		return forms.some((form) =>
			form === 'exact'
				? this.#sizes.has(sizeOfPecKey(pecKey))
				: this.#composed.has(copyMessageIdOf(pecKey, form)),
		);
	}
}
