import type { IDataObject, ITriggerFunctions } from 'n8n-workflow';
import { setTimeout as sleep } from 'node:timers/promises';
import { arrivalFolders } from '../account/messageFolders';
import { beginningBefore, watchTag } from '../account/watchJournal';
import { recentOf } from '../account/watchState';
import { MailError } from '../mail/errors';
import { openImap } from '../mail/imap';
import type { ImapSession, OpenFolder, ScannedMessage } from '../mail/types';
import { credentialOf, type PecCredential } from '../n8n/credential';
import { startRun } from './emission';
import type { FolderEnds } from './folderEnds';
import { leave, takeOver, type Followed } from './followed';
import { Health } from './health';
import { candidateOf, unreadableCandidate, type MessageEvents } from './messageEvents';
import { giveUp, heartbeat, tellHandedOver, tellHealth, tellWhatIsMissing } from './notices';
import type { Offering } from './offers';
import { processEnd } from './processEnd';
import { isQueueMode, processName } from './processName';
import { isOfSendings, sendingsOf } from './sendingEvents';
import type { TriggerSettings } from './settings';
import { watch, type WatchOptions } from './watch';

type Close = () => Promise<void>;

/** How to close the listener that is open, by trigger node: whatever n8n's activations and retries come to, it is one. */
const listeners = new Map<string, Close>();

/** The listener being opened, by trigger node: n8n may activate one several times at once, and each closes the one before. */
const opening = new Map<string, Promise<unknown>>();

/** Settled events kept in n8n's static data, beside the mailbox's own records. */
const CACHED = 500;

const REMEMBER_MS = 60_000;

/** While n8n cannot give the credential, as when the store of its secrets is away. */
const CREDENTIAL_RETRY_MS = 30_000;

const now = () => new Date();

/**
 * Watches for ever, in the background.
 * @param endsAtStart where the folders ended when a person activated it
 * @returns what closes it
 */
export async function listen(
	functions: ITriggerFunctions,
	settings: TriggerSettings,
	endsAtStart: FolderEnds | undefined,
): Promise<Close> {
	const identity = `${functions.getInstanceId()}:${functions.getWorkflow().id}:${functions.getNode().id}`;
	const before = opening.get(identity) ?? Promise.resolve();
	const mine = before.then(async () => {
		await listeners.get(identity)?.();
		const close = await open(functions, settings, { identity, endsAtStart });
		const closeOnce = async () => {
			await close();
			if (listeners.get(identity) === closeOnce) listeners.delete(identity);
		};
		listeners.set(identity, closeOnce);
		return closeOnce;
	});
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
	{ identity, endsAtStart }: { identity: string; endsAtStart: FolderEnds | undefined },
): Promise<Close> {
	const stop = new AbortController();
	const { signal } = stop;
	processEnd.notice();
	tellWhatIsMissing(functions, settings);
	const health = new Health({ now, tell: (report) => tellHealth(functions, settings, report) });
	const beat = heartbeat(functions, settings, () => health.report());
	signal.addEventListener('abort', () => {
		health.stop();
		clearInterval(beat);
	});
	const context = { identity, endsAtStart, begun: now(), health, signal };
	const credential = await credentialOf(functions).catch(() => undefined);
	// What n8n keeps of its memory is what was written before an activation is over.
	const started = credential && (await follow(functions, settings, { ...context, credential }));
	const late = async () => {
		const given = await credentialInTime(functions, health, signal);
		await (given && (await follow(functions, settings, { ...context, credential: given })).ended);
	};
	const ended = started ? started.ended : late();
	return async () => {
		stop.abort();
		await ended;
	};
}

async function credentialInTime(
	functions: ITriggerFunctions,
	health: Health,
	signal: AbortSignal,
): Promise<PecCredential | undefined> {
	while (!signal.aborted) {
		functions.logger.warn(
			`${functions.getNode().name}: n8n cannot give the credential; trying again`,
		);
		health.down(credentialAway());
		await sleep(CREDENTIAL_RETRY_MS, undefined, { signal, ref: false }).catch(() => undefined);
		const credential = await credentialOf(functions).catch(() => undefined);
		if (credential && !signal.aborted) return credential;
	}
	return undefined;
}

function credentialAway(): MailError {
	return new MailError('refused', 'n8n cannot give the credential of this trigger', {
		whatToDo:
			'Open the credential, test and save it; if it is kept outside of n8n, look whether that store is there',
		retry: 'later',
	});
}

