import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { openImap } from '../../nodes/mail/imap.ts';
import type { AccountSettings } from '../../nodes/mail/types.ts';
import { createPki, type Pki } from '../../sandbox/pki/hierarchy.ts';
import { openDesk } from '../PecTrigger/watching.ts';
import { startScripted } from '../servers/scriptedServer.ts';

const CAPABILITIES = 'IMAP4rev1 AUTH=PLAIN SASL-IR IDLE NAMESPACE';
const HEADER = 'Subject: x\r\n\r\n';
const SIZED = `FLAGS () RFC822.SIZE ${HEADER.length}`;
const [, DAY, MONTH, YEAR, TIME] = new Date().toUTCString().split(' ');
const DATED = `INTERNALDATE "${DAY}-${MONTH}-${YEAR} ${TIME} +0000"`;
const HEADERS = `BODY[HEADER] {${HEADER.length}}\r\n${HEADER}`;
const WHOLE = `BODY[] {${HEADER.length}}\r\n${HEADER}`;

let pki: Pki;
beforeAll(async () => {
	pki = await createPki({ providers: [], now: new Date(), tls: 'valid' });
});

interface Mailbox {
	/** Messages there are. */
	messages: number;
	/** Messages this session was told of: what SEARCH and FETCH see (RFC 3501 7.4.1). */
	seen: number;
	onStatus?: () => void;
	/** One FETCH answer in two rows. */
	splitsRows?: boolean;
}

async function serve(mailbox: Mailbox): Promise<AccountSettings> {
	let idleTag = '';
	const server = await startScripted({
		tls: pki.tls,
		greet: ({ say }) => say(`* OK [CAPABILITY ${CAPABILITIES}] hi`),
		answer: (line, { say }) => {
			const tellNews = () => {
				if (mailbox.seen === mailbox.messages) return;
				mailbox.seen = mailbox.messages;
				say(`* ${mailbox.seen} EXISTS`);
			};
			if (line === 'DONE') return say(`${idleTag} OK done`);
			const [, tag = '', command = ''] = /^(\S+) (.*)$/.exec(line) ?? [];
			if (command.startsWith('IDLE')) {
				idleTag = tag;
				say('+ idling');
				return tellNews();
			}
			if (command.startsWith('LIST')) say('* LIST () "/" INBOX');
			if (command.startsWith('EXAMINE')) {
				mailbox.seen = mailbox.messages;
				say(`* ${mailbox.seen} EXISTS\r\n* OK [UIDVALIDITY 1] x`);
				say(`* OK [UIDNEXT ${mailbox.messages + 1}] x\r\n${tag} OK [READ-ONLY] done`);
				return;
			}
			if (command.startsWith('NOOP')) tellNews();
			if (command.startsWith('APPEND')) return say(`${tag} NO no room`);
			if (command.startsWith('STATUS')) {
				mailbox.onStatus?.();
				const { messages } = mailbox;
				say(`* STATUS INBOX (MESSAGES ${messages} UIDNEXT ${messages + 1} UIDVALIDITY 1)`);
			}
			const uids = Array.from({ length: mailbox.seen }, (_, index) => index + 1);
			if (command.startsWith('UID SEARCH')) say(`* SEARCH ${uids.join(' ')}`.trim());
			if (command.startsWith('UID FETCH')) {
				const body = command.includes('BODY.PEEK[]') ? ` ${WHOLE}` : '';
				for (const uid of uids) {
					const rest = `${DATED} ${HEADERS}`;
					if (mailbox.splitsRows) {
						say(`* ${uid} FETCH (UID ${uid} ${SIZED}${body})`);
						say(`* ${uid} FETCH (UID ${uid} ${rest})`);
					} else say(`* ${uid} FETCH (UID ${uid} ${SIZED}${body} ${rest})`);
				}
			}
			say(`${tag} OK done`);
		},
	});
	onTestFinished(async () => await server.stop());
	const place = { host: server.host, port: server.port, secure: true };
	return {
		address: 'a@b.it',
		user: 'a',
		password: 'p',
		imap: place,
		smtp: place,
		tlsCa: pki.tlsCa,
	};
}

it('scans a message whose answer comes in two rows', async () => {
	const session = await openImap(await serve({ messages: 1, seen: 1, splitsRows: true }));
	onTestFinished(async () => await session.close());
	const folder = await session.open('INBOX', { readOnly: true });
	expect((await folder.scan([1])).map(({ uid, size }) => [uid, size])).toEqual([
		[1, HEADER.length],
	]);
});

it('does not pass over a message that arrives between NOOP and STATUS', async () => {
	const mailbox: Mailbox = { messages: 0, seen: 0 };
	mailbox.onStatus = () => {
		mailbox.messages = 1;
	};
	const settings = await serve(mailbox);
	const desk = openDesk(settings, { folders: ['INBOX'] });
	onTestFinished(async () => await desk.stop());
	await desk.until(1);
});

it.each([
	['without a code, and the quota has no room', 'NO Troppo', '(STORAGE 9 10)', 'overQuota'],
	['without a code, and the quota has room', 'NO Troppo', '(STORAGE 5 10)', 'refused'],
	['without a code, and there is no quota', 'NO Troppo', '()', 'refused'],
	['with another code, and the quota has no room', 'NO [LIMIT] No', '(STORAGE 9 10)', 'refused'],
])('an APPEND is refused %s: told as such', async (_, answer, quota, code) => {
	const server = await startScripted({
		tls: pki.tls,
		greet: ({ say }) => say('* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR QUOTA LITERAL+] hi'),
		answer: (line, { say }) => {
			const [, tag = '', command = ''] = /^(T\d+|[0-9A-F]+) (\S+)/i.exec(line) ?? [];
			if (command === 'LIST') say('* LIST () "/" INBOX');
			if (command === 'GETQUOTAROOT') say(`* QUOTAROOT INBOX root\r\n* QUOTA root ${quota}`);
			if (tag !== '') say(`${tag} ${command === 'APPEND' ? answer : 'OK done'}`);
		},
	});
	onTestFinished(async () => await server.stop());
	const place = { host: server.host, port: server.port, secure: true };
	const session = await openImap({
		...{ address: 'a@b.it', user: 'a', password: 'p', tlsCa: pki.tlsCa },
		...{ imap: place, smtp: place },
	});
	onTestFinished(async () => await session.close());
	await expect(session.append('INBOX', Buffer.alloc(500, 'x'))).rejects.toMatchObject({ code });
});
