import { normalizeAddress } from './addresses';
import { messageIdIn } from './header';
import { sha256Of } from './sha256';
import type { Row } from './types';

/** The sending account's PEC address, and the name the user gave the mailing. */
export interface Mailing {
	readonly account: string;
	readonly mailing: string;
}

/** What every Message-ID of this package begins with. */
export const OUR_MARK = 'pec1.';

/** The first 20 hexadecimal digits (80 bits) of SHA-256 over texts that cannot run into each other. */
function digest(...texts: string[]): string {
	const joined = JSON.stringify(texts.map((text) => text.normalize('NFC').trim()));
	return sha256Of(joined).slice(0, 20);
}

/** What tells a mailing's Message-IDs from another's: 20 hexadecimal digits. Throws AddressError. */
export function mailingTag({ account, mailing }: Mailing): string {
	return digest(normalizeAddress(account), mailing);
}

/** What all Message-IDs of a mailing begin with, by its `mailingTag`. */
export function mailingMark(tag: string): string {
	return `${OUR_MARK}${tag}.`;
}

/**
 * The Message-ID of one row of a mailing: the same in every run on every machine, so that the mailbox itself tells
 * what was sent. Throws AddressError.
 */
export function messageIdOf({ account, mailing, row }: Mailing & { row: Row }): string {
	return messageIdsOf({ account, mailing })(row);
}

/** `messageIdOf` for many rows of one mailing. Both functions throw AddressError. */
export function messageIdsOf(mailing: Mailing): (row: Row) => string {
	const address = normalizeAddress(mailing.account);
	const domain = address.slice(address.lastIndexOf('@') + 1);
	const mark = mailingMark(mailingTag(mailing));
	return ({ recipient, rowKey, attempt }) => {
		const rowTag = digest(normalizeAddress(recipient), rowKey);
		return `<${mark}${rowTag}.${attempt}@${domain}>`;
	};
}

/** The parts of a Message-ID that `messageIdOf` made; `undefined` for any other. */
export function rowOfMessageId(
	messageId: string,
): { mailingTag: string; rowTag: string; attempt: number; domain: string } | undefined {
	const match = /^<pec1\.([0-9a-f]{20})\.([0-9a-f]{20})\.([1-9][0-9]{0,5})@([^\s<>@]+)>$/.exec(
		messageIdIn(messageId) ?? '',
	);
	if (!match) return undefined;
	const [, mailing = '', rowTag = '', attempt, domain = ''] = match;
	return { mailingTag: mailing, rowTag, attempt: Number(attempt), domain };
}

/** A Message-ID without its attempt: what all attempts of one row share. */
export function rowIdentity(messageId: string): string {
	const parsed = rowOfMessageId(messageId);
	return parsed ? `${parsed.mailingTag}.${parsed.rowTag}@${parsed.domain}` : messageId;
}

/** The Message-ID of the attempt before this one; `undefined` for a first attempt. */
export function attemptBefore(messageId: string): string | undefined {
	const parsed = rowOfMessageId(messageId);
	if (!parsed || parsed.attempt === 1) return undefined;
	const { mailingTag: mailing, rowTag, attempt, domain } = parsed;
	return `<${mailingMark(mailing)}${rowTag}.${attempt - 1}@${domain}>`;
}
