import type { ITriggerFunctions, ITriggerResponse } from 'n8n-workflow';
import { MailError } from '../mail/errors';
import { withImap } from '../mail/imap';
import { credentialOf } from '../n8n/credential';
import { nodeError } from '../n8n/errors';
import { listen } from './listener';
import { emitNewest } from './manualRun';
import { folderEnds, type FolderEnds } from './folderEnds';
import { readSettings, type TriggerSettings } from './settings';

const FIRST_SIGN_IN_TIMEOUT_MS = 20_000;

/** Starts watching. @throws NodeOperationError for wrong settings, and only when a person activates or tests. */
export async function startTrigger(functions: ITriggerFunctions): Promise<ITriggerResponse> {
	const settings = settingsOf(functions);
	if (functions.getMode() === 'manual') {
		return { manualTriggerFunction: async () => await emitNewest(functions, settings) };
	}
	const endsAtStart =
		functions.getActivationMode() === 'activate' ? await signIn(functions, settings) : undefined;
	return { closeFunction: await listen(functions, settings, endsAtStart) };
}

function settingsOf(functions: ITriggerFunctions): TriggerSettings {
	try {
		return readSettings(functions);
	} catch (error) {
		throw nodeError(functions.getNode(), error);
	}
}

/**
 * A fault that only a person can mend (password, folder, certificate) refuses activation. An outage does not: n8n gives a
 * throwing trigger up after five tries, and would then stay silent while the workflow shows as active.
 * @returns where each folder ends; `undefined` in an outage
 */
async function signIn(
	functions: ITriggerFunctions,
	{ folders }: TriggerSettings,
): Promise<FolderEnds | undefined> {
	try {
		const { settings } = await credentialOf(functions);
		return await withImap(
			settings,
			{ timeoutMs: FIRST_SIGN_IN_TIMEOUT_MS },
			async (imap) => await folderEnds(imap, folders),
		);
	} catch (error) {
		// What is no failure of the connection is one of the credential.
		if (!(error instanceof MailError) || error.retry === 'never') {
			throw nodeError(functions.getNode(), error);
		}
		return undefined;
	}
}