/** Begins to watch the mailbox of this credential. */
async function follow(
	functions: ITriggerFunctions,
	settings: TriggerSettings,
	context: {
		readonly identity: string;
		readonly endsAtStart: FolderEnds | undefined;
		readonly begun: Date;
		readonly credential: PecCredential;
		readonly health: Health;
		readonly signal: AbortSignal;
	},
): Promise<{ readonly ended: Promise<void> }> {
	const { identity, endsAtStart, begun, credential, health, signal } = context;
	const { address } = credential.settings;
	const startAt = settings.startAt === 'now' ? 'now' : settings.startAt.toISOString();
	const kind = isOfSendings(settings.watchFor) ? 'sendings' : settings.watchFor;
	const tag = watchTag([identity, address, startAt, kind]);
	const memory = functions.getWorkflowStaticData('node');
	const name = isQueueMode() ? processName() : undefined;
	const self = await takeOver(tag, { account: address, memory, now, name });
	const connect = async (connecting: AbortSignal) =>
		await connectAs(functions, address, connecting);
	if (signal.aborted) {
		void leave(self, connect);
		return { ended: Promise.resolve() };
	}
	health.account = address;
	let rememberedAt = 0;
	const remember = () => {
		rememberedAt = performance.now();
		memory.watch = { tag, ...recentOf(self.journal.state, CACHED) } as unknown as IDataObject;
	};
	/** n8n writes it into its database before it starts the run: not for each, while the mailbox takes the records. */
	const rememberIfDue = () => {
		const isStale = performance.now() - rememberedAt > REMEMBER_MS;
		if (isStale || !self.journal.isWritten) remember();
	};
	if ((memory.watch as IDataObject | undefined)?.tag !== tag && startAt === 'now') {
		const folders = Object.fromEntries(endsAtStart ?? []);
		const since = beginningBefore(begun, undefined);
		memory.watch = { tag, since, folders } as unknown as IDataObject;
	}
	const offering = (key: string, item: Parameters<typeof startRun>[1]): Offering => ({
		key,
		emit: async (runKey) => {
			rememberIfDue();
			const end = await startRun(functions, item, runKey);
			health.started(end !== 'interrupted');
			return end;
		},
		onGivenUp: (tries) => giveUp(functions, tries, key),
		onHandedOver: () => tellHandedOver(functions, key),
	});
	self.offers.resume(settings.rules);
	const watching = watch({
		connect: async (connecting) => {
			health.inLine();
			return await connect(connecting);
		},
		journal: self.journal,
		offers: self.offers,
		attendance: self.attendance,
		folders: settings.folders ?? arrivalFolders,
		startAt: settings.startAt,
		marksAsRead: settings.markAsRead,
		...(endsAtStart ? { endsAtStart } : {}),
		...eventsOf(self, settings, { credential, offering }),
		...tellingOf(functions, settings, health),
		begun,
		now,
		random: Math.random,
		signal,
	});
	self.wake = watching.wake;
	signal.addEventListener('abort', () => self.offers.pause());
	const ended = watching.ended.then(async () => {
		remember();
		await processEnd.holdUpFor(leave(self, connect, processEnd.handOverInMs));
	});
	return { ended };
}

/** What is watched for. */
function eventsOf(
	{ journal, offers, replies }: Followed,
	settings: TriggerSettings,
	{ credential, offering }: { credential: PecCredential; offering: MessageEvents['offering'] },
): Pick<WatchOptions, 'candidate' | 'timed' | 'unreadable'> {
	const account = credential.settings.address;
	if (isOfSendings(settings.watchFor)) {
		const isSettled = (key: string) => offers.isSettled(key);
		return {
			timed: sendingsOf({ account, settings, now }, { journal, isSettled, offering }),
		};
	}
	const events = { settings, account, trust: credential.trust, replies, now, offering };
	return {
		candidate: (scanned: ScannedMessage) => candidateOf(events, scanned),
		unreadable: (folder: OpenFolder, uid: number) => unreadableCandidate(events, folder, uid),
	};
}

/** Who is told how it goes. */
function tellingOf(
	functions: ITriggerFunctions,
	{ rules }: TriggerSettings,
	health: Health,
): Pick<WatchOptions, 'onConnected' | 'onFull' | 'onOutage' | 'onRound' | 'onServing'> {
	const { logger } = functions;
	const { name } = functions.getNode();
	return {
		onOutage: (error, retryInMs) => {
			health.down(error);
			const cause = error instanceof MailError ? error.message : 'the connection broke';
			logger.warn(`${name}: ${cause}; trying again in ${retryInMs} ms`);
		},
		onConnected: () => logger.info(`${name}: watching`),
		onServing: () => health.up(),
		onRound: (trouble) => health.folder(trouble),
		onFull: (isFull) => {
			if (isFull) health.full(rules.limit);
			else health.free();
		},
	};
}

/** With the credential as it is now: a password may have been changed since the last connection. */
async function connectAs(
	functions: ITriggerFunctions,
	address: string,
	signal: AbortSignal,
): Promise<ImapSession> {
	const credential = await credentialOf(functions).catch(() => undefined);
	if (!credential) throw credentialAway();
	if (credential.settings.address !== address) {
		throw new MailError('notSupported', 'The credential names another mailbox now', {
			whatToDo: 'Publish the workflow again, so that it watches the new mailbox from its beginning',
			retry: 'never',
		});
	}
	return await openImap(credential.settings, { signal, yields: true, queueMs: Infinity });
}
