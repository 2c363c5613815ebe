import { randomBytes, randomInt } from 'node:crypto';

import { kept, openAccounts, openOutside, openServiceMailboxes } from './accounts.ts';
import {
	DEFAULT_SIZE_LIMIT,
	type OutsideMailboxes,
	type Sandbox,
	type SandboxOptions,
} from './contract.ts';
import { passDelivery } from './faults/deliveries.ts';
import { Faults } from './faults/faults.ts';
import { ImapServer } from './imap/server.ts';
import { SandboxLog, sha256 } from './log.ts';
import { Clock } from './pec/clock.ts';
import { DeliveryPoint } from './pec/deliveryPoint.ts';
import { TOTAL_SIZE_LIMIT } from './pec/formalChecks.ts';
import { createLanes } from './pec/jobQueue.ts';
import { PecNetwork } from './pec/network.ts';
import { composeSubmission } from './pec/outgoing.ts';
import { Postman } from './pec/postman.ts';
import { createProviders, DEFAULT_ACCOUNTS, PROVIDER_PLANS } from './pec/provisioning.ts';
import { StoreMailboxes } from './pec/storeMailboxes.ts';
import { createPki } from './pki/hierarchy.ts';
import { RemService } from './rem/remService.ts';
import { Limiter } from './smtp/limiter.ts';
import { limitsOf } from './smtp/limits.ts';
import { SubmissionServer, type Listening } from './smtp/server.ts';
import { MailStore } from './store/mailStore.ts';

export { DEFAULT_SIZE_LIMIT } from './contract.ts';
export type { OutsideMailboxes, Sandbox, SandboxOptions, SandboxServer } from './contract.ts';
export type { LogEntry, SandboxLog } from './log.ts';
export type { Dialect, Dialects, Lateness, SlowRule } from './pec/dialect.ts';
export type { OutgoingMail } from './pec/outgoing.ts';
export { EICAR } from './pec/virusScan.ts';
export type { FaultAction, FaultEvent, FaultPoint, FaultRule } from './faults/rules.ts';
export type { FaultHandle } from './faults/standingRule.ts';
export { TOTAL_SIZE_LIMIT } from './pec/formalChecks.ts';
export { LIMIT_PRESETS, type LimitOptions, type LimitPreset, type Limits } from './smtp/limits.ts';

