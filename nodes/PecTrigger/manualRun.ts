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
import type { Candidate } from './watchTypes';

const TIMEOUT_MS = 20_000;
const WINDOW = 100;
/** Of each folder: a person waits. */
const SCANNED = 5_000;
/** Whole messages that are read before it is said that none matches. */
const LOADS = 50;

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
	const paths = of.settings.folders ?? arrivalFolders(await imap.listFolders());
	// The newest of each folder, by its header alone; then the newest of these that the filters let pass.
	const lines: Line[] = [];
	for (const path of paths) lines.push(await advanced({ line: candidatesIn(imap, path, events) }));
	for (let loaded = 0; loaded < LOADS; loaded += 1) {
		const [newest] = lines.sort((a, b) => receivedAt(b) - receivedAt(a));
		if (!newest?.next) return undefined;
		const { candidate, path } = newest.next;
		const folder = await imap.open(path, { readOnly: true });
		await candidate.load({ imap, folder }, 'whole');
		if (found[0]) return found[0];
		await advanced(newest);
	}
	return undefined;
}

/** The candidates of a folder, and the next of them. */
interface Line {
	readonly line: AsyncGenerator<Found, void>;
	next?: Found | undefined;
}

async function advanced(line: Line): Promise<Line> {
	line.next = (await line.line.next()).value ?? undefined;
	return line;
}

function receivedAt({ next }: Line): number {
	return next?.receivedAt ?? -Infinity;
}

/** What is found here is put out by other means. */
const NEVER = async () => await Promise.resolve('interrupted' as const);

interface Found {
	readonly path: string;
	readonly candidate: Candidate;
	readonly receivedAt: number;
}

/** From the newest on, among the newest `SCANNED` messages of a folder. */
async function* candidatesIn(
	imap: ImapSession,
	path: string,
	events: MessageEvents,
): AsyncGenerator<Found, void> {
	const uids = (await (await imap.open(path, { readOnly: true })).search({})).slice(-SCANNED);
	for (let end = uids.length; end > 0; end -= WINDOW) {
		const folder = await imap.open(path, { readOnly: true });
		const window = await folder.scan(uids.slice(Math.max(0, end - WINDOW), end));
		for (const scanned of window.reverse()) {
			const candidate = candidateOf(events, scanned);
			if (candidate) yield { path, candidate, receivedAt: scanned.receivedAt.getTime() };
		}
	}
}
