import { sha256, type SandboxLog } from '../log.ts';
import type { MessageBytes } from '../store/messageBytes.ts';
import { ExpectedAnswers } from './answers.ts';
import type { Clock } from './clock.ts';
import type { DeliveryPoint } from './deliveryPoint.ts';
import { latenessOf } from './dialect.ts';
import { writeTransportEnvelope, type WrittenEnvelope } from './envelopes.ts';
import { findFormalError } from './formalChecks.ts';
import type { Act, Lanes } from './jobQueue.ts';
import { pushInTime } from './late.ts';
import type { PecMail, Submission } from './mail.ts';
import type { Mailboxes } from './mailboxes.ts';
import { withProviderAdditions } from './original.ts';
import type { Postman } from './postman.ts';
import { providerOf, type Provider } from './provider.ts';
import {
	writeAcceptance,
	writeNonAcceptance,
	writeTimeout,
	type TimeoutHours,
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
	readonly users: Mailboxes;
	readonly postman: Postman;
	readonly deliveryPoint: DeliveryPoint;
	readonly log: SandboxLog;
	readonly clock: Clock;
	readonly lanes: Lanes;
	/** Keeps bytes where those of messages are kept. */
	readonly keep: (raw: Buffer) => MessageBytes;
	/** Bytes of a message times its recipients that an account may send. */
	readonly totalSizeOf: (account: string) => number;
}

/** The providers' access points, and the transport to the incoming points (RFC 6109 3.1). */
export class AccessPoint {
	/** What was handed to recipients outside PEC. */
	readonly outsideWorld: ExternalMail[] = [];
	readonly #options: AccessPointOptions;

	constructor(options: AccessPointOptions) {
		this.#options = options;
	}

	/** Accepts or refuses what was submitted; the envelope of what is accepted leaves in its turn. */
	async accept(provider: Provider, submission: Submission, mail: PecMail): Promise<Act> {
		const { clock, lanes, totalSizeOf } = this.#options;
		const at = clock.now();
		const totalSize = totalSizeOf(submission.account);
		const refusal = await refusalOf(provider, submission, mail, { at, totalSize });
		if (refusal !== undefined) {
			return async () => await this.#tellSender(provider, mail, refusal, at);
		}
		const acceptance = await writeAcceptance(provider, mail, at);
		return async () => {
			await this.#tellAccepted(provider, submission, mail, acceptance);
			const answers = this.#awaitAnswers(provider, submission, mail, at);
			lanes.deliveries.push(
				`delivery of ${mail.providerId}`,
				async () => await this.#transport({ provider, submission, mail, acceptedAt: at, answers }),
			);
		};
	}

	/** The receipt may be late, and still speaks of when the message was accepted. */
	async #tellAccepted(
		provider: Provider,
		{ rcptTo }: Submission,
		mail: PecMail,
		acceptance: WrittenReceipt,
	): Promise<void> {
		const { clock, lanes } = this.#options;
		const about = { recipients: rcptTo, subject: mail.subject };
		const lateness = latenessOf(provider.dialect, 'acceptanceReceipt', about);
		const tell = async (): Promise<void> =>
			await this.#tellSender(provider, mail, acceptance, clock.now());
		if (lateness === undefined) return await tell();
		const name = `acceptance receipt of ${mail.providerId}`;
		pushInTime(lanes.acceptances, clock, lateness, name, async () => tell);
	}

	#awaitAnswers(
		provider: Provider,
		submission: Submission,
		mail: PecMail,
		acceptedAt: Date,
	): ExpectedAnswers {
		const { providers, clock, lanes } = this.#options;
		const tell = (recipient: string, hours: TimeoutHours): void => {
			const at = clock.now();
			lanes.acceptances.push(`notice of ${mail.providerId} after ${hours} hours`, async () => {
				const notice = await writeTimeout(provider, mail, { at, recipient, hours });
				return async () => await this.#tellSender(provider, mail, notice, at, recipient);
			});
		};
		return new ExpectedAnswers({
			recipients: submission.rcptTo.filter(
				(recipient) => providerOf(providers, recipient) !== undefined,
			),
			acceptedAt,
			clock,
			tell: (recipients, hours) => {
				for (const recipient of recipients) tell(recipient, hours);
			},
		});
	}

	async #tellSender(
		provider: Provider,
		mail: PecMail,
		receipt: WrittenReceipt,
		at: Date,
		recipient?: string,
	): Promise<void> {
		const { postman, users, lanes } = this.#options;
		await postman.deliver(users, provider, {
			mailbox: mail.sender,
			kind: 'receipt',
			wireType: receipt.wireType,
			originalMessageId: mail.clientId,
			recipient,
			messageId: receipt.messageId,
			returnPath: provider.certifiedAddress,
			raw: receipt.raw,
			at,
			queue: lanes.acceptances,
		});
	}

	async #transport(accepted: {
		provider: Provider;
		submission: Submission;
		mail: PecMail;
		acceptedAt: Date;
		answers: ExpectedAnswers;
	}): Promise<Act> {
		const { provider, submission, mail, acceptedAt: at, answers } = accepted;
		const { providers, deliveryPoint } = this.#options;
		const received = receivedField(provider, submission, at);
		const original = withProviderAdditions(mail, received);
		const envelope = await writeTransportEnvelope(provider, mail, { at, original, received });
		const external: string[] = [];
		const byProvider = new Map<Provider, string[]>();
		for (const recipient of submission.rcptTo) {
			const receiver = providerOf(providers, recipient);
			const together = receiver === undefined ? external : (byProvider.get(receiver) ?? []);
			together.push(recipient);
			if (receiver !== undefined) byProvider.set(receiver, together);
		}
		const transfers = await Promise.all(
			[...byProvider].map(async ([receiver, recipients]) => {
				const transfer = { sending: provider, receiver, mail, original, envelope, recipients };
				return await deliveryPoint.receive({ ...transfer, answers });
			}),
		);
		return async () => {
			for (const recipient of external) this.#leave(mail, envelope, recipient);
			for (const act of transfers) await act();
		};
	}

	#leave(mail: PecMail, { messageId, raw }: WrittenEnvelope, recipient: string): void {
		const { keep, log } = this.#options;
		const bytes = keep(raw);
		this.outsideWorld.push({
			recipient,
			get raw() {
				return bytes.slice(0, bytes.size);
			},
		});
		log.append({
			type: 'external',
			account: mail.sender,
			recipient,
			originalMessageId: mail.clientId,
			messageId,
			size: raw.length,
			sha256: sha256(raw),
		});
	}
}

async function refusalOf(
	provider: Provider,
	submission: Submission,
	mail: PecMail,
	{ at, totalSize }: { at: Date; totalSize: number },
): Promise<WrittenReceipt | undefined> {
	const error = findFormalError(submission, mail, totalSize);
	if (error !== undefined) {
		const extended = `${error.status} - ${provider.name} - ${error.text}`;
		return await writeNonAcceptance(provider, mail, at, extended);
	}
	const virus = provider.virusScan ? findVirus(submission.raw) : undefined;
	if (virus === undefined) return undefined;
	return await writeInfectedNonAcceptance(provider, mail, { at, virus });
}

function receivedField(provider: Provider, submission: Submission, at: Date): string {
	const { name, address, protocol } = submission.client;
	return (
		`Received: from ${name.replace(/[^\w.:[\]-]/g, '') || 'unknown'} ([${address}])\r\n` +
		`\tby smtps.${provider.domain} (sandbox) with ${protocol} id ${provider.identifiers.queueId()};\r\n` +
		`\t${romeTime(at).headerDate}\r\n`
	);
}
