import { expect, it, onTestFinished } from 'vitest';
import { start } from '../../sandbox/index.ts';
import { Random } from '../random.ts';
import { asOwner } from '../servers/sandboxAccount.ts';
import { RECORDS_FOLDER } from '../servers/watchRecords.ts';
import { KILL_IN_LINE } from './linePoints.ts';

const STUDIO = 'studio@pec.alfa.test';
const [DEAD, FIRST, SECOND] = ['0a'.repeat(10), '1b'.repeat(10), '2c'.repeat(10)] as const;

/** A mailbox in which a run left its claim that was killed long ago. */
async function setUp(seed: number) {
	const sandbox = await start();
	onTestFinished(async () => await sandbox.stop());
	const claim = async (nonce: string, step = 'claim') =>
		await asOwner(sandbox, STUDIO, async (client) => {
			await client.mailboxCreate(RECORDS_FOLDER);
			const subject = `n8n PEC record 1 leases <${nonce}>`;
			const body = Buffer.from(JSON.stringify({ version: 1, type: 'leases', step }));
			const message = `Subject: ${subject}\r\n\r\n${body.toString('base64')}\r\n`;
			await client.append(RECORDS_FOLDER, message);
		});
	await claim(DEAD);
	const killed: number[] = [];
	const hosts = [0, 1].map((number) => ({ kill: () => void killed.push(number) }));
	const trouble = KILL_IN_LINE.arm({
		sandbox,
		hosts,
		account: STUDIO,
		rows: 3,
		random: new Random(seed),
	});
	onTestFinished(() => trouble.end());
	return { claim, killed, trouble };
}

it('kills one n8n of two, once, and not before both runs have their claim', async () => {
	const { claim, killed, trouble } = await setUp(1);
	await claim(FIRST);
	await claim(FIRST);
	expect(killed).toEqual([]);
	expect(trouble.struck([])).toBe(false);
	for (let records = 0; records < 5; records += 1) await claim(SECOND);
	expect(killed).toHaveLength(1);
	expect(trouble.struck([])).toBe(true);
});

it('kills nobody when one run comes after the other has left', async () => {
	const { claim, killed } = await setUp(1);
	await claim(FIRST);
	await claim(FIRST, 'release');
	for (let records = 0; records < 5; records += 1) await claim(SECOND);
	expect(killed).toEqual([]);
});

it('kills now the one, now the other', async () => {
	const killed = new Set<number | undefined>();
	for (const seed of [1, 7]) {
		const scene = await setUp(seed);
		await scene.claim(FIRST);
		for (let records = 0; records < 4; records += 1) await scene.claim(SECOND);
		killed.add(scene.killed[0]);
	}
	expect([...killed].toSorted()).toEqual([0, 1]);
});
