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

describe('a run that waits for its first acceptance', () => {
	it('lets others send meanwhile', async () => {
		const desk = new MemoryDesk();
		let other: Promise<RecipientOutcome[]> | undefined;
		let looks = 0;
		let looksBeforeOther: number | undefined;
		const canary = async (): Promise<boolean> => {
			looks += 1;
			other ??= desk.send({ mailing: 'Altro', recipients: RECIPIENTS.slice(1) });
			void other.then(() => (looksBeforeOther ??= looks));
			await new Promise((resolve) => setImmediate(resolve));
			return false;
		};
		const first = await desk.send({ canary });
		expect(first.map(({ action, error }) => error?.reason ?? action)).toEqual([
			'sent',
			'firstAcceptance',
		]);
		expect((await other)?.map(({ action }) => action)).toEqual(['sent']);
		expect(looksBeforeOther).toBeLessThan(20);
		expect(looks).toBeGreaterThan(20);
	});
});

describe('a run that cannot renew its lease while a message is under way', () => {
	it('tries now and then', async () => {
		const desk = new MemoryDesk();
		let asked = 0;
		let isAway = false;
		const smtp = {
			submit: async () => {
				isAway = true;
				const until = desk.clock.time + 60_000;
				while (desk.clock.time < until) await desk.clock.sleep(100);
				isAway = false;
				return { verdict: 'submitted' as const };
			},
			close: async () => undefined,
		};
		const records = async () => {
			if (isAway) asked += 1;
			return await (isAway ? Promise.reject(LOST) : Promise.resolve(desk.folder.records()));
		};
		const outcomes = await desk.send({
			smtp: async () => smtp,
			records,
			recipients: RECIPIENTS.slice(1),
		});
		expect(outcomes.map(({ action }) => action)).toEqual(['sent']);
		expect(asked).toBeGreaterThan(0);
		expect(asked).toBeLessThan(60);
	});
});
