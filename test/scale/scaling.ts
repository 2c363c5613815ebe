import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { start, type Sandbox } from '../../sandbox/index.ts';
import type { FaultAction, FaultRule } from '../../sandbox/faults/rules.ts';
import { PARENT_WATCH_ARGUMENTS } from '../../scripts/childGroup.ts';
import { judge, type Judgement } from './judge.ts';
import type { MailerNews, MailerOrder } from './mailer.ts';
import { LATE, scaleRows } from './rows.ts';

const STUDIO = 'studio@pec.alfa.test';
const HOUR_MS = 3_600_000;
const HOOKS = new URL('../nodeSources.ts', import.meta.url).href;

export interface ScaleOptions {
	readonly rows: number;
	readonly connections: number;
	/** Arguments of the mailer's Node, e.g. to profile it. */
	readonly execArgv?: readonly string[];
}

export interface ScaleResult extends Judgement {
	readonly rows: number;
	/** How often each fault struck. */
	readonly strikes: Readonly<Record<string, number>>;
	readonly sending: Omit<MailerNews, 'told'>;
	readonly following: Omit<MailerNews, 'told'>;
}

const answer = (reply: number, text: string): FaultAction => ({ do: 'answer', reply, text });
const DROP: FaultAction = { do: 'drop' };

/** Each at one in a hundred, whichever rows that meets. */
const FAULTS: Readonly<Record<string, Pick<FaultRule, 'at' | 'command' | 'skip' | 'action'>>> = {
	refused: { at: 'smtp.command', command: 'RCPT', skip: 7, action: answer(550, '5.7.1 Refused') },
	putOff: { at: 'smtp.command', command: 'RCPT', skip: 23, action: answer(454, '4.7.0 Later') },
	cutBeforeData: { at: 'smtp.command', command: 'DATA', skip: 33, action: DROP },
	// whether the dot was written by then is the client's secret
	cutInData: { at: 'smtp.body', skip: 41, action: DROP },
	cutTaken: { at: 'smtp.accepted', skip: 57, action: DROP },
	cutNotTaken: { at: 'smtp.dot', skip: 71, action: DROP },
};

/** A mailing of so many rows with faults of every kind, sent until nothing is left to send, then followed. */
export async function scale(options: ScaleOptions): Promise<ScaleResult> {
	const rows = scaleRows(options.rows);
	const sandbox = await start({
		dialects: { slow: [{ subject: `*${LATE}`, acceptance: { delayMs: HOUR_MS } }] },
	});
	const mailer = startMailer(options.execArgv ?? []);
	try {
		const rules = Object.entries(FAULTS).map(([name, rule]) => {
			const standing: FaultRule = { ...rule, name, account: STUDIO, every: 100, times: 'always' };
			return { name, handle: sandbox.faults.add(standing) };
		});
		const order = orderFor(sandbox, options);
		const { told: _, ...sending } = await mailer.ask({ ...order, ask: 'send' });
		const strikes = Object.fromEntries(rules.map(({ name, handle }) => [name, handle.fired]));
		await sandbox.settled();
		await sandbox.advance(2 * HOUR_MS);
		const { told, ...following } = await mailer.ask({ ...order, ask: 'follow' });
		const notTaken = strikes.cutNotTaken ?? 0;
		const judgement = judge(rows, told, {
			taken: sandbox.log.submissions().map(({ subject = '' }) => subject),
			refused: strikes.refused ?? 0,
			notTaken: [notTaken, notTaken + (strikes.cutInData ?? 0)],
		});
		return { rows: options.rows, strikes, sending, following, ...judgement };
	} finally {
		mailer.stop();
		await sandbox.stop();
	}
}

function orderFor(
	{ imap, smtp, tlsCa, pecCa, accounts }: Sandbox,
	{ rows, connections }: ScaleOptions,
): Omit<MailerOrder, 'ask'> {
	const { user = '', password = '' } = accounts.find(({ address }) => address === STUDIO) ?? {};
	const account = { address: STUDIO, user, password, imap, smtp, tlsCa };
	return { account, mailing: 'Scale', rows, connections, pecCa };
}

function startMailer(execArgv: readonly string[]) {
	const child = fork(fileURLToPath(new URL('mailer.ts', import.meta.url)), {
		// prettier-ignore
		execArgv: [...PARENT_WATCH_ARGUMENTS, '--import', HOOKS, '--expose-gc',
			'--disable-warning=MODULE_TYPELESS_PACKAGE_JSON', ...execArgv],
		env: { ...process.env, N8N_NODES_PEC_PARENT: 'channel' },
	});
	return {
		ask: async (order: MailerOrder): Promise<MailerNews> => {
			const ended = new AbortController();
			const onExit = () => ended.abort();
			child.once('exit', onExit);
			try {
				child.send(order);
				const [answered] = (await once(child, 'message', { signal: ended.signal })) as [
					{ readonly news?: MailerNews; readonly fault?: string },
				];
				if (answered.news) return answered.news;
				throw new Error(`The mailer failed: ${answered.fault}`);
			} finally {
				child.off('exit', onExit);
			}
		},
		stop: () => void child.kill(),
	};
}
