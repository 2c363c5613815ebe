import { describe, expect, it } from 'vitest';
import { MailError } from '../../nodes/mail/errors.ts';
import type { FaultAction, FaultRule } from '../../sandbox/faults/rules.ts';
import { openImap } from '../../nodes/mail/imap.ts';
import { withFolders } from '../servers/withFolders.ts';
import { STUDIO, watchedMailbox } from './mailbox.ts';
import { RULES, type Desk } from './watching.ts';

const HOUR = 3_600_000;

const mailbox = watchedMailbox();

const refusal = () =>
	new MailError('refused', 'no', { whatToDo: 'ask the provider', retry: 'later' });

describe('a folder that cannot be looked at', () => {
	it('keeps no message of the others from starting its run, and is told each round', async () => {
		const desk = mailbox.open({ folders: ['Rimossa', 'INBOX'] });
		await desk.next('trouble');
		mailbox.arrive('one');
		await desk.until(1);
		expect(desk.outages).toEqual([]);
		mailbox.makeFolder('Rimossa');
		mailbox.arrive('found again', 'Rimossa');
		await desk.until(2);
		expect(desk.effects).toEqual(['one', 'found again']);
	});

	it('is looked at again although the server refuses it for a while', async () => {
		mailbox.makeFolder('Ricevute');
		let refusals = 3;
		const desk = mailbox.open({
			session: withFolders(({ path, refresh }) => ({
				refresh: async () => {
					if (path === 'Ricevute' && refusals-- > 0) throw refusal();
					return await refresh();
				},
			})),
		});
		await desk.next('trouble');
		mailbox.arrive('receipt', 'Ricevute');
		mailbox.arrive('one');
		await desk.until(2);
		expect(desk.effects.sort()).toEqual(['one', 'receipt']);
		expect(desk.outages).toEqual([]);
	});

	it('is looked into where the server does not tell its state', async () => {
		mailbox.makeFolder('Ricevute');
		const desk = await mailbox.activate({
			session: (imap) => ({
				...imap,
				listStates: async (choose) => {
					const paths = choose(await imap.listFolders());
					return new Map(paths.map((path) => [path, undefined]));
				},
			}),
		});
		mailbox.arrive('receipt', 'Ricevute');
		await desk.until(1);
		expect(desk.effects).toEqual(['receipt']);
	});

	it('is an outage when there is no other', async () => {
		const desk = mailbox.open({ folders: ['Rimossa'] });
		await desk.next('outage');
		mailbox.makeFolder('Rimossa');
		mailbox.arrive('one', 'Rimossa');
		await desk.until(1);
		expect(desk.effects).toEqual(['one']);
	});
});

describe('a message that the server does not give', () => {
	const breaksAt = (subject: string) => {
		const isPoison = (raw: Buffer | undefined) => raw?.includes(`Subject: ${subject}\r\n`) === true;
		return withFolders(({ path, scan }) => ({
			scan: async (uids) => {
				const inbox = mailbox.sandbox.store.account(STUDIO)?.folder('INBOX')?.messages ?? [];
				const asked = inbox.filter(({ uid, raw }) => uids.includes(uid) && isPoison(raw));
				if (path === 'INBOX' && asked.length > 0) {
					throw new MailError('connectionLost', 'gone', { whatToDo: 'wait', retry: 'now' });
				}
				return await scan(uids);
			},
		}));
	};

	it('not even its header is offered as unreadable, with the next ones after it', async () => {
		const desk = await mailbox.activate({ session: breaksAt('poison') });
		for (const subject of ['one', 'poison', 'two']) mailbox.arrive(subject);
		await desk.until(3);
		mailbox.arrive('three');
		await desk.until(4);
		expect(desk.effects).toEqual(['one', 'unreadable INBOX 2', 'two', 'three']);
	});

	it('but for its header is offered with that, when neither body nor structure can be had', async () => {
		const gone = async () =>
			await Promise.reject(
				new MailError('connectionLost', 'gone', { whatToDo: 'wait', retry: 'now' }),
			);
		const desk = await mailbox.activate({
			session: withFolders(({ path }) =>
				path === 'INBOX' ? { fetch: gone, fetchNamedParts: gone } : {},
			),
		});
		mailbox.arrive('one');
		await desk.until(1);
		expect(desk.effects).toEqual(['one']);
		expect(desk.outages).toHaveLength(6);
	});

	it('is waited for while the server gives no other either', async () => {
		const desk = await mailbox.activate({ session: breaksAt('alone') });
		mailbox.arrive('alone');
		while (desk.outages.length < 10) await desk.next('outage');
		expect(desk.effects).toEqual([]);
		mailbox.arrive('next');
		await desk.until(2);
		expect(desk.effects).toEqual(['unreadable INBOX 1', 'next']);
	});

	it('does not hold up those before it that were read with it', async () => {
		let refusals = 2;
		const desk = mailbox.open({
			startAt: new Date(0),
			session: withFolders(({ fetch, path, scan }) => ({
				scan,
				fetch: async (uid) => {
					if (path === 'INBOX' && uid === 2 && refusals-- > 0) throw refusal();
					return await fetch(uid);
				},
			})),
			pollMs: 50,
		});
		await desk.next('connected');
		mailbox.arrive('one');
		mailbox.arrive('two');
		await desk.until(2);
		expect(desk.effects).toEqual(['one', 'two']);
		expect(desk.outages).toEqual([]);
	});
});

