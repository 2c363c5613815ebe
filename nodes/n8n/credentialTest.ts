import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { checkSignIn } from '../mail/signIn';
import { MailError } from '../mail/errors';
import { readCredential } from './credential';

const SIGN_IN_TIMEOUT_MS = 20_000;

/** The Test button of the PEC API credential: signs in to IMAP and SMTP and says which failed and what to do. */
export async function pecSignIn(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	try {
		const { settings } = readCredential(credential.data ?? {});
		const { imap, smtp } = await checkSignIn(settings, { timeoutMs: SIGN_IN_TIMEOUT_MS });
		const failures = [
			...(imap ? [`Reading (IMAP): ${inWords(imap)}`] : []),
			...(smtp ? [`Sending (SMTP): ${inWords(smtp)}`] : []),
		];
		return failures.length === 0
			? { status: 'OK', message: 'Signed in for reading (IMAP) and sending (SMTP)' }
			: { status: 'Error', message: failures.join(' ') };
	} catch (error) {
		if (error instanceof MailError) return { status: 'Error', message: inWords(error) };
		return { status: 'Error', message: 'The credential could not be read. Fill it in again.' };
	}
}

function inWords(error: MailError): string {
	return `${error.message.replace(/\.?$/, '.')} ${error.whatToDo}`;
}
