import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { ProcessEnd } from '../../nodes/PecTrigger/processEnd.ts';

/** A process in which n8n listens to signals, as it does. */
function processOfEditor() {
	const signals = new EventEmitter();
	const order: string[] = [];
	signals.once('SIGTERM', () => order.push('n8n'));
	return { signals, order };
}

const never = new Promise<never>(() => undefined);

describe('the end of the process', () => {
	it('is not waited for while n8n goes on', async () => {
		const { signals } = processOfEditor();
		const end = new ProcessEnd(signals);
		end.notice();
		await end.holdUpFor(never);
	});

	it('is known before n8n closes its triggers, and waits for what is to be recorded', async () => {
		const { signals, order } = processOfEditor();
		const end = new ProcessEnd(signals);
		end.notice();
		end.notice();
		expect(signals.listenerCount('SIGTERM')).toBe(2);
		signals.prependOnceListener('SIGTERM', () => order.push('first'));
		signals.emit('SIGTERM');
		const recorded = once(signals, 'recorded').then(() => order.push('recorded'));
		const held = end.holdUpFor(recorded).then(() => order.push('closed'));
		signals.emit('recorded');
		await held;
		expect(order).toEqual(['first', 'n8n', 'recorded', 'closed']);
	});

	it('is not held up by what fails', async () => {
		const { signals } = processOfEditor();
		const end = new ProcessEnd(signals);
		end.notice();
		signals.emit('SIGTERM');
		await end.holdUpFor(Promise.reject(new Error('no connection')));
	});

	it('comes at a second signal as if nobody listened, and where n8n does not listen at all', () => {
		const { signals } = processOfEditor();
		const end = new ProcessEnd(signals);
		end.notice();
		signals.emit('SIGTERM');
		expect(signals.listenerCount('SIGTERM')).toBe(0);
		end.notice();
		expect(signals.listenerCount('SIGTERM')).toBe(0);
		expect(signals.listenerCount('SIGINT')).toBe(0);
	});
});
