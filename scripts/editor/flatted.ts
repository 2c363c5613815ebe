type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/**
 * Reads the "flatted" text that n8n stores run data in: a JSON array whose first entry is the value; inside of it every
 * string stands for the entry at that index, and only strings that are entries themselves are text.
 */
export function parseFlatted(text: string): unknown {
	const entries = JSON.parse(text) as Json[];
	const read = new Map<number, unknown>();

	function valueOf(json: Json): unknown {
		return typeof json === 'string' ? entryAt(Number(json)) : json;
	}

	function entryAt(index: number): unknown {
		if (read.has(index)) return read.get(index);
		const entry = entries[index];
		if (entry === undefined) throw new SyntaxError(`No entry ${index} in flatted text`);
		if (typeof entry !== 'object' || entry === null) return entry;
		// Kept before its members are read: one of them may point back at it.
		if (Array.isArray(entry)) {
			const list: unknown[] = [];
			read.set(index, list);
			for (const member of entry) list.push(valueOf(member));
			return list;
		}
		const object: Record<string, unknown> = {};
		read.set(index, object);
		for (const [key, member] of Object.entries(entry)) {
			// Defined, not assigned: a key `__proto__` is a key like any other in JSON.
			const value = valueOf(member);
			Object.defineProperty(object, key, {
				value,
				configurable: true,
				enumerable: true,
				writable: true,
			});
		}
		return object;
	}

	return entryAt(0);
}
