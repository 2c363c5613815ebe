import type { IDataObject, ITriggerFunctions } from 'n8n-workflow';
import { arrivalFolders } from '../account/messageFolders';
import { Replies } from '../account/replies';
import { watchTag, WatchJournal } from '../account/watchJournal';
import { changeOf, recentOf, type FolderPosition } from '../account/watchState';
import { MailError } from '../mail/errors';
import { openImap } from '../mail/imap';
import type { ImapSession, OpenFolder, ScannedMessage } from '../mail/types';
import { credentialOf } from '../n8n/credential';
import type { MessageItem } from '../n8n/messageItem';
import { startRun } from './emission';
import { Health } from './health';
import { candidateOf, unreadableCandidate, type MessageEvents } from './messageEvents';
import { giveUp, heartbeat, tellHealth, tellWhatIsMissing } from './notices';
import { Offers, type Offering } from './offers';
import { isOfSendings, sendingsOf } from './sendingEvents';
import type { TriggerSettings } from './settings';
import { watch } from './watch';

/** What outlives a listener that is closed and opened again: runs under way, and what is known of them. */
interface Followed {
	readonly tag: string;
	readonly journal: WatchJournal;
	readonly offers: Offers;
	readonly replies: Replies;
	/** Wakes the listener that is open. */
	wake: () => void;
	close: () => Promise<void>;
}

/** One per trigger node in this process, whatever n8n's activations and retries come to. */
const followed = new Map<string, Followed>();

const NOTHING = async () => await Promise.resolve();

/** Settled events kept in n8n's static data, beside the mailbox's own records. */
const CACHED = 500;

/** The listener being opened, by trigger node: n8n may activate one several times at once, and each closes the one before. */
const opening = new Map<string, Promise<unknown>>();

/**
 * Watches for ever, in the background.
 * @returns what closes it
 */
export async function listen(
	functions: ITriggerFunctions,
	settings: TriggerSettings,
	endsAtStart: ReadonlyMap<string, FolderPosition> | undefined,
): Promise<() => Promise<void>> {
	const identity = `${functions.getWorkflow().id}:${functions.getNode().id}`;
	const before = opening.get(identity) ?? Promise.resolve();
	const mine = before.then(async () => await open(functions, settings, { identity, endsAtStart }));
	const settled = mine.then(
		() => undefined,
		() => undefined,
	);
	opening.set(identity, settled);
	void settled.then(() => {
		if (opening.get(identity) === settled) opening.delete(identity);
	});
	return await mine;
}

async function open(
	functions: ITriggerFunctions,
	settings: TriggerSettings,
	{
		identity,
		endsAtStart,
	}: { identity: string; endsAtStart: ReadonlyMap<string, FolderPosition> | undefined },
): Promise<() => Promise<void>> {
	const node = functions.getNode();
	const { settings: account, trust } = await credentialOf(functions);
	const { address } = account;
	const startAt = settings.startAt === 'now' ? 'now' : settings.startAt.toISOString();
	const tag = watchTag([identity, address, startAt]);
	const now = () => new Date();

	const predecessor = followed.get(identity);
	await predecessor?.close();
	const memory = functions.getWorkflowStaticData('node');
	const self = predecessor?.tag === tag ? predecessor : follow(tag, address, memory, now);
	followed.set(identity, self);
	self.offers.resume(settings.rules);

	const offering = (key: string, item: MessageItem): Offering => ({
		key,
		emit: async (runKey) => {
			memory.watch = { tag, ...recentOf(self.journal.state, CACHED) } as unknown as IDataObject;
			return await startRun(functions, item, runKey);
		},
		onGivenUp: (failures) => giveUp(functions, failures, key),
	});
	const health = new Health({
		account: address,
		now,
		tell: (report) => tellHealth(functions, settings, report),
	});
	const events: MessageEvents = {
		settings,
		account: address,
		trust,
		replies: self.replies,
		now,
		offering,
	};
	const sendings = { account: address, settings, now };
	const { journal } = self;
	const isSettled = (key: string) => self.offers.isSettled(key);
	const stop = new AbortController();
	tellWhatIsMissing(functions, settings);
	const beat = heartbeat(functions, settings, () => health.report());
	const watching = watch({
		connect: async (signal) => await connectAs(functions, address, signal),
		journal: self.journal,
		offers: self.offers,
		folders: settings.folders ?? arrivalFolders,
		startAt: settings.startAt,
		marksAsRead: settings.markAsRead,
		...(endsAtStart ? { endsAtStart } : {}),
		...(isOfSendings(settings.watchFor)
			? { timed: sendingsOf(sendings, { journal, isSettled, offering }) }
			: {
					candidate: (scanned: ScannedMessage) => candidateOf(events, scanned),
					unreadable: (folder: OpenFolder, uid: number) => unreadableCandidate(events, folder, uid),
				}),
		now,
		onOutage: (error, retryInMs) => {
			health.down(error);
			const cause = error instanceof MailError ? error.message : 'the connection broke';
			functions.logger.warn(`${node.name}: ${cause}; trying again in ${retryInMs} ms`);
		},
		onConnected: () => functions.logger.info(`${node.name}: watching`),
		onRound: (trouble) => {
			if (trouble) health.down(trouble);
			else health.up();
		},
		onFull: (isFull) => {
			if (isFull) health.full(settings.rules.limit);
			else health.free();
		},
		random: Math.random,
		signal: stop.signal,
	});
	self.wake = watching.wake;
	self.close = async () => {
		self.close = NOTHING;
		stop.abort();
		self.offers.pause();
		health.stop();
		clearInterval(beat);
		await watching.ended;
		self.wake = () => undefined;
		if (self.offers.isIdle && followed.get(identity) === self) followed.delete(identity);
	};
	return async () => await self.close();
}

function follow(tag: string, account: string, memory: IDataObject, now: () => Date): Followed {
	const journal = new WatchJournal({ account, tag, now });
	const cached = memory.watch as IDataObject | undefined;
	const change = cached?.tag === tag ? changeOf(cached) : undefined;
	if (change) journal.recall(change);
	const self: Followed = {
		tag,
		journal,
		offers: new Offers({ journal, tag, onChange: () => self.wake() }),
		replies: new Replies({ account }),
		wake: () => undefined,
		close: NOTHING,
	};
	return self;
}

/** With the credential as it is now: a password may have been changed since the last connection. */
async function connectAs(
	functions: ITriggerFunctions,
	address: string,
	signal: AbortSignal,
): Promise<ImapSession> {
	const { settings } = await credentialOf(functions);
	if (settings.address === address)
		return await openImap(settings, { signal, yields: true, queueMs: Infinity });
	throw new MailError('notSupported', 'The credential names another mailbox now', {
		whatToDo: 'Publish the workflow again, so that it watches the new mailbox from its beginning',
		retry: 'never',
	});
}
