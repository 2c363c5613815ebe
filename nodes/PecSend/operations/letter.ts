import type { FileHandle, Parameters } from '../../n8n/parameters';
import type { OperationTools } from '../../n8n/operations';
import { toList } from '../../n8n/parameters';
import { composeMessage } from '../../pec/compose';
import { normalizeAddress } from '../../pec/batch';
import { storeSentCopy } from '../../account/sentCopy';

/** One letter as a user filled it in; addresses normalised. */
export interface Letter {
	readonly to: readonly string[];
	readonly cc: readonly string[];
	readonly replyTo?: string;
	readonly subject: string;
	readonly text: string;
	readonly html?: string;
	readonly attachments: readonly FileHandle[];
	readonly sentCopy: boolean;
}

/** @throws AddressError for an address that cannot be one, UserError for a missing attachment. */
export function readLetter(
	parameters: Parameters,
	to: readonly string[],
	attachmentFields: string,
): Letter {
	const options = parameters.collection('options');
	const html = String(options.html ?? '');
	const replyTo = String(options.replyTo ?? '').trim();
	return {
		to: to.map(normalizeAddress),
		cc: toList(options.cc).map(normalizeAddress),
		...(replyTo ? { replyTo: normalizeAddress(replyTo) } : {}),
		subject: parameters.rawText('subject'),
		text: parameters.rawText('text'),
		...(html ? { html } : {}),
		attachments: parameters.fileHandles(attachmentFields),
		sentCopy: options.sentCopy === 'full',
	};
}

/** The exact bytes of a letter. @throws ComposeError for what a PEC provider would refuse. */
export async function composeLetter(
	letter: Letter,
	messageId: string,
	tools: OperationTools,
): Promise<Buffer> {
	const { sentCopy: _, attachments, ...draft } = letter;
	const read = attachments.map(async ({ fileName, mimeType, load }) => ({
		fileName,
		mimeType,
		content: await load(),
	}));
	return await composeMessage({
		...draft,
		attachments: await Promise.all(read),
		from: tools.account.settings.address,
		messageId,
		date: tools.now(),
	});
}

/** A sent copy that cannot be kept is no failure of the sending: it is said, not thrown. */
export async function keepSentCopy(raw: Buffer, tools: OperationTools): Promise<void> {
	try {
		await storeSentCopy(await tools.account.imap(), raw, tools.now());
	} catch {
		tools.hint(
			'A message was sent, but its copy could not be put into the folder for sent messages. The delivery receipt holds its content.',
		);
	}
}
