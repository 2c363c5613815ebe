import { createTransport } from 'nodemailer';
import { expect, it, onTestFinished } from 'vitest';
import { start, type Dialects } from '../../sandbox/index.ts';
import { Random } from '../random.ts';
import { asOwner } from '../servers/sandboxAccount.ts';
import { ACCEPTANCES } from './acceptancePoints.ts';
import { POINTS } from './points.ts';
import { readMarker } from './rows.ts';

const STUDIO = 'studio@pec.alfa.test';
const MESSAGES = 3;

/** A client that sends a few messages, one after the other, and writes as many records; failures do not stop it. */
async function setUp(name: string, seed: number, dialects: Dialects = ACCEPTANCES) {
	const sandbox = await start({ dialects });
	onTestFinished(async () => await sandbox.stop());
	/** How many messages the provider had taken when n8n was killed. */
	const killedAt: number[] = [];
	const scene = {
		sandbox,
		hosts: [{ kill: () => void killedAt.push(sandbox.log.submissions().length) }],
		account: STUDIO,
		rows: MESSAGES,
		random: new Random(seed),
	};
	const trouble = POINTS.find((point) => point.name === name)?.arm(scene);
	onTestFinished(() => trouble?.end());
	const send = async (row: number) => {
		const transport = createTransport({
			...sandbox.smtp,
			auth: { user: STUDIO, pass: 'prova-alfa' },
			tls: { ca: sandbox.tlsCa },
		});
		await transport
			.sendMail({
				from: STUDIO,
				to: 'cliente01@pec.beta.test',
				subject: `crash 1 ${name} #R${row}`,
				text: 'Buongiorno. '.repeat(100),
			})
			.catch(() => undefined);
		transport.close();
	};
	const record = async () =>
		await asOwner(
			sandbox,
			STUDIO,
			async (client) => await client.append('Bozze', 'Subject: record\r\n\r\n.\r\n'),
		).catch(() => undefined);
	const work = async () => {
		for (let row = 0; row < MESSAGES; row += 1) {
			await record();
			await send(row);
		}
		await sandbox.settled();
	};
	const taken = () =>
		sandbox.log.submissions().map(({ subject }) => Number(readMarker(subject)?.rowKey.slice(1)));
	return { trouble, killedAt, work, taken };
}

const SEEDS = [1, 2];

it.each(POINTS.filter(({ startsOn }) => startsOn.length === 1).map(({ name }) => [name]))(
	'%s strikes once work is done, and not before',
	async (name) => {
		const { trouble, work } = await setUp(name, 1);
		expect(trouble?.struck([])).toBe(false);
		await work();
		expect(trouble?.struck([])).toBe(true);
	},
);

it.each([['acceptance.late'], ['acceptance.never'], ['kill.acceptance.late']])(
	'%s does not strike where acceptances come in time',
	async (name) => {
		const { trouble, work } = await setUp(name, 1, {});
		await work();
		expect(trouble?.struck([])).toBe(false);
	},
);

it.each([
	['kill.beforeData', 0, 0],
	['kill.withinData', 0, 0],
	['kill.afterDot', 0, 1],
	['kill.after250', 1, 1],
])('%s: of the message under way the provider has taken %i to %i', async (name, least, most) => {
	for (const seed of SEEDS) {
		const { work, killedAt } = await setUp(name, seed);
		await work();
		expect(killedAt).toHaveLength(1);
		const ofThatRow = (killedAt[0] ?? NaN) - rowUnderWay(name, seed);
		expect(ofThatRow).toBeGreaterThanOrEqual(least);
		expect(ofThatRow).toBeLessThanOrEqual(most);
	}
});

/** The place in the conversation is chosen first, then the row. */
function rowUnderWay(name: string, seed: number): number {
	const random = new Random(seed);
	if (name === 'kill.afterDot') random.next();
	return random.between(0, MESSAGES - 1);
}

it.each([
	['network.cutBeforeData', MESSAGES - 1],
	['network.cutWithinData', MESSAGES - 1],
	['network.cutAfter250', MESSAGES],
	['kill.withinData', MESSAGES - 1],
])('%s leaves the provider with %i messages', async (name, count) => {
	for (const seed of SEEDS) {
		const { work, taken } = await setUp(name, seed);
		await work();
		expect(new Set(taken()).size).toBe(count);
		expect(taken()).toHaveLength(count);
	}
});
