import {
	NodeHelpers,
	type INode,
	type INodeParameters,
	type INodeProperties,
	type INodePropertyOptions,
	type INodeTypeDescription,
	type NodeParameterValueType,
} from 'n8n-workflow';

/** A node as a workflow keeps it, and what it meant when it was saved. */
export interface SavedForm {
	readonly name: string;
	/** Every field that shows is filled in with what is not its default, as n8n saves it. */
	readonly parameters: INodeParameters;
	/** What n8n saved of a node in which nothing but the choices in `name` were made. */
	readonly chosen: INodeParameters;
	/** What the fields of that node are, defaults with them. */
	readonly meant: INodeParameters;
	/** Those that n8n wanted filled in. */
	readonly wanted: readonly string[];
}

/** What workflows may have saved of one version of a node, or of a credential. */
export interface SavedType {
	readonly type: string;
	readonly version: number;
	readonly credentials: readonly string[];
	readonly inputs: readonly string[];
	readonly outputs: readonly string[];
	readonly forms: readonly SavedForm[];
	/** Field (`message/send: options.sentCopy`) -> the values that could be chosen. */
	readonly choices: Readonly<Record<string, readonly NodeParameterValueType[]>>;
}

export interface Fields {
	readonly node: INode;
	readonly description: INodeTypeDescription | null;
	readonly properties: INodeProperties[];
}

/** @param description of a node, or of a credential as if it were one */
export function fieldsOf(description: INodeTypeDescription, version: number): Fields {
	const node: INode = {
		id: 'saved',
		name: description.displayName,
		type: description.name,
		typeVersion: version,
		position: [0, 0],
		parameters: {},
	};
	return { node, description, properties: description.properties };
}

/** What n8n keeps of these values when it saves the node: only what shows, and differs from the default. */
export function kept(fields: Fields, values: INodeParameters): INodeParameters {
	return resolved(fields, values, false);
}

/** What the node gets for these values: the defaults beside them. */
export function filledIn(fields: Fields, values: INodeParameters): INodeParameters {
	return resolved(fields, values, true);
}

function resolved(fields: Fields, values: INodeParameters, defaults: boolean): INodeParameters {
	const { node, description, properties } = fields;
	return (
		NodeHelpers.getNodeParameters(properties, values, defaults, false, node, description) ?? {}
	);
}

/** The fields that n8n would mark as missing or wrong. */
export function complaints(fields: Fields, parameters: INodeParameters): string[] {
	const { node, description, properties } = fields;
	const complete = filledIn(fields, parameters);
	const issues = NodeHelpers.getNodeParametersIssues(
		properties,
		{ ...node, parameters: complete },
		description,
	);
	return Object.keys(issues?.parameters ?? {}).sort();
}

export function shown(fields: Fields, values: INodeParameters): INodeProperties[] {
	const { node, description, properties } = fields;
	const complete = filledIn(fields, values);
	return properties.filter((property) =>
		NodeHelpers.displayParameter(complete, property, node, description),
	);
}

/** `message/send`; the whole form of what has no operations. */
export function placeOf({ resource, operation }: INodeParameters): string {
	return [resource, operation].filter((part) => typeof part === 'string').join('/');
}

/** Every way in which choices let other fields show or hide. */
export function* choicesOf(
	fields: Fields,
	chosen: INodeParameters = {},
): Iterable<INodeParameters> {
	const next = shown(fields, chosen).find(
		({ name, type }) => !(name in chosen) && isChoice(type) && decides(fields.properties, name),
	);
	if (!next) {
		yield chosen;
		return;
	}
	const seen = new Set<string>();
	for (const value of valuesOf(next)) {
		const values = { ...chosen, [next.name]: value } as INodeParameters;
		const looks = JSON.stringify(shown(fields, values).map(({ name }) => name));
		// Resource and operation also say what is done; of the others one value of each look is enough.
		if (seen.has(looks) && !['resource', 'operation'].includes(next.name)) continue;
		seen.add(looks);
		yield* choicesOf(fields, values);
	}
}

function isChoice(type: INodeProperties['type']): boolean {
	return type === 'options' || type === 'boolean';
}

function decides(properties: readonly INodeProperties[], name: string): boolean {
	return properties.some(({ displayOptions }) =>
		[displayOptions?.show, displayOptions?.hide].some((rules) => rules && name in rules),
	);
}

export function valuesOf({ type, options, modes }: INodeProperties): NodeParameterValueType[] {
	if (type === 'boolean') return [false, true];
	if (type === 'resourceLocator') return (modes ?? []).map(({ name }) => name);
	if (type !== 'options' && type !== 'multiOptions') return [];
	return ((options ?? []) as INodePropertyOptions[]).map(({ value }) => value);
}

/** The fields of a form, those within collections too, by path. */
export function* fieldsWithin(
	properties: readonly INodeProperties[],
	path = '',
): Iterable<[path: string, property: INodeProperties]> {
	for (const property of properties) {
		const here = path + property.name;
		yield [here, property];
		if (property.type === 'collection') {
			yield* fieldsWithin((property.options ?? []) as INodeProperties[], `${here}.`);
		}
		if (property.type !== 'fixedCollection') continue;
		for (const part of property.options ?? []) {
			if ('values' in part) yield* fieldsWithin(part.values, `${here}.${part.name}.`);
		}
	}
}
