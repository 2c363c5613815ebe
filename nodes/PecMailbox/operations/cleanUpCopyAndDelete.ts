import { archiveMailbox } from '../../account/archiveMailbox';
import { archiveFolderOf } from '../../n8n/archiveFields';
import { eachItemInTurn, type Operation, type OperationTools } from '../../n8n/operations';
import { requestOf, runCleanUp, type CleanUpRequest } from './cleanUp';

interface Copying {
	readonly request: CleanUpRequest;
	readonly pattern: string;
	readonly timeZone: string;
}

/** Copies into an ordinary mailbox what only lacks a copy, and deletes it when that copy is checked and on record. */
export const cleanUpCopyAndDelete: Operation = eachItemInTurn<Copying, OperationTools>(
	(item) => ({
		request: requestOf(item, new Date(), { copyRequired: 'checked' }),
		pattern: item.text('archiveFolder', 'Folder There'),
		timeZone: item.timeZone,
	}),
	async function* ({ request, pattern, timeZone }, tools, itemIndex) {
		const store = archiveMailbox(async () => await tools.archive.imap(), {
			address: await tools.archive.address(),
			folderOf: ({ receivedAt }) => archiveFolderOf(pattern, receivedAt, timeZone),
		});
		yield* runCleanUp(request, tools, itemIndex, store);
	},
);
