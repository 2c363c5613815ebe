import { mailboxesOf } from './addresses';
import type { Envelope, PecHeaders } from './types';

/** RFC 6109 3.2.1: the provider writes "Per conto di: " and the address before its own. */
const ON_BEHALF_OF = /^\s*per conto di:?\s*<?([^\s<>@]+@[^\s<>@]+?)>?\s*$/i;

/**
 * Whom a message is exchanged with, as one address in lower case: who sent it; of what was sent from this account, and of
 * a receipt, the recipient. For counting only: the header is not signed.
 * @param account the mailbox's own address
 * @returns `undefined` when it is nobody, or several
 */
export function correspondentOf(headers: PecHeaders, account: string): string | undefined {
	if (headers.kind === 'receipt') return recipientOf(headers);
	const sender = senderOf(headers.envelope);
	if (sender !== account.toLowerCase()) return sender;
	const { to, cc } = headers.envelope;
	return only([...to, ...cc].flatMap(addressesOf));
}

function recipientOf({ receipt, envelope }: PecHeaders): string | undefined {
	if (receipt?.deliveredTo !== undefined) return receipt.deliveredTo.toLowerCase();
	const recipients = receipt?.recipients ?? [];
	// Certification data that was not read names nobody: then the provider stands for them all.
	return recipients.length === 0
		? only(addressesOf(envelope.from))
		: only(recipients.map(({ address }) => address.toLowerCase()));
}

function senderOf({ from, replyTo }: Envelope): string | undefined {
	const [sender] = mailboxesOf(from);
	const behalf = ON_BEHALF_OF.exec(sender?.name ?? '')?.[1];
	if (behalf !== undefined) return behalf.toLowerCase();
	// A provider that shortens the name still answers to the author (RFC 6109 3.2.1).
	const isProvider = /^posta-certificata@/i.test(sender?.address ?? '');
	return (isProvider ? only(addressesOf(replyTo)) : undefined) ?? sender?.address.toLowerCase();
}

function addressesOf(field: string | undefined): string[] {
	return mailboxesOf(field).map(({ address }) => address.toLowerCase());
}

function only(addresses: readonly string[]): string | undefined {
	const distinct = new Set(addresses);
	return distinct.size === 1 ? addresses[0] : undefined;
}
