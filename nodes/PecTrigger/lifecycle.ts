import type {
	IDataObject,
	INodeExecutionData,
	ITriggerFunctions,
	ITriggerResponse,
} from 'n8n-workflow';
import type {
	AccountSettings,
	FetchedMessage,
	ImapSession,
	OpenFolder,
	ScannedMessage,
} from '../mail/types';
import type { MessageKind, Trust } from '../pec/types';
import { MailError } from '../mail/errors';
import { UserError, nodeError } from '../n8n/errors';
import { credentialOf } from '../n8n/credential';
import { messageItem, toJson } from '../n8n/messageItem';
import { openImap, withImap } from '../mail/imap';
import { placeOf } from '../account/mailbox';
import { readPecHeaders, readPecMessage } from '../pec/message';
import { watchFolder, type Position } from './watch';

const WANTED: Readonly<Record<string, readonly MessageKind[]>> = {
	// What cannot be read may be a PEC: it starts a run as `unreadable` and is never passed over in silence.
	newPec: ['transportEnvelope', 'rem', 'unreadable'],
	receipts: ['receipt'],
};

const FIRST_SIGN_IN_TIMEOUT_MS = 20_000;

/** One listener per trigger node in this process, whatever n8n's activations and retries come to. */
const listeners = new Map<string, () => Promise<void>>();

interface Watch {
	readonly settings: AccountSettings;
	readonly trust: Trust;
	readonly folder: string;
	readonly kinds: readonly MessageKind[];
}

/** Starts watching. @throws NodeOperationError for wrong settings, and only when a person activates or tests. */
export async function startTrigger(functions: ITriggerFunctions): Promise<ITriggerResponse> {
	const { settings, trust } = await credentialOf(functions);
	const folder = String(
		functions.getNodeParameter('folder', 'INBOX', { extractValue: true }) ?? '',
	).trim();
	const kinds = WANTED[functions.getNodeParameter('watchFor') as string] ?? [];
	const watch: Watch = { settings, trust, folder, kinds };
	if (functions.getMode() === 'manual') {
		return { manualTriggerFunction: async () => await emitNewest(functions, watch) };
	}
	if (functions.getActivationMode() === 'activate') await refuseWrongSettings(functions, watch);
	return { closeFunction: await listen(functions, watch) };
}

/**
 * A fault that only a person can mend (password, folder, certificate) refuses activation. An outage does not: n8n gives a
 * throwing trigger up after five tries, and would then stay silent while the workflow shows as active.
 */
async function refuseWrongSettings(functions: ITriggerFunctions, watch: Watch): Promise<void> {
	try {
		const options = { timeoutMs: FIRST_SIGN_IN_TIMEOUT_MS };
		await withImap(watch.settings, options, async (imap) => {
			await imap.open(watch.folder, { readOnly: true });
		});
	} catch (error) {
		if (error instanceof MailError && error.retry === 'never') {
			throw nodeError(functions.getNode(), error);
		}
	}
}

async function listen(functions: ITriggerFunctions, watch: Watch): Promise<() => Promise<void>> {
	const node = functions.getNode();
	const identity = `${functions.getWorkflow().id}:${node.id}`;
	await listeners.get(identity)?.();
	const memory = functions.getWorkflowStaticData('node');
	const stop = new AbortController();
	const done = watchFolder({
		connect: async (signal) => await openImap(watch.settings, { signal }),
		folder: watch.folder,
		position: rememberedPosition(memory, watch),
		startAt: functions.getNodeParameter('startFrom', 'now') === 'beginning' ? 'beginning' : 'end',
		now: () => new Date(),
		isWanted: (scanned) => isWanted(scanned, watch.kinds),
		onMessage: async (message, open) => {
			const { item, pecKey } = await toItem(message, open, watch);
			functions.emit([[item]], undefined, undefined, `${identity}:${pecKey}`);
		},
		// A new object each time: n8n notices assigned keys, not changes inside.
		onPosition: (position) => {
			memory.position = { ...position, watched: watchedPlace(watch) } satisfies IDataObject;
		},
		onOutage: (error, retryInMs) => {
			const cause = error instanceof MailError ? error.message : 'the connection broke';
			functions.logger.warn(`${node.name}: ${cause}; trying again in ${retryInMs} ms`);
		},
		onConnected: () => functions.logger.info(`${node.name}: watching`),
		random: Math.random,
		signal: stop.signal,
	});
	const close = async () => {
		if (listeners.get(identity) === close) listeners.delete(identity);
		stop.abort();
		await done;
	};
	listeners.set(identity, close);
	return close;
}

/** A position belongs to one folder of one account; after a change of either it means nothing. */
function watchedPlace({ settings, folder }: Watch): string {
	return `${settings.address} ${folder}`;
}

function rememberedPosition(memory: IDataObject, watch: Watch): Position | undefined {
	const stored = memory.position as (Position & { watched?: string }) | undefined;
	if (
		stored?.watched !== watchedPlace(watch) ||
		typeof stored.uidValidity !== 'string' ||
		!Number.isSafeInteger(stored.lastUid) ||
		typeof stored.since !== 'string'
	) {
		return undefined;
	}
	const { uidValidity, lastUid, since, olderUpTo } = stored;
	return {
		uidValidity,
		lastUid,
		since,
		...(typeof olderUpTo === 'number' ? { olderUpTo } : {}),
	};
}

function isWanted(scanned: ScannedMessage, kinds: readonly MessageKind[]): boolean {
	return kinds.includes(readPecHeaders(scanned.headers).kind);
}

async function toItem(
	message: FetchedMessage,
	folder: OpenFolder,
	{ settings, trust }: Watch,
): Promise<{ item: INodeExecutionData; pecKey: string }> {
	const read = await readPecMessage(message.raw, {
		trust,
		now: new Date(),
		receivedAt: message.receivedAt,
	});
	const place = placeOf(message, folder, settings.address);
	const { json } = messageItem(read, place, { attachments: false });
	return { item: { json: toJson(json) }, pecKey: read.pecKey };
}

/** A test in the editor: the newest message that would start the workflow, at once. */
async function emitNewest(functions: ITriggerFunctions, watch: Watch): Promise<void> {
	try {
		const options = { timeoutMs: FIRST_SIGN_IN_TIMEOUT_MS };
		const newest = await withImap(
			watch.settings,
			options,
			async (imap) => await newestItem(imap, watch),
		);
		if (newest) {
			functions.emit([[newest]]);
			return;
		}
		throw new UserError(
			`There is no matching message in ${watch.folder} yet`,
			'Send one to this mailbox and test again, or activate the workflow: it starts on the next one that arrives.',
		);
	} catch (error) {
		throw nodeError(functions.getNode(), error);
	}
}

const NEWEST_WINDOW = 100;

async function newestItem(
	imap: ImapSession,
	watch: Watch,
): Promise<INodeExecutionData | undefined> {
	const folder = await imap.open(watch.folder, { readOnly: true });
	const uids = await folder.search({});
	for (let end = uids.length; end > 0; end -= NEWEST_WINDOW) {
		const window = await folder.scan(uids.slice(Math.max(0, end - NEWEST_WINDOW), end));
		const newest = window.findLast((scanned) => isWanted(scanned, watch.kinds));
		const message = newest && (await folder.fetch(newest.uid));
		if (message) return (await toItem(message, folder, watch)).item;
	}
	return undefined;
}
