import type { FileHandle } from '../../n8n/parameters';
import type { Letter } from './letter';
import type { OperationTools } from '../../n8n/operations';
import { attachedSize, type LetterWeight } from '../../pec/preflight';
import { composeMessage } from '../../pec/compose';
import { draftOf } from './letter';

/** What each letter weighs, by composing it without what its files hold: those are only counted. */
export class LetterScales {
	readonly #tools: Pick<OperationTools, 'account' | 'now'>;
	/** By source; of files whose size only reading them tells. */
	readonly #sizes = new Map<string, number>();

	constructor(tools: Pick<OperationTools, 'account' | 'now'>) {
		this.#tools = tools;
	}

	/** @throws ComposeError for what a PEC provider would refuse, UserError for a file that cannot be read */
	async weigh(letter: Letter, messageId: string): Promise<LetterWeight> {
		const empty = letter.attachments.map(({ fileName, mimeType }) => ({
			fileName,
			mimeType,
			content: Buffer.alloc(0),
		}));
		const { length: frame } = await composeMessage(draftOf(letter, messageId, empty, this.#tools));
		let files = 0;
		for (const file of letter.attachments) files += attachedSize(await this.sizeOf(file));
		return {
			messageSize: frame + files,
			withoutFiles: frame,
			recipients: letter.to.length + letter.cc.length,
			receiptContent: letter.receiptContent,
			sentCopy: letter.sentCopy,
		};
	}

	/** Bytes of a file. */
	async sizeOf({ source, size, load }: FileHandle): Promise<number> {
		const known = size ?? this.#sizes.get(source);
		if (known !== undefined) return known;
		const { length } = await load();
		this.#sizes.set(source, length);
		return length;
	}
}
