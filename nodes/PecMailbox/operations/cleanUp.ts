import type { OperationTools } from '../../n8n/operations';
import type { Parameters } from '../../n8n/parameters';
import type { PurgeVerdict } from '../../pec/types';
import { listMessages } from '../../account/mailbox';
import { messageFolders } from '../../account/messageFolders';
import { planPurge } from '../../pec/purge';

export interface CleanUpRequest {
	/** Empty: every folder. */
	readonly folders: readonly string[];
	readonly olderThanDays: number;
	readonly keepUnread: boolean;
}

const DAY_MS = 24 * 3600_000;

export function readRequest(item: Parameters): CleanUpRequest {
	return {
		folders: item.list('folders'),
		olderThanDays: Math.max(0, item.number('olderThanDays', 'Older Than')),
		keepUnread: item.flag('keepUnread', 'Keep Unread PEC'),
	};
}

/**
 * The plan over every folder, so that a thread spread over folders is seen whole; of it, what lies in the folders asked
 * for.
 */
export async function planCleanUp(
	request: CleanUpRequest,
	tools: OperationTools,
): Promise<PurgeVerdict[]> {
	const account = tools.account.settings.address;
	const imap = await tools.account.imap();
	const folders = await messageFolders(imap);
	await requireFolders(request.folders, folders, tools);
	const messages = await listMessages(imap, {
		account,
		folders,
		criteria: {},
		limit: Number.POSITIVE_INFINITY,
	});
	const verdicts = planPurge({
		candidates: messages.map(({ pecKey, headers, mailbox }) => ({ pecKey, headers, ...mailbox })),
		copies: await (await tools.account.records()).readCopies(),
		olderThan: new Date(tools.now().getTime() - request.olderThanDays * DAY_MS),
		keepUnread: request.keepUnread,
	});
	if (request.folders.length === 0) return verdicts;
	return verdicts.filter(({ message }) => request.folders.includes(message.folder));
}

/** Opening a folder that is not there says so in the words of the transport. */
async function requireFolders(
	asked: readonly string[],
	present: readonly string[],
	tools: OperationTools,
): Promise<void> {
	const imap = await tools.account.imap();
	for (const path of asked) {
		if (!present.includes(path)) await imap.open(path, { readOnly: true });
	}
}
