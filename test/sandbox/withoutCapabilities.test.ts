import { ImapFlow } from 'imapflow';
import { describe, expect, it, onTestFinished } from 'vitest';
import { start } from '../../sandbox/index.ts';
import type { Sandbox, SandboxOptions } from '../../sandbox/index.ts';

async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
	const sandbox = await start(options);
	onTestFinished(() => sandbox.stop());
	return sandbox;
}

async function offered(sandbox: Sandbox): Promise<ReadonlySet<string>> {
	const [account] = sandbox.accounts;
	const client = new ImapFlow({
		...sandbox.imap,
		auth: { user: account?.user ?? '', pass: account?.password },
		tls: { ca: sandbox.tlsCa },
		logger: false,
	});
	await client.connect();
	const names = new Set(client.capabilities.keys());
	await client.logout();
	return names;
}

describe('a sandbox without some capabilities', () => {
	it('starts so, and changes while it runs', async () => {
		const sandbox = await startSandbox({ withoutCapabilities: ['QUOTA', 'idle'] });
		const poor = await offered(sandbox);
		expect([poor.has('QUOTA'), poor.has('IDLE'), poor.has('MOVE')]).toEqual([false, false, true]);
		sandbox.withoutCapabilities(['MOVE']);
		const other = await offered(sandbox);
		expect([other.has('QUOTA'), other.has('IDLE'), other.has('MOVE')]).toEqual([true, true, false]);
		sandbox.withoutCapabilities([]);
		expect(await offered(sandbox)).toContain('MOVE');
		expect(() => sandbox.withoutCapabilities(['SMOVE'])).toThrow(RangeError);
	});

	it('does not start without what it never had', async () => {
		await expect(start({ withoutCapabilities: ['SMOVE'] })).rejects.toThrow(RangeError);
	});
});
