import type { ITriggerFunctions } from 'n8n-workflow';
import { expect, it } from 'vitest';
import { readSettings } from '../../nodes/PecTrigger/settings.ts';

const startAt = (startDate: string) => {
	const fields: Readonly<Record<string, unknown>> = { startFrom: 'date', startDate };
	const functions = {
		getNodeParameter: (name: string, otherwise: unknown) => fields[name] ?? otherwise,
		getTimezone: () => 'Europe/Rome',
	};
	return readSettings(functions as unknown as ITriggerFunctions).startAt;
};

it('Start Date is a time where the workflow is, whatever the zone of the machine', () => {
	expect(startAt('2026-03-01T00:00:00')).toEqual(new Date('2026-02-28T23:00:00.000Z'));
	expect(startAt('2026-03-01T00:00:00Z')).toEqual(new Date('2026-03-01T00:00:00.000Z'));
});

it('Start Date that is no date refuses activation, and counts for no day of another year', () => {
	expect(() => startAt('1 marzo')).toThrow('Start Date is no date');
});
