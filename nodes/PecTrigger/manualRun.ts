import type { ITriggerFunctions } from 'n8n-workflow';
import { arrivalFolders } from '../account/messageFolders';
import { Replies } from '../account/replies';
import { withImap } from '../mail/imap';
import type { ImapSession } from '../mail/types';
import { credentialOf } from '../n8n/credential';
import { nodeError, UserError } from '../n8n/errors';
import type { MessageItem } from '../n8n/messageItem';
import { prepareItem } from './emission';
import { candidateOf, type MessageEvents } from './messageEvents';
import { isOfSendings, newestSending } from './sendingEvents';
import type { TriggerSettings } from './settings';

const TIMEOUT_MS = 20_000;
const WINDOW = 100;

/** A test in the editor: the newest message that would start the workflow, at once. */
export async function emitNewest(
	functions: ITriggerFunctions,
	settings: TriggerSettings,
): Promise<void> {
	try {
		const { settings: account, trust } = await credentialOf(functions);
		const now = () => new Date();
		const item = await withImap(account, { timeoutMs: TIMEOUT_MS }, async (imap) =>
			isOfSendings(settings.watchFor)
				? await newestSending(imap, { account: account.address, settings, now })
				: await newestMessage(imap, { settings, account: account.address, trust, now }),
		);
		if (item) {
			functions.emit([[await prepareItem(functions, item)]]);
			return;
		}
		throw new UserError(
			'There is nothing yet that would start this workflow',
			'Let a message arrive in this mailbox and test again, or activate the workflow: it starts on the next one.',
		);
	} catch (error) {
		throw nodeError(functions.getNode(), error);
	}
}

async function newestMessage(
	imap: ImapSession,
	of: Omit<MessageEvents, 'replies' | 'offering'>,
): Promise<MessageItem | undefined> {
	const found: MessageItem[] = [];
	const events: MessageEvents = {
		...of,
		replies: new Replies({ account: of.account }),
		offering: (key, item) => {
			found.push(item);
			return { key, emit: NEVER, onGivenUp: () => undefined };
		},
	};
	for (const path of of.settings.folders ?? (await arrivalFolders(imap))) {
		await loadNewest(imap, path, events);
		if (found.length > 0) break;
	}
	return found[0];
}

/** What is found here is put out by other means. */
const NEVER = async () => await Promise.resolve('interrupted' as const);

async function loadNewest(imap: ImapSession, path: string, events: MessageEvents): Promise<void> {
	const folder = await imap.open(path, { readOnly: true });
	const uids = await folder.search({});
	for (let end = uids.length; end > 0; end -= WINDOW) {
		const window = await folder.scan(uids.slice(Math.max(0, end - WINDOW), end));
		for (const scanned of window.reverse()) {
			const candidate = candidateOf(events, scanned);
			if (candidate && (await candidate.load({ imap, folder }, 'whole'))) return;
		}
	}
}
