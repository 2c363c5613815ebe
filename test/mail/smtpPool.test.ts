import { afterEach, describe, expect, it } from 'vitest';
import { openSmtpPool } from '../../nodes/mail/smtpPool.ts';
import type { SmtpSession } from '../../nodes/mail/types.ts';
import { start, type Sandbox, type SandboxOptions } from '../../sandbox/index.ts';
import { accountOf } from '../PecTrigger/watching.ts';
import { STUDIO } from '../PecTrigger/mailbox.ts';

let sandbox: Sandbox;
let pool: SmtpSession | undefined;

async function open(connections: number, options: SandboxOptions = {}): Promise<SmtpSession> {
	sandbox = await start(options);
	pool = await openSmtpPool(accountOf(sandbox, STUDIO), { connections });
	return pool;
}

afterEach(async () => {
	await pool?.close();
	await sandbox.stop();
});

const letters = (count: number) =>
	Array.from({ length: count }, (_, index) => ({
		raw: Buffer.from(
			`From: ${STUDIO}\r\nTo: cliente01@pec.beta.test\r\nSubject: ${index}\r\nMessage-ID: <${index}@pec.alfa.test>\r\n\r\nx\r\n`,
		),
		from: STUDIO,
		to: ['cliente01@pec.beta.test'],
	}));

const submitted = () => sandbox.log.entries().filter(({ type }) => type === 'submission');

describe('a pool of connections', () => {
	it('submits every message once, several at a time', async () => {
		const opened = await open(5);
		const answers = await Promise.all(letters(50).map(async (draft) => await opened.submit(draft)));
		expect(new Set(answers.map(({ verdict }) => verdict))).toEqual(new Set(['submitted']));
		expect(submitted()).toHaveLength(50);
	});

	it('gets by with what the provider allows', async () => {
		const opened = await open(5, { limits: { smtpConnections: 2 } });
		const answers = await Promise.all(letters(20).map(async (draft) => await opened.submit(draft)));
		expect(answers.filter(({ verdict }) => verdict === 'submitted')).toHaveLength(20);
		expect(submitted()).toHaveLength(20);
	});
});
