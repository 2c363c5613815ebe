import type { IDataObject, ITriggerFunctions } from 'n8n-workflow';
import { arrivalFolders } from '../account/messageFolders';
import { Replies } from '../account/replies';
import { watchTag, WatchJournal } from '../account/watchJournal';
import { changeOf, recentOf, type FolderPosition } from '../account/watchState';
import { MailError } from '../mail/errors';
import { openImap } from '../mail/imap';
import type { ImapSession, ScannedMessage } from '../mail/types';
import { credentialOf } from '../n8n/credential';
import { nodeError, UserError } from '../n8n/errors';
import type { MessageItem } from '../n8n/messageItem';
import { startRun } from './emission';
import { Health, type HealthReport } from './health';
import { candidateOf, type MessageEvents } from './messageEvents';
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

const HOUR_MS = 60 * 60_000;

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
		onGivenUp: (failures) => giveUp(functions, failures),
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
			: { candidate: (scanned: ScannedMessage) => candidateOf(events, scanned) }),
		now,
		onOutage: (error, retryInMs) => {
			health.down(error);
			const cause = error instanceof MailError ? error.message : 'the connection broke';
			functions.logger.warn(`${node.name}: ${cause}; trying again in ${retryInMs} ms`);
		},
		onConnected: () => {
			health.up();
			functions.logger.info(`${node.name}: watching`);
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

function giveUp(functions: ITriggerFunctions, failures: number): void {
	if (failures < 2) return;
	const error = new UserError(
		`A message was offered ${failures} times, and the workflow failed each time: it is not offered again`,
		'Look at the failed executions, mend the workflow, and run it on that message again (Executions: Retry)',
	);
	functions.saveFailedExecution?.(nodeError(functions.getNode(), error));
}

function tellHealth(
	functions: ITriggerFunctions,
	{ healthNotices }: TriggerSettings,
	report: HealthReport,
): void {
	const { name } = functions.getNode();
	const error = new UserError(
		report.state === 'unreachable'
			? `${report.cause} (no connection since ${report.since})`
			: `The mailbox is watched again since ${report.since}`,
		report.whatToDo ?? 'Nothing is to be done: what arrived meanwhile starts its runs now',
	);
	functions.logger.warn(`${name}: ${error.message}`);
	if (healthNotices) functions.saveFailedExecution?.(nodeError(functions.getNode(), error));
}

/** A run at intervals that says how the connection is; `undefined` when none is asked for. */
function heartbeat(
	functions: ITriggerFunctions,
	{ heartbeatHours }: TriggerSettings,
	report: () => HealthReport,
): NodeJS.Timeout | undefined {
	if (heartbeatHours <= 0) return undefined;
	const beat = () => functions.emit([[{ json: { health: { ...report() } } }]]);
	return setInterval(beat, heartbeatHours * HOUR_MS).unref();
}
