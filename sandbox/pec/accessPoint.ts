import { sha256, type SandboxLog } from '../log.ts';
import type { MailStore } from '../store/mailStore.ts';
import type { Clock } from './clock.ts';
import type { DeliveryPoint } from './deliveryPoint.ts';
import { writeTransportEnvelope } from './envelopes.ts';
import { findFormalError } from './formalChecks.ts';
import type { JobQueue } from './jobQueue.ts';
import { readSubmission, type PecMail, type Submission } from './mail.ts';
import { withProviderAdditions } from './original.ts';
import type { Postman } from './postman.ts';
import { providerOf, type Provider } from './provider.ts';
import {
	TIMEOUTS,
	writeAcceptance,
	writeNonAcceptance,
	writeTimeout,
	type WrittenReceipt,
} from './receipts.ts';
import { romeTime } from './romeTime.ts';
import { writeInfectedNonAcceptance } from './virusReceipts.ts';
import { findVirus } from './virusScan.ts';

/** An envelope that left PEC. */
export interface ExternalMail {
	readonly recipient: string;
	readonly raw: Buffer;
}

export interface AccessPointOptions {
	readonly providers: readonly Provider[];
	/** The users' mailboxes. */
	readonly store: MailStore;
	readonly postman: Postman;
	readonly deliveryPoint: DeliveryPoint;
	readonly log: SandboxLog;
	readonly clock: Clock;
	/** Where envelopes wait for their turn. */
	readonly deliveries: JobQueue;
}

const HOUR = 3_600_000;

/** The providers' access points, and the transport to the incoming points (RFC 6109 3.1). */
export class AccessPoint {
	/** What was handed to recipients outside PEC. */
	readonly outsideWorld: ExternalMail[] = [];
	readonly #options: AccessPointOptions;

	constructor(options: AccessPointOptions) {
		this.#options = options;
	}

	/** Accepts or refuses what was submitted; the envelope of what is accepted leaves in its turn. */
	accept(provider: Provider, submission: Submission, providerId: string): void {
		const at = this.#options.clock.now();
		const mail = readSubmission(submission, {
			providerId,
			isCertified: (address) => providerOf(this.#options.providers, address) !== undefined,
		});
		const error = findFormalError(submission, mail);
		if (error !== undefined) {
			const extended = `${error.status} - ${provider.name} - ${error.text}`;
			this.#tellSender(provider, mail, writeNonAcceptance(provider, mail, at, extended), at);
			return;
		}
		const virus = provider.virusScan ? findVirus(submission.raw) : undefined;
		if (virus !== undefined) {
			const receipt = writeInfectedNonAcceptance(provider, mail, { at, virus });
			this.#tellSender(provider, mail, receipt, at);
			return;
		}
		this.#tellSender(provider, mail, writeAcceptance(provider, mail, at), at);
		const { deliveries } = this.#options;
		const answered = this.#awaitAnswers(provider, submission, mail, at);
		deliveries.push(() => {
			answered();
			this.#transport(provider, submission, mail, at);
		});
	}

	/** Each timeout that passes before the answer is called is told to the sender, once for each PEC recipient. */
	#awaitAnswers(
		provider: Provider,
		submission: Submission,
		mail: PecMail,
		acceptedAt: Date,
	): () => void {
		const { providers, clock } = this.#options;
		const recipients = submission.rcptTo.filter(
			(recipient) => providerOf(providers, recipient) !== undefined,
		);
		const cancellations = TIMEOUTS.map((hours) =>
			clock.schedule(new Date(acceptedAt.getTime() + hours * HOUR), () => {
				const at = clock.now();
				for (const recipient of recipients) {
					const notice = writeTimeout(provider, mail, { at, recipient, hours });
					this.#tellSender(provider, mail, notice, at, recipient);
				}
			}),
		);
		return () => {
			for (const cancel of cancellations) cancel();
		};
	}

	#tellSender(
		provider: Provider,
		mail: PecMail,
		receipt: WrittenReceipt,
		at: Date,
		recipient?: string,
	): void {
		this.#options.postman.deliver(this.#options.store, provider, {
			mailbox: mail.sender,
			kind: 'receipt',
			wireType: receipt.wireType,
			originalMessageId: mail.clientId,
			recipient,
			messageId: receipt.messageId,
			returnPath: provider.certifiedAddress,
			raw: receipt.raw,
			at,
		});
	}

	#transport(provider: Provider, submission: Submission, mail: PecMail, acceptedAt: Date): void {
		const { providers, deliveryPoint, log } = this.#options;
		const received = receivedField(provider, submission, acceptedAt);
		const original = withProviderAdditions(mail, received);
		const envelope = writeTransportEnvelope(provider, mail, {
			at: acceptedAt,
			original,
			received,
		});
		const byProvider = new Map<Provider, string[]>();
		for (const recipient of submission.rcptTo) {
			const receiver = providerOf(providers, recipient);
			if (receiver !== undefined) {
				byProvider.set(receiver, [...(byProvider.get(receiver) ?? []), recipient]);
				continue;
			}
			this.outsideWorld.push({ recipient, raw: envelope.raw });
			log.append({
				type: 'external',
				account: mail.sender,
				recipient,
				originalMessageId: mail.clientId,
				messageId: envelope.messageId,
				size: envelope.raw.length,
				sha256: sha256(envelope.raw),
			});
		}
		for (const [receiver, recipients] of byProvider) {
			deliveryPoint.receive({ sending: provider, receiver, mail, original, envelope, recipients });
		}
	}
}

function receivedField(provider: Provider, submission: Submission, at: Date): string {
	const { name, address, protocol } = submission.client;
	return (
		`Received: from ${name.replace(/[^\w.:[\]-]/g, '') || 'unknown'} ([${address}])\r\n` +
		`\tby smtps.${provider.domain} (sandbox) with ${protocol} id ${provider.identifiers.queueId()};\r\n` +
		`\t${romeTime(at).headerDate}\r\n`
	);
}
