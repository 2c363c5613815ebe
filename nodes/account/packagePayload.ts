import type { ImapSession } from '../mail/types';
import type { MailError } from '../mail/errors';
import { leftMeanwhile } from '../mail/leftMeanwhile';
import { NotGiven } from '../mail/notGiven';
import type { PlannedFile, PlannedPart } from '../pec/packagePlan';
import type { FileToPack } from '../pec/zipWriter';
import { wholeMessages } from './wholeMessages';

/**
 * The messages of one part of a package, as the server has them now, in the order of the plan.
 * @param onRefused told of the message that the server does not give, before the error is thrown: a store may put another
 * error in its place
 * @throws MailError, also for one that left the mailbox since it was planned: a package that lacks it is none
 */
export async function* payloadOf(
	part: PlannedPart,
	context: { readonly imap: ImapSession; readonly account: string },
	{ onRefused, signal }: { onRefused: (file: PlannedFile) => void; signal?: AbortSignal },
): AsyncGenerator<FileToPack, void> {
	const wanted = part
		.flatMap(({ files }) => files)
		.map((file) => ({ file, pecKey: file.part.pecKey, hint: file.part.place }));
	for await (const { wanted: of, message, refusal } of wholeMessages(wanted, context, signal)) {
		const { file } = of;
		if (refusal) {
			onRefused(file);
			throw refusal;
		}
		if (!message) throw leftWhilePacked(file.path);
		const { content } = message;
		const given = Buffer.isBuffer(content) ? content : noting(content, () => onRefused(file));
		yield { path: file.path, content: given };
	}
}

async function* noting(
	pieces: AsyncIterable<Buffer>,
	onRefused: () => void,
): AsyncGenerator<Buffer, void> {
	try {
		yield* pieces;
	} catch (error) {
		if (error instanceof NotGiven) onRefused();
		return await Promise.reject(error as Error);
	}
}

/** Of what was planned to be packed, and is not there any more. @param path under which it was to be packed */
export function leftWhilePacked(path: string): MailError {
	return leftMeanwhile(
		`A message left the mailbox while it was being packed, so nothing was put out: ${path}`,
	);
}
