import type { INodeProperties, INodePropertyOptions, INodeTypeDescription } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';
import { PecMailbox } from '../../nodes/PecMailbox/PecMailbox.node.ts';

const description = new PecMailbox().description;
const { credentials = [], properties } = description;

function valuesOf({ options = [] }: INodeProperties): Array<INodePropertyOptions['value']> {
	return options.flatMap((option) => ('value' in option ? [option.value] : []));
}

/** When n8n (2.40.5, `injectCustomApiCallOptions`) adds "Custom API Call" to a node one of whose credentials is of OAuth2. */
function offersApiCall({ defaultVersion, version }: INodeTypeDescription): boolean {
	return defaultVersion === undefined || defaultVersion === version;
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

	it('offers no Custom API Call, which n8n added to each list of operations', () => {
		expect(offersApiCall(description)).toBe(false);
	});

	it('calls each credential by what it is for: the editor called both "Credential"', () => {
		const names = credentials.map(({ displayName }) => displayName);
		expect(new Set(names)).toEqual(
			new Set(['PEC Account (Casella PEC)', 'Ordinary Mailbox (Casella Ordinaria)']),
		);
	});
});
