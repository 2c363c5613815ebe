import type { ExpectedAnswers } from './answers.ts';
import { briefOriginal } from './briefOriginal.ts';
import type { Clock } from './clock.ts';
import { latenessOf, type Lateness } from './dialect.ts';
import type { WrittenEnvelope } from './envelopes.ts';
import type { Act, Job, JobQueue } from './jobQueue.ts';
import { pushInTime } from './late.ts';
import type { PecMail, ReceiptContent } from './mail.ts';
import type { Mailboxes, Placed, Refusal, Refused } from './mailboxes.ts';
import type { Postman } from './postman.ts';
import { domainOf, type Provider } from './provider.ts';
import {
	writeDelivery,
	writeNonDelivery,
	writeTakenInCharge,
	type DeliveryError,
	type WrittenReceipt,
} from './receipts.ts';
import { writeInfectedNonDelivery, writeVirusDetection } from './virusReceipts.ts';
import { findVirus } from './virusScan.ts';

/** An envelope on its way to one provider's recipients. */
export interface Transfer {
	readonly sending: Provider;
	readonly receiver: Provider;
	readonly mail: PecMail;
	/** postacert.eml. */
	readonly original: Buffer;
	readonly envelope: WrittenEnvelope;
	readonly recipients: readonly string[];
	/** What the sending provider learns. */
	readonly answers: ExpectedAnswers;
}

export interface DeliveryPointOptions {
	/** The users' mailboxes. */
	readonly users: Mailboxes;
	/** The mailboxes of the providers themselves. */
	readonly services: Mailboxes;
	readonly postman: Postman;
	/** Whether an account, by its address in any case, receives nothing any more. */
	readonly isDisabled: (address: string) => boolean;
	readonly clock: Clock;
	/** Where deliveries wait for their turn. */
	readonly queue: JobQueue;
}

const REFUSALS: Readonly<Record<Refusal, string>> = {
	overQuota: 'casella piena',
	disabled: 'casella disabilitata',
	unknownMailbox: 'indirizzo non valido',
	refused: 'consegna rifiutata',
	expired: 'tempo massimo di consegna superato',
};

/** Incoming point and delivery point of the providers (RFC 6109 3.2, 3.3). */
export class DeliveryPoint {
	readonly #options: DeliveryPointOptions;

	constructor(options: DeliveryPointOptions) {
		this.#options = options;
	}

	/**
	 * Takes an envelope in charge and delivers it to each recipient, with one receipt each to the sender, as late as its
	 * dialect has it. One from another provider in which a virus is found is a correct envelope as well (RFC 6109 2.2.2),
	 * so it is taken in charge; then it is refused, at once.
	 */
	async receive(transfer: Transfer): Promise<Act> {
		const { sending, receiver, recipients, mail, original } = transfer;
		if (sending === receiver) return async () => await this.#deliver(transfer);
		const virus = receiver.virusScan ? findVirus(original) : undefined;
		const about = { recipients, subject: mail.subject };
		const lateness = latenessOf(receiver.dialect, 'takenInCharge', about);
		const takeInCharge = async (): Promise<Act> => await this.#takeInCharge(transfer);
		const taken = lateness === undefined ? await takeInCharge() : undefined;
		return async () => {
			if (taken !== undefined) await taken();
			else if (lateness !== undefined) this.#later(lateness, 'presa in carico', takeInCharge);
			if (virus === undefined) return await this.#deliver(transfer);
			for (const recipient of recipients) await this.#refuse(transfer, recipient, virus);
		};
	}

