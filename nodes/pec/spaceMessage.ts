import { correspondentOf } from './correspondent';
import { EXCHANGE_ADDRESS, isExchangeTraffic } from './sdi';
import { presentFields } from './presentFields';
import type { SpaceMessage } from './spaceReportTypes';
import type { PecHeaders, PurgeCandidate, Receipt } from './types';

/** Bytes of a text in memory are bounded by what it is: an address, an id. */
const LONGEST = 1_000;
/** The same for all. */
const NONE: readonly never[] = [];

/**
 * Of a message what a report of the space counts, and what `planPurge` asks of it: a mailbox has a hundred thousand, and
 * a text that was cut out of a header keeps all of that header in memory.
 */
export function spaceMessageOf(
	message: Omit<PurgeCandidate, 'headers'>,
	headers: PecHeaders,
	account: string,
): SpaceMessage {
	const { kind, consistent, verified, receipt, envelope } = headers;
	const kept = presentFields<PecHeaders>({
		kind,
		receipt: receipt && keptReceipt(receipt),
		consistent,
		verified,
		findings: NONE,
		envelope: presentFields({
			// Of its addresses a clean-up asks one thing alone.
			from: isExchangeTraffic(headers) ? EXCHANGE_ADDRESS : undefined,
			to: NONE,
			cc: NONE,
			messageId: ownText(envelope.messageId),
		}),
	});
	const correspondent = ownText(correspondentOf(headers, account));
	return { ...message, headers: kept, ...(correspondent === undefined ? {} : { correspondent }) };
}

function keptReceipt(receipt: Receipt): Receipt {
	const { type, content, recipients, error, final } = receipt;
	return presentFields<Receipt>({
		type,
		wireType: '',
		content,
		originalMessageId: ownText(receipt.originalMessageId),
		deliveredTo: ownText(receipt.deliveredTo),
		recipients: recipients.map(({ address, type: recipientType }) => ({
			address: ownText(address) ?? '',
			type: recipientType,
		})),
		error: error && presentFields({ code: error.code, reason: error.reason }),
		final,
	});
}

/** V8 copies what it puts together; by way of a buffer the same takes three times as long. */
function ownText(text: string | undefined): string | undefined {
	return text === undefined ? undefined : ` ${text.slice(0, LONGEST)}`.slice(1);
}
