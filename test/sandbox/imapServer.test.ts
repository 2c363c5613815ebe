import { describe, expect, it } from 'vitest';
import { startDesk } from './imapDesk.ts';
import type { Desk } from './imapDesk.ts';

describe('ImapServer', () => {
	it('goes down with every connection, and comes back on the same ports with the same mail', async () => {
		const desk = await startDesk();
		desk.account.deliver(Buffer.from('A: b\r\n\r\n'));
		const client = await desk.client();
		await client.mailboxOpen('INBOX');
		const closed = new Promise((resolve) => client.once('close', () => resolve(true)));
		const idling = client.idle();
		await desk.server.goDown();
		expect(await closed).toBe(true);
		await idling;
		expect(desk.server.connections).toBe(0);
		await expect(desk.client()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
		await expect(desk.client({ startTls: true })).rejects.toMatchObject({ code: 'ECONNREFUSED' });

		await desk.server.comeBack();
		const again = await desk.client();
		expect((await again.mailboxOpen('INBOX')).exists).toBe(1);
		await desk.client({ startTls: true });
	});

	it.each([
		['LOGOUT', () => undefined],
		['NOOP', (desk: Desk) => desk.account.folder('INBOX')?.resetUidValidity()],
	])('did what was sent behind the BYE of a %s: it is not read any more', async (command, run) => {
		const desk = await startDesk();
		const wire = await desk.wire();
		await wire.command('SELECT INBOX');
		desk.faults.add({ at: 'imap.command', command, action: { do: 'call', run: () => run(desk) } });
		wire.send(`a ${command}\r\nb APPEND Bozze {8+}\r\nA: b\r\n\r\n\r\n`);
		expect(await wire.untilClosed()).toMatch(/^\* BYE /m);
		expect(desk.account.folder('Bozze')?.messages).toEqual([]);
	});

	it('counted connections after it had cut them: none is open once it went down', async () => {
		const desk = await startDesk();
		for (const secure of [false, true, false, true]) await desk.wire({ secure });
		await desk.server.goDown();
		expect(desk.server.connections).toBe(0);
	});

	it('drops connections in the middle of a fetch and goes on listening', async () => {
		const desk = await startDesk();
		for (let i = 0; i < 20; i += 1) desk.account.deliver(Buffer.alloc(1_000_000, 0x41));
		const [fetching] = await Promise.all([desk.client(), desk.client(), desk.wire()]);
		await fetching.mailboxOpen('INBOX');
		expect(desk.server.connections).toBe(3);
		const read = (async () => {
			let messages = 0;
			for await (const message of fetching.fetch('1:*', { source: true })) {
				messages += message.source === undefined ? 0 : 1;
				if (messages === 1) expect(desk.server.dropConnections()).toBe(3);
			}
			return messages;
		})();
		await expect(read).rejects.toMatchObject({ code: 'NoConnection' });
		await desk.client();
		expect(desk.server.connections).toBe(1);
	});

	it('lets a client go that closes or resets while it idles, fetches or says nothing', async () => {
		const desk = await startDesk();
		desk.account.deliver(Buffer.alloc(5_000_000, 0x41));
		const wires = await Promise.all([desk.wire(), desk.wire(), desk.wire(), desk.wire()]);
		const [idling, fetching, silent, lost] = wires;
		idling.send('i IDLE\r\n');
		await idling.until(/^\+ idling\r\n/);
		await fetching.command('SELECT INBOX');
		fetching.send('f FETCH 1 BODY.PEEK[]\r\ng FETCH 1 BODY.PEEK[]\r\nh FETCH 1 BODY.PEEK[]\r\n');
		await fetching.until(/BODY\[\]/);
		lost.send('l IDLE\r\n');
		await lost.until(/^\+ idling\r\n/);
		for (const wire of [idling, fetching, silent]) wire.destroy();
		lost.reset();
		await expect.poll(() => desk.server.connections).toBe(0);
	});

	it('hangs up on a client whose TLS breaks, and on no other', async () => {
		const desk = await startDesk();
		const [broken, sound] = await Promise.all([desk.wire(), desk.wire()]);
		broken.corrupt();
		await broken.untilClosed();
		expect(await sound.command('NOOP')).toBe('T OK done\r\n');
	});

	it('refuses to start twice, and gives the first port back when the second is taken', async () => {
		const desk = await startDesk();
		await expect(desk.server.start()).rejects.toThrow();
		const other = await startDesk();
		await other.server.stop();
		await expect(
			other.server.start({ tls: other.ports.tls, startTls: desk.ports.startTls }),
		).rejects.toMatchObject({ code: 'EADDRINUSE' });
		await other.server.start({ tls: other.ports.tls });
	});

	it('answers LOGOUT with BYE and hangs up', async () => {
		const desk = await startDesk();
		const wire = await desk.wire();
		expect(await wire.command('LOGOUT')).toBe('* BYE until next time\r\nT OK signed out\r\n');
		expect(await wire.untilClosed()).toBe('');
	});

	it('introduces itself, and answers ENABLE, NAMESPACE and what it does not know', async () => {
		const desk = await startDesk();
		const wire = await desk.wire();
		expect(await wire.command('ID ("name" "x" "version" NIL)')).toMatch(/^\* ID \("name" /);
		expect(await wire.command('ID NIL')).toMatch(/T OK/);
		expect(await wire.command('ENABLE CONDSTORE UTF8=ACCEPT')).toBe(
			'* ENABLED CONDSTORE UTF8=ACCEPT\r\nT OK done\r\n',
		);
		expect(await wire.command('NAMESPACE')).toContain('* NAMESPACE (("" "/")) NIL NIL');
		expect(await wire.command('NOOP x')).toMatch(/^T BAD/);
		expect(await wire.command('SEGRETA x')).toBe('T BAD unknown command\r\n');
		expect(await wire.command('UID NOOP')).toBe('T BAD unknown command\r\n');
	});

	it.each([
		['UIDPLUS', 'UID EXPUNGE 1'],
		['QUOTA', 'GETQUOTAROOT INBOX'],
		['IDLE', 'IDLE'],
		['MOVE', 'MOVE 1 Archivio'],
		['UNSELECT', 'UNSELECT'],
		['NAMESPACE', 'NAMESPACE'],
		['ID', 'ID NIL'],
		['STATUS=SIZE', 'STATUS INBOX (SIZE)'],
		['LIST-STATUS', 'LIST "" * RETURN (STATUS (MESSAGES))'],
	])('can be built without %s, and then does not know %s', async (capability, command) => {
		const [poor, rich] = await Promise.all([startDesk({ without: [capability] }), startDesk()]);
		for (const [desk, knows] of [
			[poor, false],
			[rich, true],
		] as const) {
			const wire = await desk.wire();
			const offered = (await wire.command('CAPABILITY')).split(/\s+/);
			expect(offered.includes(capability)).toBe(knows);
			await wire.command('SELECT INBOX');
			if (command === 'IDLE' && knows) continue;
			expect((await wire.command(command)).includes('T BAD ')).toBe(!knows);
		}
	});

	it('says no UIDs and no special uses without the extensions', async () => {
		const desk = await startDesk({ without: ['UIDPLUS', 'SPECIAL-USE', 'STARTTLS'] });
		const wire = await desk.wire();
		expect(await wire.command('APPEND INBOX {1+}\r\nx')).toBe('T OK appended\r\n');
		await wire.command('SELECT INBOX');
		expect(await wire.command('COPY 1 Archivio')).toBe('T OK copied\r\n');
		expect(await wire.command('LIST "" Inviata')).toContain('(\\HasNoChildren) "/" "Inviata"');
		await expect(desk.client({ startTls: true })).rejects.toMatchObject({ tlsFailed: true });
	});
});