	async #takeInCharge(transfer: Transfer): Promise<Act> {
		const { sending, receiver, mail, recipients, answers } = transfer;
		const { services, clock } = this.#options;
		const at = clock.now();
		const to = sending.serviceAddress;
		const receipt = await writeTakenInCharge(receiver, mail, { at, recipients, to });
		return async () => {
			await this.#return(transfer, receipt, { mailboxes: services, mailbox: to, at });
			answers.takenInCharge(recipients);
		};
	}

	#later(lateness: Lateness, about: string, job: Job): void {
		const { queue, clock } = this.#options;
		pushInTime(queue, clock, lateness, about, job);
	}

	// RFC 6109 3.2.3, 3.2.4: the receiving provider tells the sending one, which tells the sender
	async #refuse(transfer: Transfer, recipient: string, virus: string): Promise<void> {
		const { sending, receiver, mail, answers } = transfer;
		const { users, services, clock } = this.#options;
		const at = clock.now();
		const to = sending.serviceAddress;
		const detection = await writeVirusDetection(receiver, mail, { at, recipient, virus, to });
		await this.#return(transfer, detection, { mailboxes: services, mailbox: to, recipient, at });
		const failure = await writeInfectedNonDelivery(sending, mail, { at, recipient, virus });
		const toSender = { mailboxes: users, mailbox: mail.sender, recipient, at };
		answers.answered(recipient);
		await this.#return({ ...transfer, receiver: sending }, failure, toSender);
	}

	async #deliver(transfer: Transfer): Promise<void> {
		const { receiver, mail, recipients } = transfer;
		for (const recipient of recipients) {
			const about = { recipients: [recipient], subject: mail.subject };
			const lateness = latenessOf(receiver.dialect, 'delivery', about);
			const deliver = async (): Promise<void> => await this.#deliverTo(transfer, recipient);
			if (lateness === undefined) await deliver();
			else this.#later(lateness, `delivery of ${mail.providerId}`, async () => deliver);
		}
	}

	async #deliverTo(transfer: Transfer, recipient: string): Promise<void> {
		const { receiver, mail, envelope } = transfer;
		const { users, postman, clock, queue } = this.#options;
		const failure = this.#knownFailure(receiver, recipient);
		if (failure !== undefined) return await this.#answer(transfer, recipient, failure);
		const mailing = {
			mailbox: recipient,
			kind: 'transportEnvelope' as const,
			originalMessageId: mail.clientId,
			messageId: envelope.messageId,
			returnPath: mail.sender,
			raw: envelope.raw,
			at: clock.now(),
			queue,
		};
		await postman.deliver(users, receiver, mailing, async (outcome) => {
			await this.#answer(transfer, recipient, failureOf(receiver, outcome));
		});
	}

	/** What no attempt is needed for. */
	#knownFailure(receiver: Provider, recipient: string): DeliveryError | undefined {
		if (domainOf(recipient) !== receiver.domain) {
			return {
				error: 'no-dominio',
				extended: `5.1.2 - ${receiver.name} - dominio non valido`,
			};
		}
		if (!this.#options.users.exists(recipient)) {
			return refusal(receiver, { reason: 'unknownMailbox', status: '5.1.1' });
		}
		if (!this.#options.isDisabled(recipient)) return undefined;
		return refusal(receiver, { reason: 'disabled', status: '5.2.1' });
	}

	async #answer(
		transfer: Transfer,
		recipient: string,
		failure: DeliveryError | undefined,
	): Promise<void> {
		const { receiver, mail, original, answers } = transfer;
		const { users, clock } = this.#options;
		const at = clock.now();
		const content = receiptContentFor(mail, recipient);
		const receipt = await (failure === undefined
			? writeDelivery(receiver, mail, {
					at,
					recipient,
					content,
					original: attachedOriginal(original, content),
				})
			: writeNonDelivery(receiver, mail, { at, recipient, failure }));
		answers.answered(recipient);
		const toSender = { mailboxes: users, mailbox: mail.sender, recipient, at };
		await this.#return(transfer, receipt, toSender);
	}

	async #return(
		{ sending, receiver, mail }: Transfer,
		receipt: WrittenReceipt,
		to: { mailboxes: Mailboxes; mailbox: string; recipient?: string; at: Date },
	): Promise<void> {
		const { postman, queue } = this.#options;
		await postman.deliver(to.mailboxes, sending, {
			mailbox: to.mailbox,
			kind: 'receipt',
			wireType: receipt.wireType,
			originalMessageId: mail.clientId,
			recipient: to.recipient,
			messageId: receipt.messageId,
			returnPath: receiver.certifiedAddress,
			raw: receipt.raw,
			at: to.at,
			queue,
		});
	}
}

function failureOf(receiver: Provider, outcome: Placed | Refused): DeliveryError | undefined {
	return outcome.kind === 'refused' ? refusal(receiver, outcome) : undefined;
}

function refusal(
	receiver: Provider,
	{ reason, status }: Pick<Refused, 'reason' | 'status'>,
): DeliveryError {
	return {
		error: reason === 'unknownMailbox' ? receiver.style.unknownMailbox : 'altro',
		extended: `${status} - ${receiver.name} - ${REFUSALS[reason]}`,
	};
}

/** RFC 6109 3.3.2.1: what was asked for goes to primary recipients, those in Cc get a concise receipt. */
export function receiptContentFor(mail: PecMail, recipient: string): ReceiptContent {
	const named = mail.recipients.find(
		({ address }) => address.toLowerCase() === recipient.toLowerCase(),
	);
	return named?.role === 'cc' ? 'sintetica' : mail.receiptContent;
}

function attachedOriginal(original: Buffer, content: ReceiptContent): Buffer | undefined {
	if (content === 'sintetica') return undefined;
	return content === 'breve' ? briefOriginal(original) : original;
}
