import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { MailError } from '../mail/errors';
import { checkImapSignIn } from '../mail/signIn';
import { ARCHIVE_CREDENTIALS, readArchive, type ArchiveSignIn } from './archive';
import { sentence } from './credentialTest';
import { UserError } from './errors';

const SIGN_IN_TIMEOUT_MS = 20_000;

/** The Test button of the credentials of an ordinary mailbox: signs in and out again. */
export async function archiveSignIn(
	this: ICredentialTestFunctions,
	{ type, data }: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	try {
		const settings = readArchive(wayOf(type), data ?? {});
		const failure = await checkImapSignIn(settings, { timeoutMs: SIGN_IN_TIMEOUT_MS });
		if (!failure) return { status: 'OK', message: 'Signed in to the mailbox (IMAP)' };
		return failed(failure);
	} catch (error) {
		if (error instanceof UserError || error instanceof MailError) return failed(error);
		return { status: 'Error', message: 'The credential could not be read. Fill it in again.' };
	}
}

function wayOf(type: string): ArchiveSignIn {
	if (type === ARCHIVE_CREDENTIALS.microsoft) return 'microsoft';
	return type === ARCHIVE_CREDENTIALS.google ? 'google' : 'password';
}

function failed({ message, whatToDo }: UserError | MailError): INodeCredentialTestResult {
	return { status: 'Error', message: `${sentence(message)} ${sentence(whatToDo)}` };
}