describe('a message that the server passes over', () => {
	it('in its answer is asked for again, not taken for gone', async () => {
		const desk = await mailbox.activate({ pollMs: 50 });
		const fault = mailbox.sandbox.faults.add({
			at: 'imap.command',
			command: 'UID FETCH',
			times: 2,
			action: { do: 'ignore' },
		});
		mailbox.arrive('one');
		await desk.until(1);
		expect(desk.effects).toEqual(['one']);
		expect(fault.fired).toBe(2);
	});

	it('when it tells sizes is asked for all the same', async () => {
		let isHidden = true;
		mailbox.arrive('one');
		mailbox.arrive('two');
		const desk = mailbox.open({
			startAt: new Date(0),
			pollMs: 50,
			session: withFolders(({ path, scan, sizes }) => {
				const isShown = (uid: number) => path !== 'INBOX' || uid !== 2 || !isHidden;
				return {
					sizes: async (uids) => new Map([...(await sizes(uids))].filter(([uid]) => isShown(uid))),
					scan: async (uids) => (await scan(uids)).filter(({ uid }) => isShown(uid)),
				};
			}),
		});
		await desk.next('trouble');
		isHidden = false;
		await desk.until(2);
		expect(desk.effects).toEqual(['one', 'two']);
	});

	it('and shows later than it counts it is found', async () => {
		let hidden = 3;
		const desk = await mailbox.activate({
			pollMs: 50,
			session: withFolders(({ search }) => ({
				search: async (criteria) => {
					const found = await search(criteria);
					return criteria.uid?.endsWith(':*') && found.length > 0 && hidden-- > 0 ? [] : found;
				},
			})),
		});
		mailbox.arrive('one');
		await desk.until(1);
		expect(desk.effects).toEqual(['one']);
	});
});

