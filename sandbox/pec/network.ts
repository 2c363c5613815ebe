import { sha256 } from '../log.ts';
import { AccessPoint, type AccessPointOptions, type ExternalMail } from './accessPoint.ts';
import { latenessOf } from './dialect.ts';
import { writeAnomalyEnvelope } from './envelopes.ts';
import { pushInTime } from './late.ts';
import { readSubmission, type Submission } from './mail.ts';
import { providerOf } from './provider.ts';
import { findVirus } from './virusScan.ts';

export interface PecNetworkOptions extends AccessPointOptions {
	/** Whether an account, by its address in any case, receives nothing any more. */
	readonly isDisabled: (address: string) => boolean;
}

/** The providers together: access points, transport between them and the way in for ordinary mail (RFC 6109 2.2). */
export class PecNetwork {
	readonly #options: PecNetworkOptions;
	readonly #accessPoint: AccessPoint;

	constructor(options: PecNetworkOptions) {
		this.#options = options;
		this.#accessPoint = new AccessPoint(options);
	}

	/** What was handed to recipients outside PEC. */
	get outsideWorld(): readonly ExternalMail[] {
		return this.#accessPoint.outsideWorld;
	}

	/**
	 * Takes a submission over: it is in the log when this returns. Acceptance and delivery follow on their own, in
	 * order. The account must belong to a provider.
	 */
	submit(submission: Submission): { messageId: string | undefined; providerId: string } {
		const { providers, log, clock, lanes } = this.#options;
		const provider = providerOf(providers, submission.account);
		if (provider === undefined) throw new Error('the account belongs to no provider');
		const providerId = provider.identifiers.envelope(clock.now());
		const mail = readSubmission(submission, {
			providerId,
			isCertified: (address) => providerOf(providers, address) !== undefined,
		});
		const { raw } = submission;
		log.append({
			type: 'submission',
			account: submission.account,
			messageId: mail.clientId,
			providerId,
			...(mail.subject === undefined ? {} : { subject: mail.subject }),
			recipients: [...submission.rcptTo],
			size: raw.length,
			sha256: sha256(raw),
		});
		const lateness = latenessOf(provider.dialect, 'acceptance', {
			recipients: submission.rcptTo,
			subject: mail.subject,
		});
		pushInTime(lanes.acceptances, clock, lateness, `acceptance of ${providerId}`, async () => {
			return await this.#accessPoint.accept(provider, submission, mail);
		});
		return { messageId: mail.clientId, providerId };
	}

	/**
	 * Ordinary mail arriving from the internet for one of the accounts; it is put into an anomaly envelope
	 * (RFC 6109 3.2.2). Rejects when there is no such mailbox, when it is disabled, and when a virus is found (2.2.2), as
	 * SMTP would refuse it.
	 */
	async deliverOrdinary(mail: Buffer, recipient: string): Promise<void> {
		const { providers, users, postman, clock, lanes, isDisabled } = this.#options;
		const provider = providerOf(providers, recipient);
		if (provider === undefined || !users.exists(recipient)) {
			throw new Error('there is no such mailbox');
		}
		if (isDisabled(recipient)) throw new Error('the mailbox is disabled');
		const virus = provider.virusScan ? findVirus(mail) : undefined;
		if (virus !== undefined) throw new Error(`the mail has a virus: ${virus}`);
		lanes.deliveries.push(`ordinary mail for ${recipient}`, async () => {
			const at = clock.now();
			const error = 'il messaggio non proviene da un sistema di posta certificata';
			const envelope = await writeAnomalyEnvelope(provider, canonical(mail), {
				at,
				recipient,
				error,
			});
			return async () =>
				await postman.deliver(users, provider, {
					mailbox: recipient,
					kind: 'anomalyEnvelope',
					messageId: envelope.messageId,
					returnPath: envelope.returnPath,
					raw: envelope.raw,
					at,
					queue: lanes.deliveries,
				});
		});
		await lanes.deliveries.idle();
	}

	/** From now on envelopes and delivery receipts wait, but for those under way; acceptance does not. */
	hold(): void {
		this.#options.lanes.deliveries.hold();
	}

	async release(): Promise<void> {
		const { acceptances, deliveries } = this.#options.lanes;
		await acceptances.idle();
		await deliveries.release();
	}

	/** Resolves when nothing is being processed any more, but for what is held or waits for another attempt. */
	async settled(): Promise<void> {
		const { acceptances, deliveries } = this.#options.lanes;
		while (acceptances.busy || deliveries.busy) {
			await acceptances.idle();
			await deliveries.idle();
		}
	}

	/** Ends processing; what waits is dropped. Resolves when nothing is under way any more. */
	async stop(): Promise<void> {
		const { lanes, users, clock } = this.#options;
		lanes.acceptances.stop();
		lanes.deliveries.stop();
		users.close();
		await this.settled();
		clock.clear();
	}
}

/** As it would have come by SMTP: every line ends in CRLF. */
function canonical(mail: Buffer): Buffer {
	const text = mail.toString('latin1').replace(/\r\n|\r|\n/g, '\r\n');
	return Buffer.from(text.endsWith('\r\n') ? text : `${text}\r\n`, 'latin1');
}
