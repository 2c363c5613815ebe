import type { INodeTypeDescription } from 'n8n-workflow';
import { isDeepStrictEqual } from 'node:util';
import {
	complaints,
	fieldsOf,
	fieldsWithin,
	filledIn,
	kept,
	placeOf,
	shown,
	valuesOf,
	type Fields,
	type SavedType,
} from './forms.ts';

/** What would become of saved workflows with today's description: a sentence for each thing that is lost or changed. */
export function losses(saved: SavedType, description: INodeTypeDescription): string[] {
	const { type, version } = saved;
	if (description.name !== type) return [`${type} is called ${description.name}`];
	if (![description.version].flat().includes(version)) {
		return [`${type} has no version ${version}`];
	}
	const fields = fieldsOf(description, version);
	return [
		...beyond('has no credential', saved.credentials, namesOf(description.credentials)),
		...(isDeepStrictEqual(saved.inputs, description.inputs) ? [] : ['other inputs']),
		...(isDeepStrictEqual(saved.outputs, description.outputs) ? [] : ['other outputs']),
		...saved.forms.flatMap((form) =>
			[
				...changed('is saved as', form.parameters, kept(fields, form.parameters)),
				...changed('without a value is', form.meant, filledIn(fields, form.chosen)),
				...beyond('also wants', complaints(fields, form.chosen), form.wanted),
				...complaints(fields, form.parameters).map((name) => `${name} is not accepted`),
			].map((loss) => `${form.name}: ${loss}`),
		),
		...lostChoices(saved, fields),
	];
}

function namesOf(list: INodeTypeDescription['credentials']): string[] {
	return (list ?? []).map(({ name }) => name);
}

function beyond(what: string, these: readonly string[], those: readonly string[]): string[] {
	return these.filter((name) => !those.includes(name)).map((name) => `${what} ${name}`);
}

/** Of what was there before; what is new is no loss. */
function changed(says: string, before: object, now: object, path = ''): string[] {
	return Object.entries(before).flatMap(([name, value]: [string, unknown]) => {
		const here = `${path}${name}`;
		const today = (now as Record<string, unknown>)[name];
		if (isDeepStrictEqual(value, today)) return [];
		const deeper = isRecord(value) && isRecord(today);
		if (deeper) return changed(says, value, today, `${here}.`);
		return [`${here} ${says} ${JSON.stringify(today) ?? 'nothing'}, was ${JSON.stringify(value)}`];
	});
}

function isRecord(value: unknown): value is object {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function lostChoices({ choices, forms }: SavedType, fields: Fields): string[] {
	const now = new Map<string, Set<unknown>>();
	for (const { meant } of forms) {
		for (const [path, property] of fieldsWithin(shown(fields, meant))) {
			const place = property.name === 'resource' ? '' : placeOf(meant);
			const values = now.get(`${place}: ${path}`) ?? new Set();
			for (const value of valuesOf(property)) values.add(value);
			now.set(`${place}: ${path}`, values);
		}
	}
	return Object.entries(choices).flatMap(([field, values]) =>
		values
			.filter((value) => !now.get(field)?.has(value))
			.map((value) => `${field} cannot be ${JSON.stringify(value)} any more`),
	);
}
