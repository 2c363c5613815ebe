/** A value with parameters, as Content-Type and Content-Disposition have. Latin1 texts; parameters as written. */
export interface ParameterValue {
	/** Lower case. */
	readonly value: string;
	readonly parameters: readonly (readonly [name: string, value: string])[];
}

const PARAMETER = /\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\[\s\S])*)"?|([^\s;"]*))[^;]*(?:;|$)/y;

/**
 * Reads `attachment; filename="a b.eml"` (RFC 2045 5.1). Leaves RFC 2231 names and encodings as they are: a client
 * decodes them. What cannot be read is passed over.
 */
export function parseParameterValue(text: string): ParameterValue {
	const semicolon = text.indexOf(';');
	const value = (semicolon === -1 ? text : text.slice(0, semicolon)).replace(/\([^()]*\)/g, '');
	const parameters: [string, string][] = [];
	let position = semicolon === -1 ? text.length : semicolon + 1;
	while (position < text.length) {
		PARAMETER.lastIndex = position;
		const match = PARAMETER.exec(text);
		if (match === null) {
			const next = text.indexOf(';', position);
			position = next === -1 ? text.length : next + 1;
			continue;
		}
		position = PARAMETER.lastIndex;
		const [, name = '', quoted, plain = ''] = match;
		parameters.push([name.toLowerCase(), quoted?.replace(/\\([\s\S])/g, '$1') ?? plain]);
	}
	return { value: value.trim().toLowerCase(), parameters };
}
