import { randomUUID } from 'node:crypto';

import { writtenSubject } from '../pec/envelopes.ts';
import { readHeaders, type HeaderBlock } from '../pec/headers.ts';
import type { JobQueue } from '../pec/jobQueue.ts';
import { clientMessageId, type Submission } from '../pec/mail.ts';
import type { Mailboxes, Placed, Refused } from '../pec/mailboxes.ts';
import { withMessageId } from '../pec/original.ts';
import type { Postman } from '../pec/postman.ts';
import { domainOf, providerOf, type Provider } from '../pec/provider.ts';
import { writeEvidence, type RemEvent } from './evidence.ts';
import { remHeaders, writeRemMessage, type EvidenceSection } from './message.ts';

/** One message on its way. */
interface Transfer {
	readonly sending: Provider;
	readonly submission: Submission;
	readonly at: Date;
	readonly subject: string;
	/** The client's with its angle brackets. */
	readonly clientId: string;
	/** The provider's without. */
	readonly providerId: string;
	readonly original: Buffer;
	readonly accepted: EvidenceSection;
}

interface Consignment {
	readonly event: RemEvent;
	readonly reason?: string;
}

export interface RemOptions {
	readonly providers: readonly Provider[];
	readonly users: Mailboxes;
	readonly postman: Postman;
	/** Whether an account, by its address in any case, receives nothing any more. */
	readonly isDisabled: (address: string) => boolean;
	readonly now: () => Date;
	/** Where what an outside mailbox defers waits for its turn. */
	readonly queue: JobQueue;
}

/**
 * Registered electronic mail between the two providers, as an experiment: how REM will look in Italy is not known yet. A
 * dispatch to each mailbox, and for the sender a receipt of the submission and one of each recipient.
 */
export class RemService {
	readonly #options: RemOptions;

	constructor(options: RemOptions) {
		this.#options = options;
	}

	/** All of it is in the mailboxes when this resolves. Rejects when a recipient is at no provider's domain. */
	async send(submission: Submission): Promise<{ messageId: string; providerId: string }> {
		const { account, rcptTo, raw } = submission;
		const sending = this.#providerOf(account);
		const receivers = rcptTo.map((recipient) => ({
			recipient,
			receiver: this.#providerOf(recipient),
		}));
		const at = this.#options.now();
		const headers = readHeaders(raw);
		const clientId = clientMessageId(headers);
		if (clientId === undefined) throw new Error('the message has no Message-ID');
		const providerId = sending.identifiers.envelope(at);
		const original = withRemIdentifiers(raw, headers, { providerId, clientId });
		const facts = { sending, submission, at, clientId, providerId, original };
		const accepted = evidenceOf({ ...facts, submittedAt: at }, sending, {
			event: 'SubmissionAcceptance',
			recipients: rcptTo,
		});
		const transfer = { ...facts, subject: writtenSubject(headers), accepted };
		await this.#tellSender(transfer, sending, [accepted]);
		for (const { recipient, receiver } of receivers) {
			await this.#consign(transfer, receiver, recipient);
		}
		return { messageId: clientId, providerId };
	}

	#providerOf(address: string): Provider {
		const provider = providerOf(this.#options.providers, address);
		if (provider === undefined) throw new Error("the domain of an address is no provider's");
		return provider;
	}

