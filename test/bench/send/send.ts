import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import type { AccountSettings } from '../../../nodes/mail/types.ts';
import { start } from '../../../sandbox/index.ts';
import { prepareEditor } from '../../prepareEditor.ts';
import { compete, type Pace } from '../contest.ts';
import { compileLibrary } from '../library.ts';
import { rowOf, type Row } from '../rows.ts';
import type { Work } from '../works.ts';
import { SMTP_SOURCE, type Settings } from './contestants.ts';
import { EMAIL_SEND, measureEmailSend } from './emailSend.ts';
import { SENDER } from './letters.ts';
import { startSink } from './sink.ts';

const QUICK: Pace = { rounds: 2, milliseconds: 50, warmUp: 100 };
const FULL: Pace = { rounds: 9, milliseconds: 1_500, warmUp: 1_500 };

const CONNECTIONS = [1, 5, 10] as const;

/** What is sent, and whether anything is asked of it. */
interface Mailing {
	readonly name: string;
	readonly bytes: number;
	readonly messages: number;
	readonly connections: number;
	readonly bar: number;
}

const POOL_BAR = 0.8;

function mailingsOf(quick: boolean): Mailing[] {
	const small = { name: '1 kB', bytes: 1_000, messages: quick ? 500 : 1_000 };
	const large = { name: '1 MB', bytes: 1_000_000, messages: quick ? 30 : 200 };
	const asked = [small, large].flatMap((size) =>
		CONNECTIONS.map((connections) => ({ ...size, connections, bar: POOL_BAR })),
	);
	const grown = quick ? [] : GROWTH.map((messages) => ({ ...small, messages, connections: 5 }));
	return [...asked, ...grown.map((size) => ({ ...size, bar: 0 }))];
}

/** How the start of a mailing tells: it costs the same for one message and for thousands. */
const GROWTH = [10, 100, 10_000];

const EMAIL_SEND_BAR = 5;
const EMAIL_SEND_MESSAGES = 100;

function isInstalled(program: string): boolean {
	return spawnSync(program, ['-h']).error === undefined;
}

function overConnections(connections: number): string {
	return `${connections} connection${connections === 1 ? '' : 's'}`;
}

export const send: Work = {
	name: 'send',
	purpose: "sending a mailing with its records, against nodemailer's pool and n8n's Email Send",
	needs: [],
	notes: [
		'All send to the same sink, a mail server in a process of its own that takes a message whole and keeps none, over TLS and signed in, without a delay before its greeting. Ours is a whole mailing with a name of its own: receipts and records are read from the sandbox by IMAP, rows are planned, intents and results are recorded; the messages are ready-made, as for nodemailer, whose pool keeps nothing and knows nothing afterwards. Pools and connections stay open from run to run; what a mailing recorded is removed after it, unmeasured, since an account sends no second one in the same second. A mailing begins with the sending lease, a look at receipts and records, and its plan: that costs the same however many messages follow, so a mailing of ten is mostly that, and is shown.',
		`The floor is Postfix's \`${SMTP_SOURCE}\` over as many connections, without TLS and sign-in; it is empty where that is not installed. Against Email Send both nodes run in one n8n in turns, ${EMAIL_SEND_MESSAGES} items of 1 kB each, composed by the nodes; the time is n8n's own for the node. Limits of a minute are lifted for ours.`,
	],
	run: async ({ workFolder, quick, rounds, tell }): Promise<Row[]> => {
		const pace = { ...(quick ? QUICK : FULL), ...(rounds === undefined ? {} : { rounds }) };
		const library = await compileLibrary(tell);
		const hasFloor = isInstalled(SMTP_SOURCE);
		if (!hasFloor) tell(`${SMTP_SOURCE} (Postfix) is not installed: there is no floor.`);
		const sandbox = await start();
		const sink = await startSink();
		try {
			const account: AccountSettings = {
				address: SENDER,
				user: SENDER,
				password: sandbox.accounts.find(({ address }) => address === SENDER)?.password ?? '',
				imap: { host: 'localhost', port: sandbox.imap.port, secure: true },
				smtp: { host: 'localhost', port: sink.port, secure: true },
				tlsCa: sandbox.tlsCa + sink.tlsCa,
			};
			const rows: Row[] = [];
			for (const { name, bytes, messages, connections, bar } of mailingsOf(quick)) {
				const what = `${messages.toLocaleString('en')} of ${name} each, ${overConnections(connections)}`;
				tell(`Measuring ${what}…`);
				const { plainPort } = sink;
				const settings: Settings = { library, account, plainPort, connections, bytes, messages };
				const measured = await compete({
					module: new URL('contestants.ts', import.meta.url).href,
					contestants: ['ours', 'pool', ...(hasFloor ? ['smtpSource'] : [])],
					settings,
					pace,
				});
				const comparison = {
					work: `a mailing, ${what}`,
					against: "nodemailer's pool (no records)",
					bar,
					ours: 'ours',
					theirs: 'pool',
					...(hasFloor ? { floor: 'smtpSource' } : {}),
				};
				rows.push(rowOf(comparison, measured, new Set(['smtpSource'])));
			}
			tell(`Measuring beside ${EMAIL_SEND}…`);
			const folder = join(workFolder, 'send');
			mkdirSync(folder);
			const inEditor = await measureEmailSend({
				parts: await prepareEditor(),
				...{ folder, sandbox, sink },
				rounds: pace.rounds,
				messages: quick ? 25 : EMAIL_SEND_MESSAGES,
				bytes: 1_000,
			});
			const asked = {
				work: 'a mailing in n8n, 1 kB each',
				against: EMAIL_SEND,
				bar: EMAIL_SEND_BAR,
				ours: 'PEC Send',
				theirs: EMAIL_SEND,
			};
			rows.push(rowOf(asked, inEditor, new Set(['PEC Send', EMAIL_SEND])));
			return rows;
		} finally {
			sink.stop();
			await sandbox.stop();
		}
	},
};
