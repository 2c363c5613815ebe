import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { openImap } from '../../nodes/mail/imap.ts';
import type { ImapSession } from '../../nodes/mail/types.ts';
import { createPki, type Pki } from '../../sandbox/pki/hierarchy.ts';
import { startScripted, type ScriptedConnection } from '../servers/scriptedServer.ts';

const CAPABILITIES = 'IMAP4rev1 AUTH=PLAIN SASL-IR NAMESPACE LITERAL+';
const STATE = '(MESSAGES 2 UIDNEXT 3 UIDVALIDITY 7)';

let pki: Pki;
beforeAll(async () => {
	pki = await createPki({ providers: [], now: new Date(), tls: 'valid' });
});

/**
 * Signs in whoever comes and says OK to everything. `play` may answer a command itself, in whole or, when it returns
 * nothing, ahead of the OK.
 */
async function session(
	play: (command: string, connection: ScriptedConnection, tag: string) => 'answered' | void,
	capabilities = '',
): Promise<{ session: ImapSession; received: readonly string[] }> {
	const offered = `${CAPABILITIES} ${capabilities}`.trim();
	const server = await startScripted({
		tls: pki.tls,
		greet: ({ say }) => say(`* OK [CAPABILITY ${offered}] hi`),
		answer: (line, connection) => {
			const { say } = connection;
			const [, tag = '', command = ''] = /^([0-9A-F]+) (.*)$/.exec(line) ?? [];
			if (tag === '' || play(command, connection, tag) === 'answered') return;
			if (command.startsWith('CAPABILITY')) say(`* CAPABILITY ${offered}`);
			if (command.startsWith('NAMESPACE')) say('* NAMESPACE (("" "/")) NIL NIL');
			if (/^LIST "" ("?)INBOX\1$/.test(command)) say('* LIST () "/" INBOX');
			if (/^(SELECT|EXAMINE)/.test(command)) say('* 2 EXISTS\r\n* OK [UIDVALIDITY 7] x');
			say(`${tag} OK done`);
		},
	});
	onTestFinished(async () => await server.stop());
	const place = { host: server.host, port: server.port, secure: true };
	const open = await openImap({
		...{ address: 'a@b.it', user: 'a', password: 'p', tlsCa: pki.tlsCa },
		...{ imap: place, smtp: place },
	});
	onTestFinished(async () => await open.close());
	return { session: open, received: server.received };
}

const asking = (received: readonly string[]) =>
	received.filter((line) => /^[0-9A-F]+ (LIST .*RETURN|STATUS)/.test(line));

describe('the state of folders', () => {
	const extended = 'LIST-EXTENDED LIST-STATUS';
	const folders = ['INBOX', 'Inviata', 'Ricevute'];

	function listing(command: string, { say }: ScriptedConnection, names: readonly string[]): void {
		if (!command.includes('RETURN')) return;
		for (const name of names) {
			say(`* LIST (\\Subscribed) "/" ${name}\r\n* STATUS ${name} ${STATE}`);
		}
	}

	it('is asked in one round trip where the server can', async () => {
		const open = await session((command, connection) => {
			listing(command, connection, folders);
		}, extended);
		const states = await open.session.folderStates(folders);
		expect([...states]).toEqual(
			folders.map((path) => [path, { uidNext: 3, uidValidity: '7', messages: 2 }]),
		);
		expect(asking(open.received)).toHaveLength(1);
	});

	it('is not asked of a hundred folders for the sake of two', async () => {
		const many = Array.from({ length: 100 }, (_, n) => `F${n}`);
		const open = await session((command, connection) => {
			listing(command, connection, many);
			const [, name] = /^STATUS (\S+)/.exec(command) ?? [];
			if (name) connection.say(`* STATUS ${name} ${STATE}`);
		}, extended);
		await open.session.folderStates(['F1', 'F2']);
		const first = asking(open.received).length;
		expect([...(await open.session.folderStates(['F1', 'F2'])).keys()]).toEqual(['F1', 'F2']);
		const second = asking(open.received).slice(first);
		expect(second.map((line) => line.split(' ')[1])).toEqual(['STATUS', 'STATUS']);
	});

	it.each([
		['a folder is left out of the listing', false],
		['the listing is refused', true],
	])('is asked one by one when %s', async (_, isRefused) => {
		const open = await session((command, connection, tag) => {
			const { say } = connection;
			if (isRefused && command.includes('RETURN')) {
				say(`${tag} NO one of them cannot be counted`);
				return 'answered';
			}
			listing(command, connection, ['INBOX', 'Inviata']);
			if (/^STATUS (INBOX|Ricevute)/.test(command)) {
				say(`* STATUS ${command.split(' ')[1]} ${STATE}`);
			}
			if (command.startsWith('STATUS Inviata')) {
				say(`${tag} NO not now`);
				return 'answered';
			}
		}, extended);
		const states = await open.session.folderStates(folders);
		const refused = isRefused ? ['Inviata'] : [];
		expect([...states.keys()].sort()).toEqual(folders.filter((path) => !refused.includes(path)));
	});

	it.each([
		['told with the listing', extended, 1],
		['asked one by one where the listing does not tell it', '', 3],
	])('of those that are listed is %s', async (_, capabilities, requests) => {
		const open = await session((command, connection) => {
			const { say } = connection;
			if (capabilities !== '') listing(command, connection, folders);
			else if (/^LIST "" "?\*/.test(command))
				for (const name of folders) say(`* LIST () "/" ${name}`);
			const [, name] = /^STATUS (\S+)/.exec(command) ?? [];
			if (name) say(`* STATUS ${name} ${STATE}`);
		}, capabilities);
		const states = await open.session.listStates((listed) => listed.map(({ path }) => path));
		const state = { uidNext: 3, uidValidity: '7', messages: 2 };
		expect([...states]).toEqual(folders.map((path) => [path, state]));
		expect(asking(open.received)).toHaveLength(requests);
	});

	it('is unknown when the connection breaks while it is asked, and not that of an empty mailbox', async () => {
		const open = await session((command, { socket }) => {
			if (!command.startsWith('STATUS')) return;
			socket.destroy();
			return 'answered';
		});
		await expect(open.session.folderStates(folders)).rejects.toMatchObject({
			code: 'connectionLost',
		});
	});

	it('of those that are listed is unknown when the connection breaks while it is asked', async () => {
		const open = await session((command, { socket }) => {
			if (!command.startsWith('STATUS')) return;
			socket.destroy();
			return 'answered';
		});
		await expect(open.session.listStates(() => folders)).rejects.toMatchObject({
			code: 'connectionLost',
		});
	});

	it('of the open folder counts nothing that a search would not find', async () => {
		let told = 2;
		let there = 2;
		const open = await session((command, { say }) => {
			if (command.startsWith('STATUS')) {
				there = 3;
				say('* STATUS INBOX (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 7)');
			}
			if (command.startsWith('NOOP') && told < there) {
				told = there;
				say(`* ${told} EXISTS`);
			}
			if (command.startsWith('UID SEARCH')) say(`* SEARCH ${told === 3 ? '1 2 3' : '1 2'}`);
		});
		const folder = await open.session.open('INBOX', { readOnly: true });
		const states = await open.session.folderStates(['INBOX']);
		expect(states.get('INBOX')?.uidNext).toBe(4);
		expect(await folder.search({})).toEqual([1, 2, 3]);
	});
});

describe('flagging', () => {
	const fetched = (uid: number, flags: string) => `* ${uid} FETCH (UID ${uid} FLAGS (${flags}))`;

	it('is judged by the flags afterwards: a NO may speak of one that is gone alone', async () => {
		const open = await session((command, { say }, tag) => {
			if (command.startsWith('UID FETCH')) say(fetched(1, '\\sEEN'));
			if (!command.startsWith('UID STORE')) return;
			say(`${tag} NO [EXPUNGEISSUED] some are gone`);
			return 'answered';
		});
		const folder = await open.session.open('INBOX', { readOnly: false });
		expect(await folder.addFlags([1, 2], ['\\Seen'])).toEqual({ flagged: [1], missing: [2] });
	});

	it('is refused when a message that is there did not take the flag', async () => {
		const open = await session((command, { say }) => {
			if (command.startsWith('UID FETCH')) {
				say(fetched(1, '\\Seen'));
				say(fetched(2, ''));
			}
		});
		const folder = await open.session.open('INBOX', { readOnly: false });
		await expect(folder.addFlags([1, 2], ['\\Seen'])).rejects.toMatchObject({ code: 'refused' });
	});

	it('is refused in a folder that was to be written and is open for reading only', async () => {
		const open = await session((command, { say }, tag) => {
			if (!command.startsWith('SELECT')) return;
			say(`* 2 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n${tag} OK [READ-ONLY] done`);
			return 'answered';
		});
		const folder = await open.session.open('INBOX', { readOnly: false });
		await expect(folder.addFlags([1], ['\\Seen'])).rejects.toMatchObject({
			code: 'refused',
			retry: 'never',
		});
		expect(open.received.join('\n')).not.toContain('STORE');
	});
});
