import type { AccountSettings } from './types';
import { cancelled } from './connectionError';
import { MailError } from './errors';

/**
 * IMAP connections this process keeps to one account at most. Servers refuse those above a limit of their own: Dovecot
 * allows 10 per user and address unless told otherwise (`mail_max_userip_connections`), and a person's mail programs
 * count too, with a handful each. Half of ten leaves them room; waiting in line costs seconds, a refusal the run.
 */
export const CONNECTIONS_PER_ACCOUNT = 5;

/**
 * How long a connection that yields is kept when only others of its kind wait: fifty of them make some 15 sign-ins a
 * minute, not hundreds.
 */
const TURN_MS = 20_000;
/** After that a holder that was asked and goes on (a large message is under way) is no hope: another one is asked too. */
const PATIENCE_MS = 5_000;
/** How often those who could be asked are looked at again while somebody waits. */
const RECHECK_MS = 1_000;
/** The longest a timer of Node can wait; asked for more, it fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface SlotOptions {
	/** Longest wait, milliseconds; `Infinity` waits until `signal` aborts. */
	readonly queueMs: number;
	/** Held for long, and given up when asked by `wanted`; whoever does not yield waits less. */
	readonly yields?: boolean;
	readonly signal?: AbortSignal;
}

/** The right to one connection, until it is released. */
export interface Slot {
	/** Aborted when somebody waits and this holder, which yields, is the one to make room. */
	readonly wanted: AbortSignal;
	/** Of a connection that is gone. May be called again. */
	release(): void;
}

interface Holder {
	readonly yields: boolean;
	readonly wanted: AbortController;
	/** performance.now() */
	readonly since: number;
	askedAt?: number;
}

interface Waiter {
	readonly yields: boolean;
	take(slot: Slot): void;
}

interface Account {
	/** In the order in which they got their slot. */
	readonly holders: Set<Holder>;
	readonly waiting: Set<Waiter>;
	/** Whether the last slot went to one that does not yield. */
	servedShort: boolean;
	recheck: NodeJS.Timeout | undefined;
}

/** Only accounts with a holder or a waiter. */
const accounts = new Map<string, Account>();

/**
 * Waits until this process may open one more connection to the account. First come, first served; when both kinds wait,
 * those that yield and those that do not take turns, so that neither starves the other. No timer in here keeps the
 * process alive.
 * @throws MailError `tooManyConnections` after `queueMs`, `cancelled` when `signal` aborts
 */
export async function takeSlot(
	{ imap: { host, port }, user }: Pick<AccountSettings, 'imap' | 'user'>,
	{ queueMs, yields = false, signal }: SlotOptions,
): Promise<Slot> {
	if (signal?.aborted) throw cancelled();
	const key = JSON.stringify([host.toLowerCase(), port, user]);
	const account: Account = accounts.get(key) ?? {
		holders: new Set(),
		waiting: new Set(),
		servedShort: false,
		recheck: undefined,
	};
	accounts.set(key, account);
	return await new Promise<Slot>((resolve, reject) => {
		const leave = () => {
			clearTimeout(timer);
			signal?.removeEventListener('abort', abort);
			account.waiting.delete(waiter);
		};
		const giveUp = (error: MailError) => {
			leave();
			settle(key, account);
			reject(error);
		};
		const waiter: Waiter = {
			yields,
			take(slot) {
				leave();
				resolve(slot);
			},
		};
		const abort = () => giveUp(cancelled());
		const timer =
			queueMs > LONGEST_TIMER_MS
				? undefined
				: setTimeout(() => giveUp(tooManyConnections(queueMs)), queueMs).unref();
		signal?.addEventListener('abort', abort, { once: true });
		account.waiting.add(waiter);
		settle(key, account);
	});
}

/** Hands out what is free, and asks holders to make room for those who still wait. */
function settle(key: string, account: Account): void {
	const { holders, waiting } = account;
	clearTimeout(account.recheck);
	while (holders.size < CONNECTIONS_PER_ACCOUNT) {
		const next = nextOf(account);
		if (!next) break;
		account.servedShort = !next.yields;
		const holder: Holder = {
			yields: next.yields,
			wanted: new AbortController(),
			since: performance.now(),
		};
		holders.add(holder);
		next.take({
			wanted: holder.wanted.signal,
			release() {
				if (holders.delete(holder)) settle(key, account);
			},
		});
	}
	if (waiting.size === 0) {
		if (holders.size === 0) accounts.delete(key);
		return;
	}
	const asked = nextToAsk(account);
	if ([...holders].some(({ yields, askedAt }) => yields && askedAt === undefined)) {
		account.recheck = setTimeout(() => settle(key, account), RECHECK_MS).unref();
	}
	// Last, because who is asked may release at once, which comes back here.
	for (const { wanted } of asked) wanted.abort();
}

function nextOf({ waiting, servedShort }: Account): Waiter | undefined {
	const inLine = [...waiting];
	return inLine.find(({ yields }) => yields === servedShort) ?? inLine[0];
}

/** Those to make room now, and noted as asked: one for each that waits, the longest in possession first. */
function nextToAsk({ holders, waiting }: Account): Holder[] {
	const now = performance.now();
	const yielding = [...holders].filter((holder) => holder.yields);
	let making = yielding.filter(({ askedAt = -Infinity }) => now - askedAt < PATIENCE_MS).length;
	const short = [...waiting].filter(({ yields }) => !yields).length;
	const asked: Holder[] = [];
	for (const holder of yielding) {
		if (making >= waiting.size) break;
		const isDue = making < short || now - holder.since >= TURN_MS;
		if (holder.askedAt !== undefined || !isDue) continue;
		making += 1;
		holder.askedAt = now;
		asked.push(holder);
	}
	return asked;
}

function tooManyConnections(queueMs: number): MailError {
	return new MailError(
		'tooManyConnections',
		`All ${CONNECTIONS_PER_ACCOUNT} connections that this n8n opens to one mailbox at a time are in use, and none became free within ${Math.round(queueMs / 1000)} seconds`,
		{
			whatToDo:
				'Let fewer workflows work on this mailbox at the same time (limit their concurrency, or spread their schedules), then run it again',
			retry: 'later',
		},
	);
}
