import { describe, expect, it, onTestFinished } from 'vitest';
import { DOVECOT_MISSING, dovecotPath, startDovecot } from '../servers/dovecot.ts';
import { STUDIO } from './flows.ts';
import { FORGETFUL, openTriggerDesk } from './triggerDesk.ts';

const missing = dovecotPath() === undefined;

/** After that the sandbox's provider tries again to deliver. */
const NEXT_DELIVERY_MS = 5 * 60_000;

/** The studio's mailbox on Dovecot, into which the sandbox delivers; its trigger has had its first message. */
async function setUp() {
	const dovecot = await startDovecot([{ user: STUDIO, password: 'prova-alfa' }]);
	onTestFinished(async () => await dovecot.stop());
	const desk = await openTriggerDesk(
		{},
		{ sandboxOptions: { mailboxes: dovecot }, settings: FORGETFUL },
	);
	await desk.activate();
	await desk.arrive('before');
	await desk.register.until(1);
	return { dovecot, desk };
}

describe(`PEC Trigger over Dovecot${missing ? ` (${DOVECOT_MISSING})` : ''}`, () => {
	it.skipIf(missing)('connects again when the administrator throws it out', async () => {
		const { dovecot, desk } = await setUp();
		await dovecot.kick(STUDIO);
		await desk.arrive('after the kick');
		expect(await desk.effects()).toEqual(['after the kick', 'before']);
	});

	it.skipIf(missing)('connects again when the process of its connection is killed', async () => {
		const { dovecot, desk } = await setUp();
		expect(await dovecot.signal(STUDIO, 'SIGKILL')).toBe(1);
		await desk.arrive('after the kill');
		expect(await desk.effects()).toEqual(['after the kill', 'before']);
	});

	it.skipIf(missing)('goes on when the process of its connection stood still', async () => {
		const { dovecot, desk } = await setUp();
		expect(await dovecot.signal(STUDIO, 'SIGSTOP')).toBe(1);
		await desk.arrive('while it stood still');
		expect(desk.register.entries).toEqual(['before']);
		expect(await dovecot.signal(STUDIO, 'SIGCONT')).toBe(1);
		expect(await desk.effects()).toEqual(['before', 'while it stood still']);
	});

	it.skipIf(missing)('catches up after Dovecot was started again', async () => {
		const { dovecot, desk } = await setUp();
		await dovecot.kill();
		await desk.logged(/IMAP server .* trying again/);
		await desk.arrive('while it was down');
		await dovecot.start();
		await desk.sandbox.advance(NEXT_DELIVERY_MS);
		expect(await desk.effects()).toEqual(['before', 'while it was down']);
	});
});
