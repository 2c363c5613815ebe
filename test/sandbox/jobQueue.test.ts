import { afterEach, describe, expect, it } from 'vitest';

import { JobQueue } from '../../sandbox/pec/jobQueue.ts';
import { CLIENTE, PecDesk, STUDIO } from './pecDesk.ts';

/** A queue and what happened: `a!` when a was begun, `a` when it acted, `a?` and why when it failed. */
function recorded(): {
	queue: JobQueue;
	seen: string[];
	push: (name: string, until?: Promise<unknown>) => void;
} {
	const seen: string[] = [];
	const queue = new JobQueue((about, error) => seen.push(`${about}? ${String(error)}`));
	const push = (name: string, until?: Promise<unknown>): void =>
		queue.push(name, async () => {
			seen.push(`${name}!`);
			await until;
			return () => void seen.push(name);
		});
	return { queue, seen, push };
}

function gate(): { open: () => void; opened: Promise<void> } {
	let open = (): void => undefined;
	const opened = new Promise<void>((resolve) => (open = resolve));
	return { open, opened };
}

async function turn(): Promise<void> {
	await new Promise((resolve) => setImmediate(resolve));
	await new Promise((resolve) => setImmediate(resolve));
}

describe('jobs', () => {
	it('are begun ahead and act in order, whichever is ready first', async () => {
		const { queue, seen, push } = recorded();
		const { open, opened } = gate();
		push('a', opened);
		push('b');
		push('c');
		await turn();
		expect(seen).toEqual(['a!', 'b!', 'c!']);
		open();
		await queue.idle();
		expect(seen.slice(3)).toEqual(['a', 'b', 'c']);
	});

	it('act one at a time, however long one takes', async () => {
		const { queue, seen, push } = recorded();
		const { open, opened } = gate();
		queue.push('slow', async () => async () => {
			await opened;
			seen.push('slow');
		});
		push('b');
		await turn();
		expect(seen).toEqual(['b!']);
		open();
		await queue.idle();
		expect(seen).toEqual(['b!', 'slow', 'b']);
	});

	it('that fail, in either step, are told of in their turn, and the next one acts', async () => {
		const { queue, seen, push } = recorded();
		push('a');
		queue.push('b', async () => await Promise.reject(new Error('begun')));
		queue.push('c', async () => async () => await Promise.reject(new Error('acted')));
		push('d');
		await queue.idle();
		expect(seen).toEqual(['a!', 'd!', 'a', 'b? Error: begun', 'c? Error: acted', 'd']);
	});

	it('that were begun but did not act when they were held are begun anew', async () => {
		const { queue, seen, push } = recorded();
		const { open, opened } = gate();
		push('a', opened);
		push('b');
		await turn();
		queue.hold();
		open();
		await queue.idle();
		expect(seen).toEqual(['a!', 'b!']);
		await queue.release();
		expect(seen.slice(2)).toEqual(['a!', 'b!', 'a', 'b']);
	});

	it('that did not act when it was stopped never do, nor do later ones', async () => {
		const { queue, seen, push } = recorded();
		const { open, opened } = gate();
		push('a', opened);
		await turn();
		queue.stop();
		push('b');
		open();
		await queue.idle();
		expect(seen).toEqual(['a!']);
	});
});

describe('a sandbox that fails to do what it owes', () => {
	let desk: PecDesk;
	afterEach(async () => await desk.sandbox.stop());

	it('says so in its log, and goes on with the next submission', async () => {
		desk = await PecDesk.open();
		const account = desk.sandbox.store.account(STUDIO);
		if (account === undefined) throw new Error('there is no such account');
		const { deliver } = account;
		account.deliver = () => {
			account.deliver = deliver;
			throw new Error('the disk is broken');
		};
		const { providerId } = await desk.sandbox.sendAs(STUDIO, {
			to: CLIENTE,
			subject: 'Uno',
			text: 'ciao',
		});
		await desk.sandbox.sendAs(STUDIO, { to: CLIENTE, subject: 'Due', text: 'ciao' });
		await desk.sandbox.settled();
		expect(desk.ofType('failure')).toMatchObject([
			{ about: `acceptance of ${providerId}`, error: 'Error: the disk is broken' },
		]);
		expect(desk.inbox(CLIENTE)).toHaveLength(1);
	});
});
