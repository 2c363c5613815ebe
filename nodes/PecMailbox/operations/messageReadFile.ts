import type { FileOutcome, FilePlace, FileProblem } from '../../pec/messageFile';
import type { OfflineOperation, OfflineTools, Output } from '../../n8n/operations';
import type { BinaryFile, Parameters } from '../../n8n/parameters';
import type { MessageItem } from '../../n8n/messageItem';
import type { PecMessage } from '../../pec/types';
import type { UserError } from '../../n8n/errors';
import { eachItemInTurn } from '../../n8n/operations';
import { fileMessageItem, includeOf } from '../../n8n/messageItem';
import { messagesIn } from '../../pec/messageFile';
import { otherFileByName } from '../../pec/fileType';
import { readPecMessage } from '../../pec/message';
import { fileProblem } from './fileProblem';

interface Request {
	/** Names of binary fields. */
	readonly fields: readonly string[];
	readonly include: readonly string[];
	open(field: string): Promise<BinaryFile>;
}

interface Problem {
	readonly place: FilePlace;
	readonly problem: FileProblem;
}

/**
 * The messages of files, offline: one item each. What is no message, or cannot be unpacked, is an item that says so; a
 * file of which nothing can be read fails its input item.
 */
export const messageReadFile: OfflineOperation = async function* (run) {
	let unread = 0;
	for await (const output of readFiles(run)) {
		if ('error' in output.json) unread += 1;
		yield output;
	}
	if (unread > 0) {
		run.tools.hint(
			`${unread} files could not be read as messages: the field <code>error</code> of their items says why.`,
		);
	}
};

const readFiles = eachItemInTurn(readRequest, async function* (request, tools, itemIndex) {
	for (const field of request.fields) {
		try {
			yield* readFile(field, request, tools, itemIndex);
		} catch (error) {
			tools.signal?.throwIfAborted();
			yield tools.fail(error, itemIndex);
		}
	}
});

function readRequest(item: Parameters): Request {
	return {
		fields: item.fileFields('binaryField', 'Input Binary Field'),
		include: item.list('include'),
		open: async (field) => await item.file(field),
	};
}

async function* readFile(
	field: string,
	{ include, open }: Request,
	tools: OfflineTools,
	itemIndex: number,
): AsyncGenerator<Output, void> {
	const { fileName, content } = await open(field);
	let isFirst = true;
	for await (const outcome of messagesIn(content, fileName)) {
		tools.signal?.throwIfAborted();
		const read = await readOutcome(outcome, include, tools);
		if ('problem' in read) {
			const isWhole = read.place.path === undefined;
			const error = fileProblem(
				isWhole ? `The file in "${field}"` : 'This file of the ZIP',
				read.problem,
			);
			// Ends the run when there is nothing else, unless the node continues on failure.
			if (isWhole && isFirst) tools.fail(error, itemIndex);
			yield { itemIndex, json: problemJson(error, read) };
		} else {
			yield { itemIndex, ...read };
		}
		isFirst = false;
	}
}

async function readOutcome(
	outcome: FileOutcome,
	include: readonly string[],
	tools: OfflineTools,
): Promise<MessageItem | Problem> {
	if ('problem' in outcome) return outcome;
	const { place, raw } = outcome;
	const message = await readPecMessage(raw, { trust: tools.trust, now: tools.now() });
	const other = isMail(message) ? undefined : otherFileByName(place.name);
	if (other) return { place, problem: other };
	return fileMessageItem(message, place, includeOf(include, raw));
}

/** A text of lines with colons, as `bagit.txt`, reads as a header: without sender, date or id it is nobody's mail. */
function isMail({ kind, envelope: { from, date, messageId } }: PecMessage): boolean {
	if (kind === 'unreadable') return false;
	return kind !== 'ordinary' || [from, date, messageId].some((field) => field !== undefined);
}

/** These three keys and no other: n8n sends such an item to the error output where there is one, and keeps it whole. */
function problemJson({ message, whatToDo }: UserError, { place, problem }: Problem): object {
	return { error: message, message: whatToDo, details: { reason: problem, file: place } };
}
