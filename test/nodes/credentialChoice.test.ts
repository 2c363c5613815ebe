import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';
import { PecMailbox } from '../../nodes/PecMailbox/PecMailbox.node.ts';

const { credentials = [], properties } = new PecMailbox().description;

function valuesOf({ options = [] }: INodeProperties): Array<INodePropertyOptions['value']> {
	return options.flatMap((option) => ('value' in option ? [option.value] : []));
}

/** What n8n's editor (2.40.5, `getMainAuthField`) takes for the choice of how the whole node signs in. */
function choicesOfCredential(): string[] {
	const shown = credentials.flatMap(({ displayOptions }) =>
		Object.entries(displayOptions?.show ?? {}),
	);
	const isNamed = (field: string, value: unknown) =>
		shown.some(([name, values = []]) => name === field && values.some((one) => one === value));
	return properties
		.filter(({ name }) => shown.some(([field]) => field === name))
		.filter((field) => valuesOf(field).every((value) => isNamed(field.name, value)))
		.map(({ name }) => name);
}

describe('the form of PEC Mailbox', () => {
	it('keeps Resource and Operation: no field looks to the editor like the choice of a credential, which took them away', () => {
		expect(credentials.length).toBeGreaterThan(1);
		expect(choicesOfCredential()).toEqual([]);
	});
});
