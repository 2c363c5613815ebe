import { once, EventEmitter } from 'node:events';
import { arrivalFolders } from '../../nodes/account/messageFolders.ts';
import { Attendance } from '../../nodes/account/watchAttendance.ts';
import { WatchJournal } from '../../nodes/account/watchJournal.ts';
import { openImap } from '../../nodes/mail/imap.ts';
import type { AccountSettings, ImapSession } from '../../nodes/mail/types.ts';
import {
	Offers,
	type Offering,
	type OfferRules,
	type RunEnd,
} from '../../nodes/PecTrigger/offers.ts';
import { watch } from '../../nodes/PecTrigger/watch.ts';
import type { HowToLoad, SessionOptions } from '../../nodes/PecTrigger/watchTypes.ts';
import { decodedFieldOf, readHeader } from '../../nodes/pec/header.ts';
import { pecKeyOf } from '../../nodes/pec/pecKey.ts';
import type { Sandbox } from '../../sandbox/index.ts';

/** What a trigger of a test does with its events; stands in for n8n. */
export interface Desk {
	/** Subjects whose run ended well, in order. */
	readonly effects: string[];
	readonly outages: number[];
	/** How each run ends, by its subject; well unless told. */
	ending: (subject: string, key: string) => Promise<RunEnd> | RunEnd;
	/** Events that wait for what became of another process's run. */
	readonly standing: number;
	/** Resolves when so many runs ended well in all. */
	until(count: number): Promise<void>;
	/** Resolves at the next of these. */
	next(event: 'connected' | 'outage' | 'effect' | 'serving' | 'trouble'): Promise<void>;
	stop(): Promise<void>;
}

export interface DeskOptions {
	readonly startAt?: SessionOptions['startAt'];
	readonly folders?: readonly string[];
	/** Where the folders ended when a person activated it. */
	readonly endsAtStart?: SessionOptions['endsAtStart'];
	readonly rules?: OfferRules;
	/** Another trigger has another. */
	readonly tag?: string;
	/** How often all folders are asked; `own` is as in a real trigger. */
	readonly pollMs?: number | 'own';
	readonly now?: () => Date;
	readonly marksAsRead?: boolean;
	/** Stands between the trigger and its connection. */
	readonly session?: (imap: ImapSession) => ImapSession;
	/** Without an answer for so long a connection counts as dead; two minutes unless given. */
	readonly timeoutMs?: number;
	/** A process that may not be the only one that watches the same. */
	readonly process?: { readonly name: string; readonly hasEnded: (name: string) => boolean };
	/** Called with each whole message, before it is offered. */
	readonly onLoad?: (subject: string, how: HowToLoad) => void;
}

/** Of the waits of processes for each other: 150 seconds are 0.6. */
const PACE = 0.004;

export const RULES: OfferRules = { limit: 5, attempts: 1, strict: false, waiting: 50 };

export function accountOf(sandbox: Sandbox, address: string): AccountSettings {
	const account = sandbox.accounts.find((one) => one.address === address);
	if (!account) throw new Error('the sandbox has no such account');
	const { user, password } = account;
	return {
		address,
		user,
		password,
		imap: sandbox.imap,
		smtp: sandbox.smtp,
		tlsCa: sandbox.tlsCa,
	};
}

/** A trigger with all of its parts but n8n. */
export function openDesk(settings: AccountSettings, options: DeskOptions = {}): Desk {
	const events = new EventEmitter();
	const effects: string[] = [];
	const outages: number[] = [];
	const stop = new AbortController();
	const now = options.now ?? (() => new Date());
	const tag = options.tag ?? 'a'.repeat(20);
	const { name, hasEnded } = options.process ?? {};
	const account = settings.address;
	const journal = new WatchJournal({ account, tag, now, ...(name ? { self: name } : {}) });
	const attendance =
		name && hasEnded ? new Attendance({ self: name, journal, hasEnded, pace: PACE }) : undefined;
	const offers = new Offers({
		journal,
		tag,
		onChange: () => watching.wake(),
		retryMs: [1],
		...(attendance ? { others: attendance } : {}),
	});
	offers.resume(options.rules ?? RULES);
	const desk: Desk = {
		effects,
		outages,
		ending: () => 'succeeded',
		get standing() {
			return offers.standing.size;
		},
		until: async (count) => {
			while (effects.length < count) await once(events, 'effect');
		},
		next: async (event) => void (await once(events, event)),
		stop: async () => {
			stop.abort();
			offers.pause();
			await watching.ended;
		},
	};
	const offeringOf = (key: string, subject: string): Offering => ({
		key,
		onGivenUp: () => undefined,
		emit: async (runKey) => {
			const end = await desk.ending(subject, runKey);
			if (end === 'succeeded') {
				effects.push(subject);
				events.emit('effect');
			}
			return end;
		},
	});
	const watching = watch({
		connect: async (signal) => {
			const { session = (imap) => imap, timeoutMs } = options;
			return session(
				await openImap(settings, {
					signal,
					yields: true,
					queueMs: Infinity,
					...(timeoutMs === undefined ? {} : { timeoutMs }),
				}),
			);
		},
		journal,
		offers,
		attendance,
		folders: options.folders ?? arrivalFolders,
		startAt: options.startAt ?? 'now',
		...(options.endsAtStart ? { endsAtStart: options.endsAtStart } : {}),
		candidate: ({ headers, size, uid }) => {
			const { header } = readHeader(headers, 0, { fields: 1_000 }, () => false);
			const subject = decodedFieldOf(header, 'subject') ?? '';
			if (subject.startsWith('other')) return undefined;
			const key = pecKeyOf(headers, size);
			return {
				key,
				load: async ({ folder }, how) => {
					options.onLoad?.(subject, how);
					if (how === 'whole' && !(await folder.fetch(uid))) return undefined;
					if (how === 'headersOnly') await folder.fetchNamedParts([uid], 'daticert.xml');
					return offeringOf(key, subject);
				},
			};
		},
		unreadable: ({ path }, uid) => {
			const key = `unreadable ${path} ${uid}`;
			return { key, load: async () => await Promise.resolve(offeringOf(key, key)) };
		},
		begun: now(),
		now,
		onServing: () => events.emit('serving'),
		onOutage: (_, retryInMs) => {
			outages.push(retryInMs);
			events.emit('outage');
		},
		onConnected: () => events.emit('connected'),
		onRound: (trouble) => {
			if (trouble) events.emit('trouble');
		},
		signal: stop.signal,
		random: () => 0.5,
		backOffMs: { first: 1, longest: 4 },
		...(options.pollMs === 'own' ? {} : { pollMs: options.pollMs ?? 200 }),
		marksAsRead: options.marksAsRead === true,
	});
	return desk;
}

/** A message of a person, as bytes. */
export function letter(subject: string, text = 'x'): Buffer {
	return Buffer.from(
		`From: a@mail.example\r\nSubject: ${subject}\r\nMessage-ID: <${subject.replace(/\W/g, '.')}@mail.example>\r\n\r\n${text}\r\n`,
	);
}
