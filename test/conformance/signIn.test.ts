import { expect, it } from 'vitest';

import { valuesOf } from '../servers/lineClient.ts';
import { capabilitiesOf, overEachServer } from './bench.ts';
import { expected } from './differences.ts';

/** What nodes/ and the tests count on everywhere. */
const COMMON_CORE = [
	...['IMAP4REV1', 'LITERAL+', 'ID', 'ENABLE', 'IDLE', 'NAMESPACE', 'CHILDREN'],
	...['LIST-EXTENDED', 'LIST-STATUS', 'SPECIAL-USE', 'STATUS=SIZE', 'UIDPLUS', 'UNSELECT', 'MOVE'],
	'QUOTA',
];

overEachServer('signing in', (bench) => {
	it('is offered over TLS, and what is common to all is there afterwards', async () => {
		const greeted = await bench.greeted();
		expect(greeted.greeting).toMatch(/^\* OK /);
		expect([...(await capabilitiesOf(greeted))]).toEqual(
			expect.arrayContaining(['IMAP4REV1', 'AUTH=PLAIN', 'SASL-IR']),
		);
		const client = await bench.open();
		expect([...(await capabilitiesOf(client))]).toEqual(expect.arrayContaining(COMMON_CORE));
	});

	it('in clear text is refused, and possible after STARTTLS', async () => {
		const client = await bench.greeted({ secure: false });
		const { user, password } = bench.running().studio;
		const before = await capabilitiesOf(client);
		expect([...before]).toContain('STARTTLS');
		if (expected(bench.name, 'clearTextOnLoopback') === 'refused') {
			expect([...before]).toContain('LOGINDISABLED');
			expect([...before]).not.toContain('AUTH=PLAIN');
			expect((await client.command(`LOGIN "${user}" "${password}"`)).status).toBe('NO');
		}
		await client.startTls();
		const after = await capabilitiesOf(client);
		expect([...after]).toContain('AUTH=PLAIN');
		expect([...after]).not.toContain('STARTTLS');
		expect(await client.command(`LOGIN "${user}" "${password}"`)).toMatchObject({ status: 'OK' });
	});

	it('is what imapflow does by STARTTLS too', async () => {
		const flow = await bench.flow({ startTls: true });
		expect(flow.secureConnection).toBe(true);
		expect(await flow.status('INBOX', { messages: true })).toMatchObject({ path: 'INBOX' });
	});

	it('with a wrong password is refused, and with the right one possible afterwards', async () => {
		const client = await bench.greeted();
		const { user, password } = bench.running().studio;
		const wrong = await client.command(`LOGIN "${user}" sbagliata`);
		expect(wrong.status).toBe('NO');
		expect(wrong.code ?? 'no code').toBe(expected(bench.name, 'wrongPasswordCode'));
		const plain = Buffer.from(`\0${user}\0sbagliata`).toString('base64');
		expect(await client.command(`AUTHENTICATE PLAIN ${plain}`)).toMatchObject({ status: 'NO' });
		expect(await client.command('AUTHENTICATE PLAIN =')).toMatchObject({
			status: expect.stringMatching(/NO|BAD/),
		});
		expect((await client.command(`LOGIN ${user} {${password.length}}`, password)).status).toBe(
			'OK',
		);
	});

	it('by an unknown mechanism is refused', async () => {
		const client = await bench.greeted();
		expect(await client.command('AUTHENTICATE X-NONE')).toMatchObject({
			status: expect.stringMatching(/NO|BAD/),
		});
	});

	it('comes first: commands of later states are refused before, and sign-in after', async () => {
		for (const command of ['LIST "" "*"', 'SELECT INBOX', 'FETCH 1 UID', 'IDLE']) {
			const greeted = await bench.greeted();
			expect(await greeted.command(command), command).toMatchObject({
				status: expect.stringMatching(/NO|BAD/),
			});
		}
		const client = await bench.open();
		expect((await client.command('FETCH 1 UID')).status).toBe('BAD');
		expect((await client.command('UID SEARCH ALL')).status).toBe('BAD');
		expect((await client.command('AUTHENTICATE PLAIN AGEAYg==')).status).toBe('BAD');
	});

	it('is not needed for NOOP, ID and LOGOUT', async () => {
		const client = await bench.greeted();
		await client.ok('NOOP');
		const id = await client.ok('ID ("name" "prova" "version" NIL)');
		expect(valuesOf(id, 'ID')[0]?.[0]).toContain('name');
		const bye = await client.ok('LOGOUT');
		expect(bye.untagged.some((line) => line.startsWith('BYE'))).toBe(true);
	});

	it('leads to one personal namespace with "/" between levels', async () => {
		const client = await bench.open();
		const [personal] = valuesOf(await client.ok('NAMESPACE'), 'NAMESPACE')[0] ?? [];
		expect(personal).toEqual([['', '/']]);
	});

	it('ENABLE names what it switched on, and nothing it does not know', async () => {
		const client = await bench.open();
		const { untagged } = await client.ok('ENABLE X-NONE');
		expect(untagged.filter((line) => line.startsWith('ENABLED'))).toEqual(
			expected(bench.name, 'enableOfNothing') === 'nothing' ? [] : ['ENABLED'],
		);
	});

	it.each(['FROB', 'SELECT', 'FETCH', 'UID FROB 1', 'LIST "a'])(
		'a wrong command is BAD: %s',
		async (command) => {
			const client = await bench.open();
			await client.ok('SELECT INBOX');
			expect((await client.command(command)).status).toBe('BAD');
			await client.ok('NOOP');
		},
	);
});
