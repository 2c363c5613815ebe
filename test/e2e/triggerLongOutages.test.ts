import { expect, it, onTestFinished } from 'vitest';
import { dovecotPath, startDovecot } from '../servers/dovecot.ts';
import { STUDIO } from './flows.ts';
import { cut, openTriggerDesk, type TriggerDesk } from './triggerDesk.ts';

/** Four minutes: a silent connection counts as dead after two, and the next try may be a minute away. */
const LONGEST_MS = 240_000;

async function caughtUp(desk: TriggerDesk, subjects: readonly string[]): Promise<void> {
	await desk.register.until(subjects.length, LONGEST_MS);
	expect(await desk.effects()).toEqual(subjects);
	expect(await desk.rest.publication(desk.id)).toMatchObject({ status: 'published' });
}

async function refusedPassword(): Promise<void> {
	const desk = await openTriggerDesk();
	await desk.activateAndIdle();
	const account = desk.sandbox.store.account(STUDIO);
	if (account) account.password = 'changed at the provider';
	await cut(desk.sandbox);
	await desk.logged(new RegExp(`:${desk.sandbox.imap.port} refused the sign-in.*trying again`));
	await desk.arrive('while the password was refused');
	await desk.changeCredential({ password: 'changed at the provider' });
	await caughtUp(desk, ['while the password was refused']);
}

async function idleNeverConfirmed(): Promise<void> {
	const desk = await openTriggerDesk();
	const stalled = desk.sandbox.faults.add({
		at: 'imap.command',
		command: 'IDLE',
		action: { do: 'stall' },
	});
	await desk.activate();
	await stalled.happened();
	await desk.arrive('while it waited for IDLE');
	await caughtUp(desk, ['while it waited for IDLE']);
	expect(desk.sandbox.connections()).toBe(1);
}

/** Its connection stays established all the while. */
async function processStandsStill(): Promise<void> {
	if (dovecotPath() === undefined) return;
	const dovecot = await startDovecot([{ user: STUDIO, password: 'prova-alfa' }]);
	onTestFinished(async () => await dovecot.stop());
	const desk = await openTriggerDesk({}, { sandboxOptions: { mailboxes: dovecot } });
	await desk.activate();
	await desk.arrive('before');
	await desk.register.until(1);
	expect(await dovecot.signal(STUDIO, 'SIGSTOP')).toBe(1);
	await desk.arrive('while it stood still');
	await caughtUp(desk, ['before', 'while it stood still']);
}

it(
	'PEC Trigger catches up by itself, each message once, after a password was refused, IDLE was never confirmed, and the ' +
		"server's process stood still for good",
	async () => {
		// Each takes minutes, so they are waited for side by side.
		await Promise.all([refusedPassword(), idleNeverConfirmed(), processStandsStill()]);
	},
	LONGEST_MS + 120_000,
);
