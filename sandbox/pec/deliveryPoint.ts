import type { MailStore } from '../store/mailStore.ts';
import { briefOriginal } from './briefOriginal.ts';
import type { PecMail, ReceiptContent } from './mail.ts';
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
	readonly envelope: { readonly messageId: string; readonly raw: Buffer };
	readonly recipients: readonly string[];
}

/** Incoming point and delivery point of the providers (RFC 6109 3.2, 3.3). */
export class DeliveryPoint {
	readonly #store: MailStore;
	readonly #serviceStore: MailStore;
	readonly #postman: Postman;
	readonly #isDisabled: (address: string) => boolean;
	readonly #now: () => Date;

	/**
	 * @param options.serviceStore the mailboxes of the providers themselves
	 * @param options.isDisabled whether an account, by its address in any case, receives nothing any more
	 */
	constructor(options: {
		store: MailStore;
		serviceStore: MailStore;
		postman: Postman;
		isDisabled: (address: string) => boolean;
		now: () => Date;
	}) {
		this.#store = options.store;
		this.#serviceStore = options.serviceStore;
		this.#postman = options.postman;
		this.#isDisabled = options.isDisabled;
		this.#now = options.now;
	}

	/**
	 * Takes an envelope in charge and delivers it to each recipient, with one receipt each to the sender; one from
	 * another provider in which a virus is found is refused instead.
	 */
	receive(transfer: Transfer): void {
		if (transfer.sending !== transfer.receiver) {
			const virus = transfer.receiver.virusScan ? findVirus(transfer.original) : undefined;
			if (virus !== undefined) {
				for (const recipient of transfer.recipients) this.#refuse(transfer, recipient, virus);
				return;
			}
			this.#takeInCharge(transfer);
		}
		for (const recipient of transfer.recipients) {
			const at = this.#now();
			const failure = this.#place(transfer, recipient, at);
			const receipt =
				failure === undefined
					? this.#deliveryReceipt(transfer, recipient, at)
					: writeNonDelivery(transfer.receiver, transfer.mail, { at, recipient, failure });
			this.#return(transfer, receipt, {
				store: this.#store,
				mailbox: transfer.mail.sender,
				recipient,
				at,
			});
		}
	}

	// RFC 6109 3.2.3, 3.2.4: the receiving provider tells the sending one, which tells the sender
	#refuse(transfer: Transfer, recipient: string, virus: string): void {
		const { sending, receiver, mail } = transfer;
		const at = this.#now();
		const detection = writeVirusDetection(receiver, mail, {
			at,
			recipient,
			virus,
			to: sending.serviceAddress,
		});
		this.#return(transfer, detection, {
			store: this.#serviceStore,
			mailbox: sending.serviceAddress,
			recipient,
			at,
		});
		const failure = writeInfectedNonDelivery(sending, mail, { at, recipient, virus });
		this.#return({ ...transfer, receiver: sending }, failure, {
			store: this.#store,
			mailbox: mail.sender,
			recipient,
			at,
		});
	}

	#takeInCharge({ sending, receiver, ...transfer }: Transfer): void {
		const at = this.#now();
		const receipt = writeTakenInCharge(receiver, transfer.mail, {
			at,
			recipients: transfer.recipients,
			to: sending.serviceAddress,
		});
		this.#return({ sending, receiver, ...transfer }, receipt, {
			store: this.#serviceStore,
			mailbox: sending.serviceAddress,
			at,
		});
	}

	#place(transfer: Transfer, recipient: string, at: Date): DeliveryError | undefined {
		const { receiver, mail, envelope } = transfer;
		if (domainOf(recipient) !== receiver.domain) {
			return {
				error: 'no-dominio',
				extended: `5.1.2 - ${receiver.name} - dominio non valido`,
			};
		}
		if (this.#store.account(recipient) === undefined) {
			return {
				error: receiver.style.unknownMailbox,
				extended: `5.1.1 - ${receiver.name} - indirizzo non valido`,
			};
		}
		if (this.#isDisabled(recipient)) {
			return { error: 'altro', extended: `5.2.1 - ${receiver.name} - casella disabilitata` };
		}
		const outcome = this.#postman.deliver(this.#store, receiver, {
			mailbox: recipient,
			kind: 'transportEnvelope',
			originalMessageId: mail.clientId,
			messageId: envelope.messageId,
			returnPath: mail.sender,
			raw: envelope.raw,
			at,
		});
		if (outcome === 'delivered') return undefined;
		return { error: 'altro', extended: `5.2.2 - ${receiver.name} - casella piena` };
	}

	#deliveryReceipt(transfer: Transfer, recipient: string, at: Date): WrittenReceipt {
		const content = receiptContentFor(transfer.mail, recipient);
		return writeDelivery(transfer.receiver, transfer.mail, {
			at,
			recipient,
			content,
			original: attachedOriginal(transfer.original, content),
		});
	}

	#return(
		{ sending, receiver, mail }: Transfer,
		receipt: WrittenReceipt,
		to: { store: MailStore; mailbox: string; recipient?: string; at: Date },
	): void {
		this.#postman.deliver(to.store, sending, {
			mailbox: to.mailbox,
			kind: 'receipt',
			wireType: receipt.wireType,
			originalMessageId: mail.clientId,
			recipient: to.recipient,
			messageId: receipt.messageId,
			returnPath: receiver.certifiedAddress,
			raw: receipt.raw,
			at: to.at,
		});
	}
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
