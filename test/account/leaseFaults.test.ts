import { describe, expect, it } from 'vitest';

import { sendMailing } from '../../nodes/account/sending.ts';
import type { RecipientOutcome } from '../../nodes/pec/types.ts';
import { LOST, MemoryDesk, RECIPIENTS } from './memoryDesk.ts';

describe('a run whose claim was stored twice, because the answer to the first was lost', () => {
	it('sends', async () => {
		const desk = new MemoryDesk();
		let claims = 0;
		desk.folder.onAppend = ({ lease }, when) => {
			if (when === 'after' && lease?.step === 'claim') claims += 1;
			if (when !== 'after' || lease?.step !== 'claim' || claims > 1) return;
			desk.clock.time += 5_000;
			throw LOST;
		};
		const outcomes = await desk.send();
		expect(claims).toBe(2);
		expect(outcomes.map(({ action }) => action)).toEqual(['sent', 'sent']);
	});
});

describe('a run whose view lags behind', () => {
	it('does not send what the run before it sent last', async () => {
		const desk = new MemoryDesk();
		const first = sendMailing(desk.options())[Symbol.asyncIterator]();
		await first.next();
		// What comes after its claim the second is not shown for a while.
		const hidden = { from: Infinity, until: 0 };
		desk.folder.onAppend = ({ lease }, when) => {
			if (when !== 'after' || lease?.step !== 'claim') return;
			hidden.from = (desk.folder.stored.at(-1)?.uid ?? 0) + 1;
			hidden.until = desk.clock.time + 20_000;
			desk.folder.onAppend = () => undefined;
		};
		const inLine = new Promise<void>((resolve) => {
			void (async () => {
				second = await desk.send({
					records: async () =>
						desk.folder.records(({ uid }) => uid < hidden.from || desk.clock.time > hidden.until),
					onInLine: resolve,
				});
				done();
			})();
		});
		let second: RecipientOutcome[] = [];
		let done = (): void => undefined;
		const ended = new Promise<void>((resolve) => (done = resolve));
		await inLine;
		// The first sends its last row, and leaves.
		await first.next();
		await first.next();
		await ended;
		expect(second.map(({ action }) => action)).toEqual(['alreadySent', 'alreadySent']);
		expect(desk.taken).toEqual(RECIPIENTS);
	});
});
