import type { ServerName } from '../servers/mailServers.ts';

interface Difference {
	readonly what: string;
	/** In the order of the table. */
	readonly answers: Readonly<Record<ServerName, string>>;
	/** Why each may answer so. */
	readonly because: string;
}

function answers(sandbox: string, dovecot: string, cyrus: string): Difference['answers'] {
	return { 'the sandbox': sandbox, Dovecot: dovecot, Cyrus: cyrus };
}

/**
 * Where the three answer differently and each may: the same table is in docs/SANDBOX.md, "Compared with Dovecot and
 * Cyrus", where a test looks for it.
 */
export const DIFFERENCES = {
	wrongPasswordCode: {
		what: 'Code of a wrong password',
		answers: answers('AUTHENTICATIONFAILED', 'AUTHENTICATIONFAILED', 'no code'),
		because: 'RFC 5530 codes are optional',
	},
	overQuotaCode: {
		what: 'Code of what does not fit the quota',
		answers: answers('OVERQUOTA', 'OVERQUOTA', 'no code'),
		because: 'RFC 5530 codes are optional; the nodes then look at the quota itself',
	},
	clearTextOnLoopback: {
		what: 'A password in clear text, on the machine itself',
		answers: answers('refused', 'taken', 'refused'),
		because: 'Dovecot takes a connection from its own address for a safe one',
	},
	inboxInLowerCase: {
		what: '`LIST "" "inbox"`',
		answers: answers('listed', 'listed', 'empty'),
		because: 'RFC 3501 5.1 has INBOX in any case; Cyrus compares patterns by letter',
	},
	changesWhenReadOnly: {
		what: '`STORE` and `EXPUNGE` after `EXAMINE`',
		answers: answers('NO, NO', 'OK, OK', 'NO, NO'),
		because: 'Dovecot takes them and does nothing',
	},
	moveWhenReadOnly: {
		what: '`MOVE` after `EXAMINE`',
		answers: answers('NO, 1 left', 'OK, 0 left', 'NO, 1 left'),
		because: 'Dovecot moves it all the same, against RFC 3501 6.3.2',
	},
	missingFolderCode: {
		what: 'Code of opening a folder that is missing',
		answers: answers('NONEXISTENT', 'no code', 'no code'),
		because: 'RFC 5530 codes are optional',
	},
	deleteMissingCode: {
		what: 'Code of deleting or renaming a folder that is missing',
		answers: answers('NONEXISTENT', 'NONEXISTENT', 'no code'),
		because: 'RFC 5530 codes are optional',
	},
	existsCode: {
		what: 'Code of creating a folder that exists',
		answers: answers('ALREADYEXISTS', 'ALREADYEXISTS', 'no code'),
		because: 'RFC 5530 codes are optional',
	},
	backslashInName: {
		what: 'A folder name with a backslash',
		answers: answers('OK', 'OK', 'NO'),
		because: 'which characters a name may have is the server’s choice (RFC 3501 5.1)',
	},
	unknownCharset: {
		what: '`SEARCH` in an unknown charset',
		answers: answers('NO, BADCHARSET', 'NO, BADCHARSET', 'BAD, no code'),
		because: 'RFC 3501 6.4.4 wants NO with BADCHARSET',
	},
	latin1Body: {
		what: '`SEARCH BODY` in a quoted-printable body in ISO-8859-1',
		answers: answers('found', 'found', 'not found'),
		because: 'Cyrus 3.6.1 finds the same text in UTF-8',
	},
	missingNumber: {
		what: '`FETCH` of a number no message has',
		answers: answers('OK', 'BAD', 'NO'),
		because: 'RFC 3501 9 leaves it open',
	},
	silentStore: {
		what: 'The flags after `STORE +FLAGS.SILENT`',
		answers: answers('not told', 'not told', 'told'),
		because: 'RFC 3501 6.4.6 lets the server tell it all the same',
	},
	selectedFolderDeleted: {
		what: 'The open folder is deleted by somebody else; `NOOP`',
		answers: answers('hung up', 'hung up', 'OK'),
		because: 'RFC 2180 3 allows both: BYE, or a folder that stays as it was for who has it open',
	},
	contentTypeThatIsNone: {
		what: 'Structure of a content type that is none',
		answers: answers('text/plain', 'of no type', 'text/plain'),
		because: 'RFC 2045 5.2 suggests text/plain',
	},
	getQuotaByRoot: {
		what: '`GETQUOTA` of the own quota by a user',
		answers: answers('OK', 'OK', 'NO'),
		because: 'Cyrus leaves it to administrators; GETQUOTAROOT tells the same',
	},
	nulInMessage: {
		what: '`APPEND` of a message with a NUL',
		answers: answers('OK, kept', 'OK, changed', 'NO'),
		because: 'no message may have one (RFC 5322 4)',
	},
	loneLineFeeds: {
		what: '`APPEND` of lines that end in LF alone',
		answers: answers('OK, kept', 'OK, changed', 'NO'),
		because: 'no message may have them (RFC 5322 2.3)',
	},
	eightBitHeader: {
		what: '`APPEND` of 8-bit bytes in a header',
		answers: answers('OK, kept', 'OK, kept', 'OK, changed'),
		because: 'Cyrus puts an X in the place of each (munge8bit, its default)',
	},
	enableOfNothing: {
		what: '`ENABLE` of what is unknown',
		answers: answers('ENABLED', 'nothing', 'nothing'),
		because: 'RFC 5161 asks for an ENABLED response, even an empty one',
	},
} as const satisfies Record<string, Difference>;

export type DifferenceName = keyof typeof DIFFERENCES;

/** What this server is expected to answer. */
export function expected(server: ServerName, name: DifferenceName): string {
	return DIFFERENCES[name].answers[server];
}
