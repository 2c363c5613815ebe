import type { ReceiptContent } from './types';

/** What a letter weighs before it is written. Bytes. */
export interface LetterWeight {
	/** The whole message as sent. */
	readonly messageSize: number;
	/** The same without its attachments. */
	readonly withoutFiles: number;
	readonly recipients: number;
	/** What its delivery receipts hold. */
	readonly receiptContent: Exclude<ReceiptContent, 'unknown'>;
	/** What is put into the folder for sent messages. */
	readonly sentCopy: 'none' | 'withoutAttachments' | 'full';
}

export interface SizeLimits {
	/** SIZE as the server announces it (RFC 1870); absent when it does not. Bytes. */
	readonly size?: number;
}

/** tooLarge: the provider says that it takes none of that size. maybeTooLarge: it need not take it. */
export interface SizeProblem {
	readonly code: 'tooLarge' | 'maybeTooLarge';
	readonly message: string;
}

export interface SpaceForecast {
	/** What a mailing adds to the mailbox: receipts, copies and records. */
	readonly bringsBytes: number;
	/** Absent where the server tells no quota. */
	readonly freeBytes?: number;
	readonly isShort: boolean;
}

const MB = 1_000_000;

/** DM 2/11/2005 technical rules, art. 12: what every provider takes, size times recipients. */
const GRANTED_BYTES = 30 * MB;

/**
 * What comes back besides the message: text, HTML, certification data and signature. The providers' receipts that the
 * tests are modelled on have 6 to 7 kB (docs/PERFORMANCE.md); a delivery receipt holds a longer text. A forecast may err
 * on the safe side only.
 */
const RECEIPT_BYTES = { acceptance: 7_000, delivery: 10_000, conciseDelivery: 7_000 } as const;

/** An intent and a result, where no other row shares their record. */
const RECORD_BYTES = 2_000;

/** Base64 in lines of 76 characters and CRLF hold 57 bytes each (RFC 2045 6.8). */
export function attachedSize(bytes: number): number {
	return Math.ceil(bytes / 3) * 4 + Math.ceil(bytes / 57) * 2;
}

/** What a provider refuses for its size, or may refuse. */
export function sizeProblemOf(weight: LetterWeight, limits: SizeLimits): SizeProblem | undefined {
	const { messageSize, recipients } = weight;
	if (limits.size !== undefined && messageSize > limits.size) {
		return {
			code: 'tooLarge',
			message: `The message has ${inMegabytes(messageSize)}; the provider takes ${inMegabytes(limits.size)} at most. Send smaller files.`,
		};
	}
	const together = messageSize * recipients;
	if (together <= GRANTED_BYTES) return undefined;
	return {
		code: 'maybeTooLarge',
		message: `The message has ${inMegabytes(together)}${recipients > 1 ? ' for its recipients together' : ''}: more than the ${inMegabytes(GRANTED_BYTES)} that every provider must take.`,
	};
}

/** Rounded away from the limit that it stands beside. */
export function inMegabytes(bytes: number): string {
	return `${(Math.ceil(bytes / (MB / 10)) / 10).toFixed(1)} MB`;
}

/** @param freeBytes what the quota leaves */
export function forecastSpace(
	letters: readonly LetterWeight[],
	freeBytes: number | undefined,
): SpaceForecast {
	const bringsBytes = letters.reduce((sum, letter) => sum + broughtBy(letter), 0);
	return {
		bringsBytes,
		...(freeBytes === undefined ? {} : { freeBytes }),
		isShort: freeBytes !== undefined && bringsBytes > freeBytes,
	};
}

function broughtBy(letter: LetterWeight): number {
	const { acceptance } = RECEIPT_BYTES;
	return acceptance + letter.recipients * deliveryReceiptOf(letter) + copyOf(letter) + RECORD_BYTES;
}

/** RFC 6109 3.3.2.1: complete holds the message, brief its text and the hashes of its files, concise nothing of it. */
function deliveryReceiptOf({ receiptContent, messageSize, withoutFiles }: LetterWeight): number {
	switch (receiptContent) {
		case 'complete':
			return RECEIPT_BYTES.delivery + messageSize;
		case 'brief':
			return RECEIPT_BYTES.delivery + withoutFiles;
		case 'concise':
			return RECEIPT_BYTES.conciseDelivery;
	}
}

function copyOf({ sentCopy, messageSize, withoutFiles }: LetterWeight): number {
	switch (sentCopy) {
		case 'full':
			return messageSize;
		case 'withoutAttachments':
			return withoutFiles;
		case 'none':
			return 0;
	}
}
