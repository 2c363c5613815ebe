import { afterEach, describe, expect, it } from 'vitest';

import { start, type Sandbox } from '../../sandbox/index.ts';
import { StorageFullError } from '../../sandbox/store/errors.ts';
import { CLIENTE, STUDIO } from './pecDesk.ts';

let sandbox: Sandbox | undefined;
afterEach(async () => await sandbox?.stop());

describe('a disk that is full when a provider delivers', () => {
	it('lost the message: it is kept and tried again, and the sender hears of it once', async () => {
		sandbox = await start({ now: () => new Date('2026-02-01T10:00:00Z') });
		const account = sandbox.store.account(CLIENTE);
		if (account === undefined) throw new Error('no account');
		const deliver = account.deliver.bind(account);
		account.deliver = () => {
			throw new StorageFullError({ cause: undefined });
		};
		await sandbox.sendAs(STUDIO, { to: CLIENTE, subject: 'Avviso', text: 'ciao' });
		await sandbox.settled();
		expect(sandbox.log.ofType('failure')).toEqual([]);
		expect(sandbox.log.ofType('deferred')).toMatchObject([
			{ mailbox: CLIENTE, kind: 'transportEnvelope', nextAttempt: '2026-02-01T10:05:00.000Z' },
		]);
		expect(sandbox.log.deliveries(STUDIO).map(({ wireType }) => wireType)).toEqual([
			'accettazione',
		]);
		account.deliver = deliver;
		await sandbox.advance(5 * 60_000);
		expect(sandbox.log.deliveries(CLIENTE)).toHaveLength(1);
		expect(sandbox.log.deliveries(STUDIO).map(({ wireType }) => wireType)).toEqual([
			'accettazione',
			'avvenuta-consegna',
		]);
	});
});

describe('an envelope that left PEC', () => {
	it('is kept as it left', async () => {
		sandbox = await start();
		const attachments = [{ filename: 'a.bin', content: Buffer.alloc(200_000, 7) }];
		await sandbox.sendAs(STUDIO, { to: 'x@example.com', subject: 'A', text: 'b', attachments });
		await sandbox.settled();
		const [entry] = sandbox.log.ofType('external');
		expect(sandbox.outsideWorld.map(({ recipient, raw }) => [recipient, raw.length])).toEqual([
			['x@example.com', entry?.size],
		]);
	});
});
