import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { openAccount } from '../../nodes/n8n/account.ts';
import { readCredential } from '../../nodes/n8n/credential.ts';
import { start, type Sandbox } from '../../sandbox/index.ts';
import { pecCredential } from '../servers/sandboxAccount.ts';

const STUDIO = 'studio@pec.alfa.test';

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await start();
});
afterAll(async () => await sandbox.stop());

function accountWith(changes: Readonly<Record<string, unknown>> = {}) {
	const { data } = pecCredential(sandbox, STUDIO, changes);
	const account = openAccount(readCredential(data as never), () => new Date());
	onTestFinished(async () => await account.close());
	return account;
}

it('tries again to connect after a server that was away for a moment: results wait to be recorded', async () => {
	sandbox.faults.add({ at: 'imap.connection', action: { do: 'drop' } });
	const account = accountWith();
	await expect(account.records()).rejects.toMatchObject({ code: 'connectionLost' });
	await expect(account.records()).resolves.toBeDefined();
});

it('does not ask again with a password that was refused: providers lock mailboxes for it', async () => {
	const account = accountWith({ password: 'sbagliata' });
	await expect(account.imap()).rejects.toMatchObject({ code: 'authRefused' });
	const rule = sandbox.faults.add({ at: 'imap.connection', action: { do: 'drop' } });
	await expect(account.imap()).rejects.toMatchObject({ code: 'authRefused' });
	expect(rule.fired).toBe(0);
	rule.remove();
});
