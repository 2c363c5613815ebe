import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { startDesk } from './imapDesk.ts';

/** As streams that go on. */
const UNFINISHED = { finishFlush: constants.Z_SYNC_FLUSH };

describe('COMPRESS=DEFLATE (RFC 4978)', () => {
	it('is used by imapflow, and carries every byte both ways', async () => {
		const desk = await startDesk();
		const client = await desk.client();
		const raws = [
			Buffer.alloc(3_000_000, 0x41),
			randomBytes(3_000_000),
			Buffer.from('A: b\r\n\r\n'),
		];
		for (const raw of raws) await client.append('INBOX', raw);
		const lock = await client.getMailboxLock('INBOX');
		const fetched = await client.fetchAll('1:*', { source: true });
		lock.release();
		expect(fetched.map(({ source }, i) => source?.equals(raws[i] ?? Buffer.alloc(0)))).toEqual([
			true,
			true,
			true,
		]);
		expect(
			desk.account.folder('INBOX')?.messages.map(({ raw }, i) => raw.equals(raws[i] ?? raw)),
		).toEqual([true, true, true]);
		expect(desk.log.map(({ command, status }) => `${command} ${status}`)).toContain('COMPRESS OK');
	});

	it('lets imapflow idle and hear of news', async () => {
		const desk = await startDesk();
		const client = await desk.client();
		await client.mailboxOpen('INBOX');
		const told = new Promise((resolve) => client.once('exists', resolve));
		const idling = client.idle();
		desk.account.deliver(Buffer.from('A: b\r\n\r\n'));
		expect(await told).toMatchObject({ count: 1 });
		await client.noop();
		await idling;
		await client.logout();
	});

	it('compresses whatever follows the OK, and refuses what it cannot do', async () => {
		const desk = await startDesk();
		const wire = await desk.wire();
		expect(await wire.command('COMPRESS')).toMatch(/^T BAD/);
		expect(await wire.command('COMPRESS LZ4')).toMatch(/^T BAD/);
		expect(await wire.command('COMPRESS DEFLATE')).toBe('T OK compressing\r\n');
		const commands = Buffer.from('a NOOP\r\nb COMPRESS DEFLATE\r\nc LOGOUT\r\n');
		wire.send(deflateRawSync(commands, UNFINISHED).toString('latin1'));
		const answers = Buffer.from(await wire.untilClosed(), 'latin1');
		expect(inflateRawSync(answers, UNFINISHED).toString()).toMatch(
			/^a OK done\r\nb NO \[COMPRESSIONACTIVE\] .*\r\n\* BYE .*\r\nc OK signed out\r\n$/,
		);
	});

	it('hangs up on a client that goes on in clear', async () => {
		const desk = await startDesk();
		const wire = await desk.wire();
		wire.send('a COMPRESS DEFLATE\r\nb NOOP\r\n');
		expect(await wire.until(/\r\n/)).toBe('a OK compressing\r\n');
		await wire.untilClosed();
		await expect.poll(() => desk.server.connections).toBe(0);
	});

	it('takes no more of a stream that swells than of any other', async () => {
		const desk = await startDesk();
		const wire = await desk.wire();
		await wire.command('COMPRESS DEFLATE');
		wire.send(deflateRawSync(Buffer.alloc(100_000_000, 0x41)).toString('latin1'));
		await wire.untilClosed();
		await expect.poll(() => desk.server.connections).toBe(0);
	});
});
