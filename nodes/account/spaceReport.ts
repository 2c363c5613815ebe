import type { ImapSession } from '../mail/types';
import type { CleanUpFacts } from '../pec/purgeForecast';
import { spaceReportOf } from '../pec/spaceReport';
import type { SpaceReport } from '../pec/spaceReportTypes';
import { presentFields } from '../pec/presentFields';
import type { Records } from './records';
import { readSpace } from './space';
import { scanSpace } from './spaceScan';

export interface SpaceReportOptions {
	readonly account: string;
	/** Bytes; counts where the server names no limit. */
	readonly givenLimit?: number;
	/** Percent. */
	readonly threshold: number;
	/** What a clean-up of everything older than so many days would free. None: it is not worked out. */
	readonly olderThanDays: readonly number[];
	readonly now: Date;
	readonly signal?: AbortSignal;
	progress?(messages: number): void;
}

/** What fills the mailbox, how it grows, what a clean-up would free. @throws MailError, RecordsError */
export async function readSpaceReport(
	imap: ImapSession,
	records: Pick<Records, 'readCopies' | 'readAllRows' | 'cleanUps'>,
	options: SpaceReportOptions,
): Promise<SpaceReport> {
	const { account, olderThanDays, now } = options;
	const space = await readSpace(imap, options);
	const cleanUp = olderThanDays.length > 0;
	const known = cleanUp ? await knownOf(records) : undefined;
	const { messages, unlisted, closed } = await scanSpace(imap, {
		...options,
		folders: space.folders.filter(({ shownAgain }) => !shownAgain).map(({ path }) => path),
		certification: cleanUp,
	});
	const allClosed = [...new Set([...(space.closed ?? []), ...closed])];
	return spaceReportOf(
		presentFields({
			account,
			now,
			space: presentFields({ ...space, closed: allClosed.length === 0 ? undefined : allClosed }),
			messages,
			unlisted,
			cleanUp: known && { ...known, olderThanDays },
		}),
	);
}

async function knownOf(
	records: Pick<Records, 'readCopies' | 'readAllRows' | 'cleanUps'>,
): Promise<CleanUpFacts> {
	return {
		copies: await records.readCopies(),
		records: await records.readAllRows(),
		acknowledgements: await records.cleanUps.readAcknowledgements(),
	};
}
