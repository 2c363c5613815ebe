import { stringify } from 'csv-stringify/sync';
import type { BaggedFile } from './bagit';
import type { PlannedThread } from './packagePlan';
import { presentFields } from './presentFields';
import { harmless } from './reportCsv';
import { threadFacts } from './thread';

/** A message in a bag, with what is known of it. */
export interface IndexedFile {
	readonly bagged: BaggedFile;
	readonly planned: PlannedThread['files'][number];
	readonly thread: PlannedThread;
}

/** The files in the order in which they were packed, each with what it is. */
export function indexOf(
	threads: readonly PlannedThread[],
	payload: readonly BaggedFile[],
): IndexedFile[] {
	const planned = threads.flatMap((thread) => thread.files.map((file) => ({ thread, file })));
	return payload.map((bagged, index) => {
		const entry = planned[index];
		if (!entry || bagged.path !== `data/${entry.file.path}`) {
			throw new Error('What was packed is not what was planned');
		}
		return { bagged, planned: entry.file, thread: entry.thread };
	});
}

export function fileFacts({ bagged, planned: { part }, thread }: IndexedFile): object {
	const { role, pecKey, kind, messageId, at, recipient, content, consistent, matchedBy } = part;
	const { folder, uid, uidValidity, receivedAt } = part.place;
	return presentFields({
		...bagged,
		thread: thread.id,
		role,
		pecKey,
		kind,
		messageId,
		at,
		recipient,
		content,
		consistent,
		matchedBy,
		mailbox: { folder, uid, uidValidity, receivedAt },
	});
}

/** For programs. */
export function indexJson(
	about: object,
	threads: readonly PlannedThread[],
	files: readonly IndexedFile[],
): Buffer {
	const index = {
		...about,
		threads: threads.map(({ id, thread }) => ({ id, ...threadFacts(thread) })),
		files: files.map(fileFacts),
	};
	return Buffer.from(`${JSON.stringify(index, undefined, '\t')}\n`, 'utf8');
}

const COLUMNS = [
	'file',
	'sha256',
	'sha512',
	'byte',
	'invio',
	'completo',
	'tipo',
	'data',
	'mittente',
	'destinatario',
	'oggetto',
	'message-id',
	'invio massivo',
	'pratica',
	'chiave',
];

/** For people: a table for Excel as it is set up in Italy. */
export function indexCsv(files: readonly IndexedFile[]): Buffer {
	const rows = files.map(({ bagged, planned: { part }, thread: { id, thread } }) => [
		bagged.path,
		bagged.sha256,
		bagged.sha512,
		String(bagged.size),
		id,
		thread.complete ? 'sì' : 'no',
		part.role,
		part.at ?? '',
		thread.sender ?? '',
		part.recipient ?? thread.recipients.map(({ address }) => address).join(' '),
		thread.subject ?? '',
		thread.messageId ?? '',
		thread.mailing ?? '',
		thread.rowKey ?? '',
		part.pecKey,
	]);
	const text = stringify([COLUMNS, ...rows.map((row) => row.map(harmless))], {
		delimiter: ';',
		record_delimiter: 'windows',
		bom: true,
	});
	return Buffer.from(text, 'utf8');
}
