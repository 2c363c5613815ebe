/** A value that is not what an option takes; the message is one line that names the option. */
export class OptionError extends Error {}

/** Throws an OptionError unless the value is what stands at `path`. */
export type Check = (value: unknown, path: string) => void;

export const aBoolean: Check = (value, path) => {
	if (typeof value !== 'boolean') throw new OptionError(`${path} is true or false`);
};

/** A whole number from 0 on. */
export const aCount: Check = (value, path) => {
	if (!Number.isSafeInteger(value) || Number(value) < 0) {
		throw new OptionError(`${path} is a whole number from 0 on`);
	}
};

export function aText(pattern: RegExp, words: string): Check {
	return (value, path) => {
		if (typeof value !== 'string' || !pattern.test(value))
			throw new OptionError(`${path} is ${words}`);
	};
}

export function oneOf(...allowed: readonly string[]): Check {
	return (value, path) => {
		if (typeof value !== 'string' || !allowed.includes(value)) {
			throw new OptionError(`${path} is ${allowed.join(' or ')}`);
		}
	};
}

/** One of the words, or what the other check takes. */
export function wordOr(words: readonly string[], otherwise: Check): Check {
	return (value, path) => {
		if (typeof value === 'string') oneOf(...words)(value, path);
		else otherwise(value, path);
	};
}

/** No member but these, of which the required ones must be there. */
export function anObject(
	members: Readonly<Record<string, Check>>,
	required: readonly string[] = [],
): Check {
	return (value, path) => {
		const given = entriesOf(value, path);
		for (const [name, member] of given) {
			const check = Object.hasOwn(members, name) ? members[name] : undefined;
			if (check === undefined) {
				const known = Object.keys(members).join(', ');
				throw new OptionError(`There is no option ${below(path, name)}; there are ${known}`);
			}
			check(member, below(path, name));
		}
		const missing = required.find((name) => !given.some(([present]) => present === name));
		if (missing !== undefined) throw new OptionError(`${below(path, missing)} is missing`);
	};
}

/** Any names. */
export function aRecord(check: Check): Check {
	return (value, path) => {
		for (const [name, member] of entriesOf(value, path)) check(member, below(path, name));
	};
}

export function aList(check: Check): Check {
	return (value, path) => {
		if (!Array.isArray(value)) throw new OptionError(`${path} is a list`);
		for (const [index, member] of value.entries()) check(member, `${path}[${index}]`);
	};
}

function entriesOf(value: unknown, path: string): [string, unknown][] {
	if (typeof value !== 'object' || value === null || Array.isArray(value)) {
		throw new OptionError(`${path === '' ? 'What the options stand in' : path} is an object`);
	}
	return Object.entries(value);
}

function below(path: string, name: string): string {
	return path === '' ? name : `${path}.${name}`;
}
