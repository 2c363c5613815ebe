/** `[[Column]]` in a letter: what stands there of one recipient's row. */
const PLACEHOLDER = /\[\[([^[\]\r\n]{1,200})\]\]/g;

/** The names in a text, trimmed, each once, in the order of their first place. */
export function placeholdersIn(text: string): string[] {
	return [...new Set([...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name.trim()))];
}

/** Fills all placeholders in one pass: a value that looks like a placeholder stays as it is. */
export function fillPlaceholders(text: string, valueOf: (name: string) => string): string {
	return text.replace(PLACEHOLDER, (_, name: string) => valueOf(name.trim()));
}
