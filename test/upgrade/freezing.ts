import type {
	INodeParameters,
	INodeProperties,
	INodeTypeDescription,
	NodeParameterValueType,
} from 'n8n-workflow';
import { isDeepStrictEqual } from 'node:util';
import {
	choicesOf,
	complaints,
	fieldsOf,
	fieldsWithin,
	filledIn,
	kept,
	placeOf,
	shown,
	valuesOf,
	type Fields,
	type SavedForm,
	type SavedType,
} from './forms.ts';

/** What workflows that are saved today keep of a node. */
export function freeze(description: INodeTypeDescription, version: number): SavedType {
	const fields = fieldsOf(description, version);
	const all = [...choicesOf(fields)];
	const choices: Record<string, NodeParameterValueType[]> = {};
	for (const chosen of all) {
		for (const [path, property] of fieldsWithin(shown(fields, chosen))) {
			const values = valuesOf(property);
			if (values.length === 0 || property.type === 'boolean') continue;
			const place = property.name === 'resource' ? '' : placeOf(chosen);
			choices[`${place}: ${path}`] = [
				...new Set([...(choices[`${place}: ${path}`] ?? []), ...values]),
			];
		}
	}
	return {
		type: description.name,
		version,
		credentials: (description.credentials ?? []).map(({ name }) => name),
		inputs: description.inputs as string[],
		outputs: description.outputs as string[],
		forms: all.map((chosen) => formOf(fields, chosen)),
		choices,
	};
}

/** What was frozen before stays; what is new since then is added. */
export function refreeze(before: SavedType, now: SavedType): SavedType {
	const forms = new Map(now.forms.map((form) => [form.name, form]));
	return {
		...before,
		credentials: [...new Set([...before.credentials, ...now.credentials])],
		forms: [
			...before.forms.map((form) => {
				const today = forms.get(form.name);
				forms.delete(form.name);
				return {
					...form,
					parameters: { ...today?.parameters, ...form.parameters },
					meant: { ...today?.meant, ...form.meant },
				};
			}),
			...forms.values(),
		],
		choices: { ...now.choices, ...before.choices, ...widened(before.choices, now.choices) },
	};
}

function widened(before: SavedType['choices'], now: SavedType['choices']): SavedType['choices'] {
	return Object.fromEntries(
		Object.entries(before).map(([field, values]) => [
			field,
			[...new Set([...values, ...(now[field] ?? [])])],
		]),
	);
}

function formOf(fields: Fields, chosen: INodeParameters): SavedForm {
	const values = { ...chosen };
	for (const property of shown(fields, chosen)) {
		if (!(property.name in chosen)) values[property.name] = other(property);
	}
	const { resource, operation, ...rest } = chosen;
	const further = Object.entries(rest).map(([name, value]) => `${name} ${String(value)}`);
	return {
		name: [placeOf(chosen), ...further].filter(Boolean).join(', ') || 'all',
		parameters: kept(fields, values),
		chosen: kept(fields, chosen),
		meant: filledIn(fields, chosen),
		wanted: complaints(fields, chosen),
	};
}

/** A value that a person could have filled in, and that is not the default: n8n does not save defaults. */
function other(property: INodeProperties): NodeParameterValueType {
	const { type, name, default: usual } = property;
	switch (type) {
		case 'boolean':
			return !usual;
		case 'number':
			return Number(usual) + 1;
		case 'options':
			return valuesOf(property).find((value) => value !== usual) ?? `saved ${name}`;
		case 'multiOptions': {
			const values = valuesOf(property);
			const some = isDeepStrictEqual(values, usual) ? values.slice(1) : values;
			return (some.length > 0 ? some : [`saved ${name}`]) as string[];
		}
		case 'dateTime':
			return '2026-03-31T08:00:00';
		case 'resourceLocator':
			return { __rl: true, mode: String(valuesOf(property).at(-1)), value: `saved ${name}` };
		case 'collection':
			return Object.fromEntries(
				((property.options ?? []) as INodeProperties[]).map((one) => [one.name, other(one)]),
			) as INodeParameters;
		case 'fixedCollection':
			return Object.fromEntries(
				(property.options ?? []).map((part) => [
					part.name,
					Object.fromEntries(
						('values' in part ? part.values : []).map((one) => [one.name, other(one)]),
					),
				]),
			) as INodeParameters;
		default:
			return `saved ${name}`;
	}
}
