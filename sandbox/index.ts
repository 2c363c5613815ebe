import { randomBytes, randomInt } from 'node:crypto';

import { ImapServer } from './imap/server.ts';
import { SandboxLog } from './log.ts';
import { Clock } from './pec/clock.ts';
import { DeliveryPoint } from './pec/deliveryPoint.ts';
import { clientMessageId } from './pec/mail.ts';
import { readHeaders } from './pec/headers.ts';
import { PecNetwork, type ExternalMail } from './pec/network.ts';
import { composeSubmission, type OutgoingMail } from './pec/outgoing.ts';
import { Postman, type Dialects } from './pec/postman.ts';
import { providerOf, type Provider } from './pec/provider.ts';
import {
	createProviders,
	DEFAULT_ACCOUNTS,
	PROVIDER_PLANS,
	type AccountPlan,
} from './pec/provisioning.ts';
import { createPki } from './pki/hierarchy.ts';
import { SubmissionServer, type Listening } from './smtp/server.ts';
import { MailStore } from './store/mailStore.ts';

export type { LogEntry, SandboxLog } from './log.ts';
export type { Dialects } from './pec/postman.ts';
export type { OutgoingMail } from './pec/outgoing.ts';
export { EICAR } from './pec/virusScan.ts';
export { TOTAL_SIZE_LIMIT } from './pec/formalChecks.ts';

/** Bytes of one message on SMTP; above it 552. Between it and 30 MB over all recipients: non-accettazione. */
export const DEFAULT_SIZE_LIMIT = 40 * 1024 * 1024;

export interface SandboxOptions {
	readonly host?: string;
	/** 0 or absent: a free one. */
	readonly ports?: {
		readonly imap?: number;
		readonly imapStartTls?: number;
		readonly smtp?: number;
		readonly smtpStartTls?: number;
	};
	/** Instead of the default ones; their domains must be the providers'. */
	readonly accounts?: readonly AccountPlan[];
	/** The clock of everything but TLS certificates, on which `advance` builds; real time unless given. */
	readonly now?: () => Date;
	/** Whose scanner is on; both are unless given. What it finds is the EICAR test file. */
	readonly virusScan?: { readonly alfa?: boolean; readonly beta?: boolean };
	/** Receipts as some providers deliver them, for all accounts. */
	readonly dialects?: Dialects;
	readonly tls?: 'valid' | 'expired';
	/** Bytes. */
	readonly sizeLimit?: number;
}

export interface SandboxServer<Secure extends boolean> {
	readonly host: string;
	readonly port: number;
	readonly secure: Secure;
}

export interface Sandbox {
	readonly imap: SandboxServer<true>;
	readonly imapStartTls: SandboxServer<false>;
	readonly smtp: SandboxServer<true>;
	readonly smtpStartTls: SandboxServer<false>;
	/** PEM; for the connections. */
	readonly tlsCa: string;
	/** PEM of issuing CA and root; for the signatures. */
	readonly pecCa: string;
	readonly accounts: readonly {
		readonly address: string;
		readonly user: string;
		readonly password: string;
		/** The provider's name. */
		readonly provider: string;
	}[];
	readonly log: SandboxLog;
	/** The users' mailboxes. */
	readonly store: MailStore;
	/** The providers' own mailboxes, where presa-in-carico and rilevazione-virus go; nobody can sign in to them. */
	readonly serviceStore: MailStore;
	/** Envelopes that left PEC. */
	readonly outsideWorld: readonly ExternalMail[];
	/**
	 * While held, acceptance still comes at once; envelopes and what follows from them wait. After 12 and 24 hours by the
	 * clock the sender is told so.
	 */
	holdDeliveries(): void;
	/** Resolves when all that waited has been delivered. */
	releaseDeliveries(): Promise<void>;
	/** Resolves when nothing is being processed any more, but for what is held. */
	settled(): Promise<void>;
	/**
	 * Moves the clock ahead by so many milliseconds and does what became due, each at its own hour; resolves when all
	 * of it is done. Nothing waits in real time. Rejects with a RangeError when that is less than 0 or no number.
	 */
	advance(ms: number): Promise<void>;
	/** IMAP and SMTP stop listening and cut every connection; processing goes on inside. */
	goDown(): Promise<void>;
	/** On the same ports. */
	comeBack(): Promise<void>;
	/** IMAP connections that are open now. */
	connections(): number;
	/** Ordinary mail from the internet arrives; throws when there is no such mailbox. */
	deliverOrdinary(raw: Buffer, to: string): Promise<void>;
	/** A submission without SMTP; rejects when the sandbox has no such account. */
	sendAs(
		address: string,
		mail: OutgoingMail,
	): Promise<{ messageId: string | undefined; providerId: string }>;
	/** Ends it; what waits is dropped. */
	stop(): Promise<void>;
}

