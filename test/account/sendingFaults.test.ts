import { describe, expect, it } from 'vitest';

import type { SubmissionAnswer } from '../../nodes/mail/types.ts';
import { LOST, MemoryDesk, RECIPIENTS } from './memoryDesk.ts';

describe('a row that was put off', () => {
	it('comes out without the old reason when a later run sends it', async () => {
		const desk = new MemoryDesk();
		const later: SubmissionAnswer = {
			verdict: 'deferred',
			smtp: { code: 432, response: '432 later' },
		};
		const [first] = await desk.send({
			smtp: async () => desk.smtp(later),
			recipients: RECIPIENTS.slice(0, 1),
		});
		expect(first).toMatchObject({ action: 'deferred', error: { reason: 'deferred' } });
		const [again] = await desk.send({ recipients: RECIPIENTS.slice(0, 1) });
		expect(again).toMatchObject({ action: 'sent', state: 'submitted' });
		expect(again).not.toHaveProperty('error');
	});

	it('because its intent could not be kept is sent by the next run, also where only the answers were lost', async () => {
		const desk = new MemoryDesk();
		let isLost = false;
		desk.folder.onAppend = ({ submissions }, when) => {
			const isIntentOfSecond = submissions?.intents.some(
				({ row }) => row.recipient === RECIPIENTS[1],
			);
			if (when === 'after' && isIntentOfSecond) {
				isLost = true;
				throw LOST;
			}
		};
		const outcomes = await desk.send();
		expect(isLost).toBe(true);
		expect(outcomes.map(({ action }) => action)).toEqual(['sent', 'deferred']);
		desk.folder.onAppend = () => undefined;
		const again = await desk.send();
		expect(again.map(({ action }) => action)).toEqual(['alreadySent', 'sent']);
		expect(desk.taken).toEqual(RECIPIENTS);
	});
});