describe('a listener that stays connected', () => {
	it('looks at each message once', async () => {
		const scanned: number[] = [];
		const desk = await mailbox.activate({
			session: withFolders(({ path, arrivals, scan }) => ({
				arrivals: async (after) => {
					const arrived = await arrivals(after);
					scanned.push(...(arrived ?? []).map(({ uid }) => uid));
					return arrived;
				},
				scan: async (uids) => {
					if (path === 'INBOX') scanned.push(...uids);
					return await scan(uids);
				},
			})),
		});
		for (let count = 1; count <= 5; count += 1) {
			mailbox.arrive(`number ${count}`);
			await desk.until(count);
		}
		expect(scanned).toEqual([1, 2, 3, 4, 5]);
	});

	it('reads a small message in one request, and one that cannot be read so as any other', async () => {
		const desk = await mailbox.activate();
		mailbox.arrive('before it listened');
		await desk.until(1);
		const [searches, fetches] = [mailbox.count('UID SEARCH'), mailbox.count('UID FETCH')];
		mailbox.arrive('one');
		await desk.until(2);
		expect(searches.fired).toBe(0);
		const before = fetches.fired;
		mailbox.sandbox.faults.add({
			at: 'imap.command',
			command: 'UID FETCH',
			times: 1,
			action: { do: 'answer', status: 'NO', text: 'not in pieces' },
		});
		mailbox.arrive('two');
		await desk.until(3);
		expect(desk.effects).toEqual(['before it listened', 'one', 'two']);
		expect(searches.fired).toBe(1);
		expect(fetches.fired).toBeGreaterThan(before + 1);
	});

	// A folder whose last messages were removed before they were seen was looked at without a pause.
	it('waits although the newest messages are gone', async () => {
		const desk = await mailbox.activate({ pollMs: 100 });
		for (const subject of ['gone', 'gone as well']) {
			mailbox.arrive(subject);
			const inbox = mailbox.sandbox.store.account(STUDIO)?.folder('INBOX');
			inbox?.expunge(inbox.messages.map(({ uid }) => uid));
			await desk.next('serving');
		}
		const [searches, polls] = [mailbox.count('UID SEARCH'), mailbox.count('LIST')];
		await expect.poll(() => polls.fired, { timeout: 10_000 }).toBeGreaterThan(10);
		expect(searches.fired).toBeLessThan(3 * polls.fired);
	});
});

describe('an activation', () => {
	it('while all connections to the mailbox are in use loses nothing that comes meanwhile', async () => {
		const others = [];
		for (let count = 0; count < 5; count += 1) others.push(await openImap(mailbox.settings));
		const desk = mailbox.open();
		mailbox.arrive('in line');
		for (const imap of others) await imap.close();
		await desk.until(1);
		expect(desk.effects).toEqual(['in line']);
	});

	it('from now on takes in nothing of yesterday that a person files away', async () => {
		let behind = 10 * HOUR;
		await mailbox.restart({ now: () => new Date(Date.now() - behind) });
		mailbox.arrive('yesterday');
		behind = 0;
		const desk = await mailbox.activate();
		await mailbox.moveAll('INBOX', 'Archivio');
		mailbox.arrive('new', 'Archivio');
		await desk.until(1);
		expect(desk.effects).toEqual(['new']);
	});
});

describe('a record that is refused', () => {
	// What was begun and not offered stayed unseen as long as the connection lived.
	it('keeps no message waiting that was to be offered with it', async () => {
		let isArmed = false;
		const desk = await mailbox.activate({
			folders: ['INBOX', 'Archivio'],
			pollMs: 50,
			session: (imap) => ({
				...imap,
				append: async (...given) => {
					const stored = await imap.append(...given);
					if (!isArmed) return stored;
					isArmed = false;
					throw new MailError('folderChanged', 'made anew', { whatToDo: 'wait', retry: 'now' });
				},
			}),
		});
		isArmed = true;
		mailbox.arrive('one');
		await desk.until(1);
		mailbox.arrive('two');
		await desk.until(2);
		expect(desk.effects).toEqual(['one', 'two']);
	});
});

describe('the end of a watch', () => {
	it('in the middle of a message below one that is under way loses neither', async () => {
		const folders = ['INBOX', 'Archivio'];
		let stopped: Promise<void> | undefined;
		const first: Desk = await mailbox.activate({
			folders,
			pollMs: 2_000,
			onLoad: (subject) => {
				if (subject === 'A') stopped ??= first.stop();
			},
		});
		const begun = new Promise<void>((resolve) => {
			first.ending = async (subject) => {
				if (subject !== 'B') return 'succeeded' as const;
				resolve();
				return await new Promise<never>(() => undefined);
			};
		});
		mailbox.arrive('B');
		await begun;
		mailbox.arrive('A', 'Archivio');
		await mailbox.moveAll('INBOX', 'Archivio');
		await expect.poll(() => stopped !== undefined, { timeout: 10_000 }).toBe(true);
		await stopped;
		const second = mailbox.open({ folders });
		await second.until(2);
		expect(second.effects.sort()).toEqual(['A', 'B']);
	});
});

