import { sha256, type SandboxLog } from '../log.ts';
import type { MailStore } from '../store/mailStore.ts';
import { AccessPoint, type ExternalMail } from './accessPoint.ts';
import type { Clock } from './clock.ts';
import type { DeliveryPoint } from './deliveryPoint.ts';
import { writeAnomalyEnvelope } from './envelopes.ts';
import { readHeaders } from './headers.ts';
import { JobQueue } from './jobQueue.ts';
import { clientMessageId, type Submission } from './mail.ts';
import type { Postman } from './postman.ts';
import { providerOf, type Provider } from './provider.ts';

export interface NetworkOptions {
	readonly providers: readonly Provider[];
	/** The users' mailboxes. */
	readonly store: MailStore;
	readonly postman: Postman;
	readonly deliveryPoint: DeliveryPoint;
	readonly log: SandboxLog;
	readonly clock: Clock;
}

/** The providers together: access points, transport between them and the way in for ordinary mail (RFC 6109 2.2). */
export class PecNetwork {
	readonly #options: NetworkOptions;
	readonly #acceptances = new JobQueue();
	readonly #deliveries = new JobQueue();
	readonly #accessPoint: AccessPoint;

	constructor(options: NetworkOptions) {
		this.#options = options;
		this.#accessPoint = new AccessPoint({ ...options, deliveries: this.#deliveries });
	}

	/** What was handed to recipients outside PEC. */
	get outsideWorld(): readonly ExternalMail[] {
		return this.#accessPoint.outsideWorld;
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
		this.#acceptances.push(() => this.#accessPoint.accept(provider, submission, providerId));
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
}

/** As it would have come by SMTP: every line ends in CRLF. */
function canonical(mail: Buffer): Buffer {
	const text = mail.toString('latin1').replace(/\r\n|\r|\n/g, '\r\n');
	return Buffer.from(text.endsWith('\r\n') ? text : `${text}\r\n`, 'latin1');
}
