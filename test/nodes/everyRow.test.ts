import { expect, it } from 'vitest';
import type { FailedOutput, Output } from '../../nodes/n8n/operations.ts';
import type { MailingRow } from '../../nodes/PecSend/operations/mailingRows.ts';
import { everyRow } from '../../nodes/PecSend/operations/everyRow.ts';

const row = (number: number) =>
	({
		itemIndex: 0,
		place: { kind: 'csvRow', number },
		row: { recipient: `cliente0${number}@pec.beta.test`, rowKey: '', attempt: 1 },
	}) as MailingRow;
const rows = [row(2), row(3), row(4)];

async function* brokenOff() {
	yield { itemIndex: 0, json: { recipient: 'cliente03@pec.beta.test', action: 'sent' } as never };
	throw new Error('The connection was lost');
}

const tools = {
	signal: undefined,
	fail: (error: unknown, itemIndex: number): FailedOutput => ({
		itemIndex,
		json: { error: (error as Error).message },
	}),
};

it('tells of each row of a list that is left when the run breaks off', async () => {
	const outputs: Output[] = [];
	for await (const output of everyRow({ from: 'csv', rows }, brokenOff(), tools)) {
		outputs.push(output);
	}
	// For n8n they are put in this order.
	expect(outputs.map(({ order }) => order)).toEqual([3, 2, 4]);
	expect(outputs.map(({ json }) => json)).toEqual([
		{ recipient: 'cliente03@pec.beta.test', action: 'sent' },
		{
			error: 'The connection was lost (CSV row 2)',
			details: { recipient: 'cliente02@pec.beta.test' },
		},
		{
			error: 'The connection was lost (CSV row 4)',
			details: { recipient: 'cliente04@pec.beta.test' },
		},
	]);
});

it('leaves items to whoever puts them out', async () => {
	const passing = (async () => {
		for await (const _ of everyRow({ from: 'items', rows }, brokenOff(), tools));
	})();
	await expect(passing).rejects.toThrow('The connection was lost');
});