/** Starts two PEC providers in memory, with throw-away certificates. Rejects when a port is taken. */
export async function start(options: SandboxOptions = {}): Promise<Sandbox> {
	const clock = new Clock(options.now ?? (() => new Date()), { ticks: options.now === undefined });
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
		dialects: options.dialects,
	});
	const log = new SandboxLog(now);
	const faults = new Faults({
		now,
		schedule: (at, run) => clock.schedule(at, run),
		log: (entry) => log.append(entry),
	});
	for (const rule of options.faults ?? []) faults.add(rule);
	log.follow((entry) => {
		if (entry.type === 'delivery') passDelivery(faults, store, entry);
	});
	const store = new MailStore({ now });
	const plans = options.accounts ?? DEFAULT_ACCOUNTS;
	const accounts = openAccounts(store, providers, plans);
	const disabled = new Set(
		plans.filter((plan) => plan.disabled === true).map(({ address }) => address.toLowerCase()),
	);
	const serviceStore = openServiceMailboxes(providers, now);
	const outside = options.mailboxes;
	const users =
		outside === undefined ? new StoreMailboxes(store) : openOutside(outside, store, providers);
	const postman = new Postman({ log, clock, users });
	const lanes = createLanes((about, error) =>
		log.append({ type: 'failure', about, error: String(error) }),
	);
	const isDisabled = (address: string): boolean => disabled.has(address.toLowerCase());
	const deliveryPoint = new DeliveryPoint({
		users,
		services: new StoreMailboxes(serviceStore),
		postman,
		isDisabled,
		clock,
		queue: lanes.deliveries,
	});
	const rem = new RemService({
		providers,
		users,
		postman,
		isDisabled,
		now,
		queue: lanes.deliveries,
	});
	const limits = limitsOf(options.limits, providers);
	const limiter = new Limiter({ limitsOf: limits, log, now });
	const network = new PecNetwork({
		...{ providers, users, postman, deliveryPoint },
		...{ log, clock, lanes, isDisabled },
		keep: (raw) => store.keep(raw),
		totalSizeOf: (account) => limits(account).totalSize ?? TOTAL_SIZE_LIMIT,
	});

	const imapServer = new ImapServer({
		store,
		tls: pki.tls,
		host,
		now,
		capabilities: { without: options.withoutCapabilities },
		enter: (address) => limiter.enterImap(address),
		faults,
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
		limiter,
		submit: (submission) => network.submit(kept(submission, store)),
		faults,
		host,
	});
	let stopped = false;
	// a port that is being opened cannot be closed yet
	let turn = Promise.resolve();
	const inTurn = async (work: () => Promise<void>): Promise<void> => {
		const mine = turn.then(work);
		turn = mine.catch(() => undefined);
		await mine;
	};
	const stop = async (): Promise<void> => {
		stopped = true;
		await inTurn(async () => {
			await Promise.all([network.stop(), imapServer.stop(), smtpServer.stop()]);
		});
		// not before: what is released goes on
		faults.clear();
		for (const each of [store, serviceStore]) each.close();
	};
	const { imap, smtp } = await listen(outside ?? imapServer, smtpServer, options.ports).catch(
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
		tlsCa: pki.tlsCa + (outside?.tlsCa ?? ''),
		pecCa: pki.pecCa,
		accounts,
		log,
		store,
		serviceStore,
		outsideWorld: network.outsideWorld,
		faults,
		holdDeliveries: () => network.hold(),
		releaseDeliveries: async () => await network.release(),
		settled: async () => await network.settled(),
		advance: async (ms) => await clock.advance(ms, async () => await network.settled()),
		withoutCapabilities: (names) => imapServer.setCapabilities({ without: names }),
		goDown: async () =>
			await inTurn(async () => {
				await Promise.all([imapServer.goDown(), smtpServer.goDown()]);
			}),
		comeBack: async () =>
			await inTurn(async () => {
				if (stopped) throw new Error('the sandbox has stopped');
				if (outside === undefined) await imapServer.comeBack();
				await smtpServer.comeBack();
			}),
		connections: () => imapServer.connections,
		deliverOrdinary: async (raw, to) => await network.deliverOrdinary(raw, to),
		deliverRaw: (raw, to, { folder = 'INBOX' } = {}) => {
			const account = store.account(to);
			if (account === undefined) throw new Error('there is no such mailbox');
			const placed = account.deliver(raw, { folder, internalDate: now() });
			log.append({
				type: 'planted',
				mailbox: account.address.toLowerCase(),
				folder,
				...placed,
				size: raw.length,
				sha256: sha256(raw),
			});
		},
		sendAs: async (address, mail) => {
			if (store.account(address) === undefined) throw new Error('there is no such account');
			const submission = await composeSubmission(address, mail, now());
			return network.submit(kept(submission, store));
		},
		sendRem: async (address, mail) => {
			if (store.account(address) === undefined) throw new Error('there is no such account');
			return await rem.send(await composeSubmission(address, mail, now()));
		},
		stop,
	};
}

// one after the other: what listens when the other fails is known, and can be stopped
async function listen(
	imapSide: ImapServer | OutsideMailboxes,
	smtpServer: SubmissionServer,
	ports: SandboxOptions['ports'] = {},
): Promise<{ imap: Listening; smtp: Listening }> {
	const imap =
		imapSide instanceof ImapServer
			? await imapSide.start({ tls: ports.imap, startTls: ports.imapStartTls })
			: { tls: imapSide.imap, startTls: imapSide.imapStartTls };
	const smtp = await smtpServer.start({ tls: ports.smtp, startTls: ports.smtpStartTls });
	return { imap, smtp };
}