describe('places for runs', () => {
	it('that are all taken do not hide that the connection was lost', async () => {
		const desk = await mailbox.activate({ rules: { ...RULES, limit: 1 } });
		desk.ending = async () => await new Promise<never>(() => undefined);
		mailbox.arrive('one');
		mailbox.arrive('two');
		await desk.next('serving');
		await mailbox.sandbox.goDown();
		await desk.next('outage');
		await mailbox.sandbox.comeBack();
	});

	it('are served before the backlog is through', async () => {
		const desk = mailbox.open({ startAt: new Date(0), rules: { ...RULES, limit: 1 } });
		desk.ending = async () => await new Promise<never>(() => undefined);
		mailbox.arrive('one');
		mailbox.arrive('two');
		await desk.next('serving');
		expect(desk.effects).toEqual([]);
	});
});

describe('marking as read', () => {
	it('forgets none of several that end at the same time', async () => {
		const desk = await mailbox.activate({ marksAsRead: true });
		for (let count = 1; count <= 8; count += 1) mailbox.arrive(`number ${count}`);
		await desk.until(8);
		const unread = () =>
			(mailbox.sandbox.store.account(STUDIO)?.folder('INBOX')?.messages ?? []).filter(
				({ flags }) => !flags.has('\\Seen'),
			).length;
		await expect.poll(unread, { timeout: 10_000 }).toBe(0);
	});

	it('in a mailbox that can only be read is left undone, and silences nothing', async () => {
		mailbox.sandbox.faults.add({
			at: 'imap.command',
			command: 'SELECT',
			times: 'always',
			action: { do: 'answer', status: 'NO' },
		});
		const desk = await mailbox.activate({ marksAsRead: true });
		mailbox.arrive('one');
		await desk.until(1);
		mailbox.arrive('two');
		await desk.until(2);
		expect(desk.outages).toEqual([]);
	});
});

describe('two clocks', () => {
	it.each([2 * HOUR, -2 * HOUR])(
		'that differ by %d ms lose nothing that came after the start, and take in nothing older',
		async (ahead) => {
			let clock = Date.now() - 24 * HOUR;
			await mailbox.restart({ now: () => new Date(clock) });
			mailbox.arrive('a day before');
			clock += 24 * HOUR;
			const now = () => new Date(clock - ahead);
			const desk = await mailbox.activate({ now });
			// A folder numbered anew: what is old is told by its date alone.
			mailbox.renumberInbox();
			clock += 1_000;
			mailbox.arrive('new');
			await desk.until(1);
			expect(desk.effects).toEqual(['new']);
		},
	);
});

describe('a connection', () => {
	const atCommand = (command: string, action: FaultAction): FaultRule[] => [
		{ at: 'imap.command', command, times: 3, action },
	];

	it.each<[string, FaultRule[]]>([
		['says goodbye', atCommand('IDLE', { do: 'answer', status: 'BYE' })],
		['refuses IDLE', atCommand('IDLE', { do: 'answer', status: 'NO' })],
		['never confirms IDLE', atCommand('IDLE', { do: 'stall' })],
		['is established and dead', atCommand('NOOP', { do: 'stall' })],
		[
			'is cut at the greeting',
			[...atCommand('NOOP', { do: 'drop' }), { at: 'imap.connection', action: { do: 'drop' } }],
		],
		[
			'refuses SELECT',
			[
				...atCommand('NOOP', { do: 'drop' }),
				...atCommand('EXAMINE', { do: 'answer', status: 'NO' }),
			],
		],
	])('that %s is left for another, and nothing is lost or repeated', async (_, rules) => {
		const desk = await mailbox.activate({ timeoutMs: 300, pollMs: 100 });
		const faults = rules.map((rule) => mailbox.sandbox.faults.add(rule));
		mailbox.arrive('one');
		await desk.until(1);
		mailbox.arrive('two');
		await expect.poll(() => faults.every(({ fired }) => fired > 0), { timeout: 20_000 }).toBe(true);
		await desk.until(2);
		mailbox.arrive('three');
		await desk.until(3);
		expect(desk.effects).toEqual(['one', 'two', 'three']);
	});
});
