import { sha256, type SandboxLog } from '../log.ts';
import type { MailStore } from '../store/mailStore.ts';
import type { Clock } from './clock.ts';
import { DeliveryPoint } from './deliveryPoint.ts';
import { writeAnomalyEnvelope, writeTransportEnvelope } from './envelopes.ts';
import { findFormalError } from './formalChecks.ts';
import { readHeaders } from './headers.ts';
import { JobQueue } from './jobQueue.ts';
import { clientMessageId, readSubmission, type PecMail, type Submission } from './mail.ts';
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

export interface NetworkOptions {
	readonly providers: readonly Provider[];
	/** The users' mailboxes. */
	readonly store: MailStore;
	readonly postman: Postman;
	readonly deliveryPoint: DeliveryPoint;
	readonly log: SandboxLog;
	readonly clock: Clock;
}

const HOUR = 3_600_000;

/** The providers together: access points, transport between them and the way in for ordinary mail (RFC 6109 2.2). */
export class PecNetwork {
	/** What was handed to recipients outside PEC. */
	readonly outsideWorld: ExternalMail[] = [];
	readonly #options: NetworkOptions;
	readonly #acceptances = new JobQueue();
	readonly #deliveries = new JobQueue();

	constructor(options: NetworkOptions) {
		this.#options = options;
	}

	/**
	 * Takes a submission over: it is in the log when this returns. Acceptance and delivery follow on their own, in
	 * order. The account must belong to a provider.
	 */
	submit(submission: Submission): { providerId: string } {
		const { providers, log, clock } = this.#options;
		const provider = providerOf(providers, submission.account);
		if (provider === undefined) throw new Error('the account belongs to no provider');
		const providerId = provider.identifiers.envelope(clock.now());
		log.append({
			type: 'submission',
			account: submission.account,
			messageId: clientMessageId(readHeaders(submission.raw)),
			providerId,
			recipients: [...submission.rcptTo],
			size: submission.raw.length,
			sha256: sha256(submission.raw),
		});
		this.#acceptances.push(() => this.#accept(provider, submission, providerId));
		return { providerId };
	}

	/**
	 * Ordinary mail arriving from the internet for one of the accounts; it is put into an anomaly envelope
	 * (RFC 6109 3.2.2). Throws when there is no such mailbox, as SMTP would refuse it.
	 */
	async deliverOrdinary(mail: Buffer, recipient: string): Promise<void> {
		const { providers, store, postman, clock } = this.#options;
		const provider = providerOf(providers, recipient);
		if (provider === undefined || store.account(recipient) === undefined) {
			throw new Error('there is no such mailbox');
		}
		this.#deliveries.push(() => {
			const at = clock.now();
			const { raw, messageId, sender } = writeAnomalyEnvelope(provider, canonical(mail), {
				at,
				recipient,
				error: 'il messaggio non proviene da un sistema di posta certificata',
			});
			postman.deliver(store, provider, {
				mailbox: recipient,
				kind: 'anomalyEnvelope',
				messageId,
				returnPath: sender,
				raw,
				at,
			});
		});
		await this.#deliveries.idle();
	}

	/** From now on envelopes and delivery receipts wait; acceptance does not. */
	hold(): void {
		this.#deliveries.hold();
	}

	async release(): Promise<void> {
		await this.#acceptances.idle();
		await this.#deliveries.release();
	}

	/** Resolves when nothing is being processed any more, but for what is held. */
	async settled(): Promise<void> {
		await this.#acceptances.idle();
		await this.#deliveries.idle();
	}

	/** Ends processing; what waits is dropped. */
	stop(): void {
		this.#acceptances.clear();
		this.#deliveries.clear();
	}

	// RFC 6109 3.1: the access point
	#accept(provider: Provider, submission: Submission, providerId: string): void {
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
		const answered = this.#awaitAnswers(provider, submission, mail, at);
		this.#deliveries.push(() => {
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

/** As it would have come by SMTP: every line ends in CRLF. */
function canonical(mail: Buffer): Buffer {
	const text = mail.toString('latin1').replace(/\r\n|\r|\n/g, '\r\n');
	return Buffer.from(text.endsWith('\r\n') ? text : `${text}\r\n`, 'latin1');
}

function receivedField(provider: Provider, submission: Submission, at: Date): string {
	const { name, address, protocol } = submission.client;
	return (
		`Received: from ${name.replace(/[^\w.:[\]-]/g, '') || 'unknown'} ([${address}])\r\n` +
		`\tby smtps.${provider.domain} (sandbox) with ${protocol} id ${provider.identifiers.queueId()};\r\n` +
		`\t${romeTime(at).headerDate}\r\n`
	);
}
