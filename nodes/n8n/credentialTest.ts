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
			...(imap ? [{ of: 'Reading (IMAP)', error: imap }] : []),
			...(smtp ? [{ of: 'Sending (SMTP)', error: smtp }] : []),
		];
		if (failures.length === 0) {
			return { status: 'OK', message: 'Signed in for reading (IMAP) and sending (SMTP)' };
		}
		const happened = failures.map(({ of, error }) => `${of}: ${sentence(error.message)}`);
		// Both mostly fail for one reason, which takes one remedy.
		const whatToDo = new Set(failures.map(({ error }) => sentence(error.whatToDo)));
		return { status: 'Error', message: [...happened, ...whatToDo].join(' ') };
	} catch (error) {
		if (!(error instanceof MailError)) {
			return { status: 'Error', message: 'The credential could not be read. Fill it in again.' };
		}
		return {
			status: 'Error',
			message: `${sentence(error.message)} ${sentence(error.whatToDo)}`,
		};
	}
}

export function sentence(text: string): string {
	return /[.!?]$/.test(text) ? text : `${text}.`;
}
