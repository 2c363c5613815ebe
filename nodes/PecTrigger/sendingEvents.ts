import { SendingWatch } from '../account/sendingEvents';
import type { WatchJournal } from '../account/watchJournal';
import type { ImapSession } from '../mail/types';
import type { MessageItem } from '../n8n/messageItem';
import type { SendingEvent } from '../pec/sendingEvent';
import type { Offering } from './offers';
import type { TriggerSettings, WatchFor } from './settings';
import type { TimedEvents } from './watchTypes';

/** After a folder was refused. */
const LOOK_AGAIN_MS = 5 * 60_000;

/** Whether a trigger watches for what becomes of sendings, not for messages. */
export function isOfSendings(watchFor: WatchFor): boolean {
	return watchFor === 'sendingOutcome' || watchFor === 'overdue';
}

export interface SendingEvents {
	readonly account: string;
	readonly settings: TriggerSettings;
	readonly now: () => Date;
}

function isWatched({ type, outcome }: SendingEvent, settings: TriggerSettings): boolean {
	const { watchFor, mailing } = settings;
	return type === watchFor && (mailing === '' || outcome.mailing === mailing);
}

function itemOf({ outcome }: SendingEvent): MessageItem {
	return { json: outcome, binary: {} };
}

/** What became of sendings, or did not become of them in time, as events of a trigger. */
export function sendingsOf(
	{ account, settings, now }: SendingEvents,
	options: {
		readonly journal: Pick<WatchJournal, 'state'>;
		readonly isSettled: (key: string) => boolean;
		readonly offering: (key: string, item: MessageItem) => Offering;
	},
): TimedEvents {
	let watch: SendingWatch | undefined;
	let lookAgainAt: Date | undefined;
	function* due(): Generator<Offering, void> {
		for (const event of watch?.events() ?? []) {
			if (isWatched(event, settings)) yield options.offering(event.key, itemOf(event));
		}
	}
	return {
		due: async (imap) => {
			const since = new Date(options.journal.state.since ?? 0);
			watch ??= new SendingWatch({ account, since, settled: options.isSettled, now });
			await watch.refresh(imap);
			lookAgainAt = watch.refusal ? new Date(now().getTime() + LOOK_AGAIN_MS) : undefined;
			return due();
		},
		nextAt: () => lookAgainAt ?? (settings.watchFor === 'overdue' ? watch?.nextDueAt() : undefined),
		trouble: () => watch?.refusal,
	};
}

/** The newest there is, whatever was told before. */
export async function newestSending(
	imap: ImapSession,
	{ account, settings, now }: SendingEvents,
): Promise<MessageItem | undefined> {
	const watch = new SendingWatch({ account, settled: () => false, now });
	await watch.refresh(imap);
	const newest = [...watch.events()].findLast((event) => isWatched(event, settings));
	return newest && itemOf(newest);
}
