import { RecordsError } from './errors';

export const RECORD_VERSION = 1;

export type RecordType =
	| 'submissions'
	| 'copies'
	| 'planned'
	| 'deletions'
	| 'acknowledgements'
	| 'ballast'
	| 'watches'
	| 'leases'
	| 'correlations';

const TYPES: ReadonlySet<string> = new Set<RecordType>([
	'submissions',
	'copies',
	'planned',
	'deletions',
	'acknowledgements',
	'ballast',
	'watches',
	'leases',
	'correlations',
]);

/** The part's name, by which many records can be fetched at once. */
export const RECORD_FILE = 'record.json';

/** What every record begins its subject with. */
export const SUBJECT_PREFIX = 'n8n PEC record';

/** What a record says of itself in its subject. */
export interface RecordSubject {
	readonly version: number;
	readonly type: string;
	/** The tag of a mailing (submissions), of a trigger (watches) or of a run (leases). */
	readonly tag?: string;
}

export interface RecordToWrite {
	readonly type: RecordType;
	readonly tag?: string;
	/** What stands beside `version` and `type`. */
	readonly content: object;
	readonly account: string;
	/** Without angle brackets. */
	readonly messageId: string;
	readonly at: Date;
}

/** One record as a message (docs/ARCHITECTURE.md, Records). */
export function writeRecord(record: RecordToWrite): Buffer {
	const { type, tag, content, account, messageId, at } = record;
	const json = JSON.stringify({ version: RECORD_VERSION, type, ...content });
	const body = Buffer.from(json, 'utf8').toString('base64');
	const lines = [
		`Date: ${at.toUTCString().replace('GMT', '+0000')}`,
		`From: <${account}>`,
		`Message-ID: <${messageId}>`,
		`Subject: ${SUBJECT_PREFIX} ${RECORD_VERSION} ${type}${tag === undefined ? '' : ` <${tag}>`}`,
		'MIME-Version: 1.0',
		`Content-Type: application/json; charset=utf-8; name="${RECORD_FILE}"`,
		'Content-Transfer-Encoding: base64',
		`Content-Disposition: attachment; filename="${RECORD_FILE}"`,
		'',
		...(body.match(/.{1,76}/g) ?? []),
		'',
	];
	return Buffer.from(lines.join('\r\n'), 'latin1');
}

/** What the subject in a header block says; `undefined` when the message is no record. */
export function recordSubjectOf(headers: Buffer): RecordSubject | undefined {
	const unfolded = headers.toString('latin1').replace(/\r?\n(?=[ \t])/g, '');
	const [, version, rest] = /^subject:[ \t]*n8n PEC record (\d+) ([^\r\n]*)/im.exec(unfolded) ?? [];
	if (version === undefined || rest === undefined) return undefined;
	const [, type, tag] = /^([a-z]+)(?: <([0-9a-f]{20})>)?\s*$/.exec(rest) ?? [];
	// A later version may write the rest otherwise; that it is later must be seen all the same.
	if (type === undefined) return { version: Number(version), type: rest };
	return { version: Number(version), type, ...(tag === undefined ? {} : { tag }) };
}

/**
 * The JSON of a record.
 * @throws RecordsError `newerVersion`, or `unreadable` when JSON and subject do not tell the same
 */
export function readRecord(
	subject: RecordSubject,
	json: Buffer,
	uid: number,
): Record<string, unknown> {
	if (subject.version > RECORD_VERSION) throw newerVersion();
	let content: unknown;
	try {
		content = JSON.parse(json.toString('utf8'));
	} catch {
		throw unreadable(uid);
	}
	if (!isObject(content)) throw unreadable(uid);
	if (typeof content.version === 'number' && content.version > RECORD_VERSION) {
		throw newerVersion();
	}
	if (content.version !== RECORD_VERSION || content.type !== subject.type) throw unreadable(uid);
	if (!TYPES.has(subject.type)) throw unreadable(uid);
	return content;
}

export function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function unreadable(uid: number): RecordsError {
	return new RecordsError(
		'unreadable',
		`A record in the folder for records cannot be read (message number ${uid}): nothing was done, since it may say that a message was already sent or copied`,
		'Look at that message in the folder "n8n PEC (do not delete)"; if it is not a record of this program, move it to another folder',
	);
}

function newerVersion(): RecordsError {
	return new RecordsError(
		'newerVersion',
		'The mailbox holds records of a newer version of this program: nothing was done',
		'Update n8n-nodes-pec on this n8n to the version that is used elsewhere with this mailbox',
	);
}