/** Starts two PEC providers in memory, with throw-away certificates. Rejects when a port is taken. */
export async function start(options: SandboxOptions = {}): Promise<Sandbox> {
	const clock = new Clock(options.now ?? (() => new Date()));
	const { now } = clock;
	const host = options.host ?? '127.0.0.1';
	const pki = await createPki({
		providers: PROVIDER_PLANS,
		now: now(),
		tls: options.tls ?? 'valid',
	});
	const providers = createProviders(pki, {
		process: randomInt(100_000),
		random: randomBytes,
		virusScan: options.virusScan,
	});
	const log = new SandboxLog(now);
	const store = new MailStore({ now });
	const plans = options.accounts ?? DEFAULT_ACCOUNTS;
	const accounts = openAccounts(store, providers, plans, options.dialects);
	const disabled = new Set(
		plans.filter((plan) => plan.disabled === true).map(({ address }) => address.toLowerCase()),
	);
	const serviceStore = openServiceMailboxes(providers, now);
	const postman = new Postman({ log, users: store, dialects: options.dialects });
	const deliveryPoint = new DeliveryPoint({
		store,
		serviceStore,
		postman,
		isDisabled: (address) => disabled.has(address.toLowerCase()),
		now,
	});
	const network = new PecNetwork({ providers, store, postman, deliveryPoint, log, clock });

	const imapServer = new ImapServer({
		store,
		tls: pki.tls,
		host,
		now,
		log: ({ command, status }) => {
			const isLogin = command === 'LOGIN' || command === 'AUTHENTICATE';
			if (isLogin && status === 'NO') log.append({ type: 'refusedLogin', protocol: 'imap' });
		},
	});
	const smtpServer = new SubmissionServer({
		store,
		log,
		tls: pki.tls,
		sizeLimit: options.sizeLimit ?? DEFAULT_SIZE_LIMIT,
		submit: (submission) => network.submit(submission),
		host,
	});
	const stop = async (): Promise<void> => {
		clock.clear();
		network.stop();
		await Promise.all([imapServer.stop(), smtpServer.stop()]);
	};
	const { imap, smtp } = await listen(imapServer, smtpServer, options.ports).catch(
		async (error: unknown) => {
			await stop();
			throw error;
		},
	);

	return {
		imap: { ...imap.tls, secure: true },
		imapStartTls: { ...imap.startTls, secure: false },
		smtp: { ...smtp.tls, secure: true },
		smtpStartTls: { ...smtp.startTls, secure: false },
		tlsCa: pki.tlsCa,
		pecCa: pki.pecCa,
		accounts,
		log,
		store,
		serviceStore,
		outsideWorld: network.outsideWorld,
		holdDeliveries: () => network.hold(),
		releaseDeliveries: async () => await network.release(),
		settled: async () => await network.settled(),
		advance: async (ms) => {
			// what is being processed may still make appointments
			await network.settled();
			clock.advance(ms);
			await network.settled();
		},
		goDown: async () => {
			await Promise.all([imapServer.goDown(), smtpServer.goDown()]);
		},
		comeBack: async () => {
			await Promise.all([imapServer.comeBack(), smtpServer.comeBack()]);
		},
		connections: () => imapServer.connections,
		deliverOrdinary: async (raw, to) => await network.deliverOrdinary(raw, to),
		sendAs: async (address, mail) => {
			if (store.account(address) === undefined) throw new Error('there is no such account');
			const submission = await composeSubmission(address, mail, now());
			const messageId = clientMessageId(readHeaders(submission.raw));
			return { messageId, ...network.submit(submission) };
		},
		stop,
	};
}

// one after the other: what listens when the other fails is known, and can be stopped
async function listen(
	imapServer: ImapServer,
	smtpServer: SubmissionServer,
	ports: SandboxOptions['ports'] = {},
): Promise<{ imap: Listening; smtp: Listening }> {
	const imap = await imapServer.start({ tls: ports.imap, startTls: ports.imapStartTls });
	const smtp = await smtpServer.start({ tls: ports.smtp, startTls: ports.smtpStartTls });
	return { imap, smtp };
}

function openAccounts(
	store: MailStore,
	providers: readonly Provider[],
	plans: readonly AccountPlan[],
	{ receiptsFolder = 'INBOX' }: Dialects = {},
): Sandbox['accounts'] {
	return plans.map((plan) => {
		const provider = providerOf(providers, plan.address);
		if (provider === undefined) throw new Error("the domain of an account is no provider's");
		const account = store.addAccount(plan);
		if (account.folder(receiptsFolder) === undefined) account.createFolder(receiptsFolder);
		const { address, user, password } = account;
		return { address, user, password, provider: provider.name };
	});
}

/** In a store of their own: no user can sign in to them or write to them. */
function openServiceMailboxes(providers: readonly Provider[], now: () => Date): MailStore {
	const store = new MailStore({ now });
	for (const { serviceAddress } of providers) {
		store.addAccount({ address: serviceAddress, password: randomBytes(16).toString('hex') });
	}
	return store;
}