	async #consign(transfer: Transfer, receiver: Provider, recipient: string): Promise<void> {
		const failure = this.#knownFailure(receiver, recipient);
		if (failure !== undefined) return await this.#answer(transfer, receiver, recipient, failure);
		const { users, postman, queue } = this.#options;
		const { sending, at, submission, clientId, providerId, subject, original, accepted } = transfer;
		const messageId = `<${providerId}>`;
		const raw = writeRemMessage(sending, {
			at,
			headers: remHeaders({
				at,
				subject,
				from: `"Per conto di: ${submission.account}" <${sending.certifiedAddress}>`,
				to: recipient,
				messageId,
				clientId,
			}),
			text: 'Messaggio di posta elettronica certificata europea (REM), sperimentale.',
			original,
			evidence: [accepted],
		});
		const mailing = {
			mailbox: recipient,
			kind: 'remDispatch' as const,
			originalMessageId: clientId,
			messageId,
			returnPath: submission.account,
			raw,
			at,
			queue,
		};
		await postman.deliver(users, receiver, mailing, async (outcome) => {
			await this.#answer(transfer, receiver, recipient, consignment(outcome));
		});
	}

	/** What no attempt is needed for. */
	#knownFailure(receiver: Provider, recipient: string): Consignment | undefined {
		if (domainOf(recipient) !== receiver.domain) {
			return { event: 'RelayRejection', reason: 'dominio non gestito' };
		}
		if (!this.#options.users.exists(recipient)) return failed('casella inesistente');
		return this.#options.isDisabled(recipient) ? failed('casella disabilitata') : undefined;
	}

	async #answer(
		transfer: Transfer,
		receiver: Provider,
		recipient: string,
		outcome: Consignment,
	): Promise<void> {
		// what an outside mailbox deferred is answered hours after it was submitted
		const answered = { ...transfer, at: this.#options.now(), submittedAt: transfer.at };
		const evidence = evidenceOf(answered, receiver, { ...outcome, recipients: [recipient] });
		await this.#tellSender(answered, receiver, [transfer.accepted, evidence], recipient);
	}

	/** The last evidence is what the receipt is about. */
	async #tellSender(
		{ sending, submission, at, subject, clientId }: Transfer,
		issuer: Provider,
		evidence: readonly EvidenceSection[],
		recipient?: string,
	): Promise<void> {
		const { users, postman, queue } = this.#options;
		const event = evidence.at(-1)?.event ?? 'SubmissionAcceptance';
		const messageId = `<${issuer.identifiers.receipt(at)}>`;
		const raw = writeRemMessage(issuer, {
			at,
			headers: remHeaders({
				at,
				subject: `${event}: ${subject}`,
				from: issuer.certifiedAddress,
				to: submission.account,
				messageId,
				clientId,
			}),
			text: `Ricevuta REM, sperimentale: ${event}${recipient === undefined ? '' : ` (${recipient})`}`,
			evidence,
		});
		await postman.deliver(users, sending, {
			mailbox: submission.account,
			kind: 'remReceipt',
			wireType: event,
			originalMessageId: clientId,
			recipient,
			messageId,
			returnPath: issuer.certifiedAddress,
			raw,
			at,
			queue,
		});
	}
}

function failed(reason: string): Consignment {
	return { event: 'ContentConsignmentFailure', reason };
}

function consignment(outcome: Placed | Refused): Consignment {
	if (outcome.kind === 'placed') return { event: 'ContentConsignment' };
	return failed(outcome.reason === 'overQuota' ? 'casella piena' : 'consegna rifiutata');
}

function evidenceOf(
	transfer: Omit<Transfer, 'accepted' | 'subject'> & { readonly submittedAt: Date },
	issuer: Provider,
	about: { event: RemEvent; reason?: string; recipients: readonly string[] },
): EvidenceSection {
	const { at, submittedAt, submission, providerId, original } = transfer;
	const xml = writeEvidence({
		...about,
		identifier: randomUUID(),
		at,
		submittedAt,
		issuer: issuer.name,
		sender: submission.account,
		messageId: providerId,
		original,
	});
	return { event: about.event, xml };
}

/** The provider's Message-ID in place of the client's, which stays in a field of its own. */
function withRemIdentifiers(
	raw: Buffer,
	headers: HeaderBlock,
	{ providerId, clientId }: { providerId: string; clientId: string },
): Buffer {
	const own = `Message-ID: <${providerId}>\r\nREM-UAMessageIdentifier: ${clientId}\r\n`;
	return withMessageId(raw, headers, Buffer.from(own, 'latin1'));
}
